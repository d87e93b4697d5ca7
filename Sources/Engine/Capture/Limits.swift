/// Limits of this module, each with its reason.
package enum CaptureLimits {
  /// Events of one commit. Large enough that two syncs of the disk per commit cost little per event, small enough that a
  /// crash repeats less than a second of work.
  package static let batchEvents = 20_000
  /// Bytes of one commit, estimated before encoding; outbox and log each hold a batch in memory once.
  package static let batchBytes = 8 << 20
  /// One encoded event. A record of the log holds at most 1 MiB − 1 KiB, its key and origin included: an event between the
  /// two limits could neither be sent nor be replaced by a marker, and would stop capture at its row for ever.
  package static let eventBytes = (1 << 20) - (4 << 10)
  /// One line of a web log. Apache's own limits for a request line and a header are 8 KiB each.
  package static let lineBytes = 64 << 10
  /// One field of a row: readers of the log take 64 KiB, of which a seal needs a few.
  package static let fieldBytes = 60 << 10
  /// What is kept, sealed, of a record that cannot be parsed: enough to see what it was.
  package static let rejectedRawBytes = 8 << 10
  /// A user agent longer than this is cut; real ones stay below 512.
  package static let userAgentBytes = 2_048
  /// A path or referrer longer than this is cut; browsers stop at about 2,000.
  package static let pathBytes = 2_048
  /// A UTM value longer than this is cut; campaign names are short.
  package static let utmBytes = 128
  /// How much of a web log is read at once.
  package static let blockBytes = 1 << 20
  /// How many bytes before a position are hashed to recognise the file again after a restart.
  package static let tailBytes = 1_024
  /// Files of one web log that are remembered; rotation keeps a few dozen.
  package static let rememberedFiles = 1_000
  /// Visitors and users kept in memory between lines; about 400 bytes each.
  package static let cachedVisitors = 65_536
  /// Rows read in one transaction of the platform database. A reader of a rollback-journal database holds up the
  /// platform's commits, so each read ends within some ten milliseconds.
  package static let rowsPerRead = 2_000
  /// How many changes before and after that of a line the deletion of its order is looked for: a cascade puts both into one
  /// transaction. A look takes some ten milliseconds, once for each read.
  package static let deletionWindow: Int64 = 20_000
  /// Deleted orders whose channel is kept in memory; about 100 bytes each.
  package static let rememberedDeletions = 100_000
  /// Delivered changes that stay in the platform's change table, to recognise it by after a restart.
  package static let changeMargin: Int64 = 100_000
  /// Changes deleted per transaction, so that the platform never waits long for its write lock.
  package static let prunedPerTransaction: Int64 = 5_000
  /// Columns of a captured table; the widest has fifteen.
  package static let changeColumns = 24
  /// A lead sheet; the spreadsheet reader has limits of its own for what unpacks from it.
  package static let sheetBytes = 64 << 20
  /// Rows of a lead sheet, which is compared in memory as a whole.
  package static let sheetRows = 200_000
  /// Dropped columns that are named, and how long a name may be: a foreign file's header is no place for long texts.
  package static let namedColumns = 32
  package static let columnNameBytes = 64
  /// How long a sheet's name may be in a note; the file system allows 255.
  package static let sheetNameBytes = 128
  /// A sheet younger than this may still be written.
  package static let sheetSettlingMillis: Int64 = 1_000
  /// The end of a rotated web log counts as a whole line when nobody has written to it for this long.
  package static let rotatedSettlingMillis: Int64 = 2_000
  /// Each partition of a source that is read to its end gets a heartbeat this often, events or none: what it says is how old
  /// reports are, and an event cannot say that.
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
