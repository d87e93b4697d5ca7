/// Limits of this module, each with its reason.
package enum CaptureLimits {
  /// Events of one commit. Large enough that two syncs of the disk per commit cost little per event, small enough that
  /// a crash repeats less than a second of work.
  package static let batchEvents = 20_000
  /// Bytes of one commit, estimated before encoding; outbox and log each hold a batch in memory once.
  package static let batchBytes = 8 << 20
  /// One encoded event. A record of the log holds at most 1 MiB − 1 KiB, its key and origin included: an event between
  /// the two limits could neither be sent nor be replaced by a marker, and would stop capture at its row for ever.
  package static let eventBytes = (1 << 20) - (4 << 10)
  /// One field of a row: readers of the log take 64 KiB, of which a seal needs a few.
  package static let fieldBytes = 60 << 10
  /// What is kept, sealed, of a record that cannot be parsed: enough to see what it was.
  package static let rejectedRawBytes = 8 << 10
  /// Rejected records of one source whose places are kept, so that they can be listed and settled one by one: some
  /// megabytes. More of them are a wrong file, not bad rows.
  package static let listedRejections = 50_000
  /// Reasons and columns of a run that are counted apart.
  static let rejectionGroups = 1_000
  /// What a source leaves for later because somebody may still write to it is whole when nobody has for this long; a
  /// single run waits for that.
  package static let settlingMillis: Int64 = 2_000
  /// Each partition of a source that is read to its end gets a heartbeat this often, events or none: what it says is
  /// how old reports are, and an event cannot say that.
  package static let heartbeatMillis: Int64 = 10_000
  /// Offsets between two kept anchors of a partition (beside the newest); bounds their number by the log's length.
  package static let anchorSpacing: Int64 = 4_096
  /// Bytes committed to capture.sqlite before its write-ahead log is emptied.
  package static let bytesPerCheckpoint = 64 << 20
  /// How long a source is read live before it may tidy up behind itself.
  package static let turnMillis: Int64 = 2_000
  /// How long sources wait at most, when a capture begins, for those that stand before them.
  package static let headStartMillis: Int64 = 1_000
  /// A source that has not answered for this long is told of, and not waited for when the capture is to end. Longer
  /// than a statement waits for a lock, and than the largest sheet takes.
  package static let silentMillis: Int64 = 10_000
  /// How often a capture looks after its sources.
  package static let lookMillis = 250
  /// First and longest pause before an unreachable log or a source that failed is tried again.
  package static let firstRetryMillis = 250
  package static let longestRetryMillis = 10_000
}
