package import EventLog

/// Which events in quarantine still count. A mart keeps all that it has left out, as the log says it; what was mended
/// since, was refused by an earlier mapping, or was looked at and discarded is told from outside.
package struct QuarantineRules: Sendable, Equatable {
  /// One numbered event.
  package struct Number: Hashable, Sendable {
    /// Whose it is.
    package var stream: StreamKey
    /// In that stream.
    package var number: Int64

    package init(stream: StreamKey, number: Int64) {
      self.stream = stream
      self.number = number
    }
  }

  /// Up to which event, of one source in one partition.
  package struct Reach: Hashable, Sendable {
    /// Name of the source; empty: not readable.
    package var source: String
    /// Where its events stand.
    package var partition: TopicPartition

    package init(source: String, partition: TopicPartition) {
      self.source = source
      self.partition = partition
    }
  }

  /// One record of the log.
  package struct Record: Hashable, Sendable {
    /// Where it stands.
    package var partition: TopicPartition
    /// Its place there.
    package var offset: Offset

    package init(partition: TopicPartition, offset: Offset) {
      self.partition = partition
      self.offset = offset
    }
  }

  /// Epoch and number, or offset where a record has no number.
  package struct Mark: Comparable, Sendable {
    /// Of the source's numbers.
    package var epoch: Int64
    /// The event's number, or the record's offset.
    package var number: Int64

    package init(epoch: Int64, number: Int64) {
      self.epoch = epoch
      self.number = number
    }

    /// By epoch, then number.
    package static func < (left: Mark, right: Mark) -> Bool {
      (left.epoch, left.number) < (right.epoch, right.number)
    }
  }

  /// Rejected by capture, and mended or gone since.
  package var settled: Set<Number> = []
  /// What capture rejected up to here was rejected under another mapping.
  package var cuts: [Reach: Mark] = [:]
  /// Refused by a mart, and a newer state of the row came through since.
  package var corrected: Set<Record> = []
  /// What somebody has discarded: by reason, up to where.
  package var discarded: [String: [Reach: Mark]] = [:]

  package init() {}

  /// Whether all that is in quarantine counts.
  package var isEmpty: Bool { settled.isEmpty && cuts.isEmpty && corrected.isEmpty && discarded.isEmpty }

  /// Whether an event in quarantine still counts.
  package func counts(_ entry: QuarantineEntry) -> Bool {
    let reach = Reach(source: entry.source, partition: entry.partition)
    let mark = Mark(of: entry)
    if let end = discarded[entry.reason]?[reach], mark <= end { return false }
    guard entry.stage == Self.capture else {
      return !corrected.contains(Record(partition: entry.partition, offset: entry.offset))
    }
    if let cut = cuts[reach], mark <= cut { return false }
    let stream = StreamKey(source: entry.source, epoch: entry.epoch, partition: entry.partition)
    return !settled.contains(Number(stream: stream, number: entry.number))
  }

  /// Stage of what capture could not read as an event.
  package static let capture = "capture"
}

extension QuarantineRules.Mark {
  /// Where an entry stands among those of its source and partition.
  package init(of entry: QuarantineEntry) {
    self.init(epoch: entry.epoch, number: entry.number > 0 ? entry.number : entry.offset.rawValue)
  }
}
