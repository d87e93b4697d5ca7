package import EventLog

/// How many events came, and what became of them: in = applied + quarantined + duplicates, always.
package struct MartCounts: Equatable, Sendable {
  /// Events read, duplicates and unreadable ones included.
  package var eventsIn: Int64
  /// Events folded, superseded ones and heartbeats included.
  package var applied: Int64
  /// Events left out with a reason.
  package var quarantined: Int64
  /// Events dropped because their number had been seen.
  package var duplicates: Int64

  package init(eventsIn: Int64 = 0, applied: Int64 = 0, quarantined: Int64 = 0, duplicates: Int64 = 0) {
    self.eventsIn = eventsIn
    self.applied = applied
    self.quarantined = quarantined
    self.duplicates = duplicates
  }

  /// in = applied + quarantined + duplicates. The file itself refuses a row for which it does not hold.
  package var balances: Bool { eventsIn == applied &+ quarantined &+ duplicates }

  /// Both together, each kind by itself.
  package static func + (left: MartCounts, right: MartCounts) -> MartCounts {
    MartCounts(
      eventsIn: left.eventsIn &+ right.eventsIn, applied: left.applied &+ right.applied,
      quarantined: left.quarantined &+ right.quarantined, duplicates: left.duplicates &+ right.duplicates)
  }

  /// What came since, each kind by itself.
  package static func - (left: MartCounts, right: MartCounts) -> MartCounts {
    MartCounts(
      eventsIn: left.eventsIn &- right.eventsIn, applied: left.applied &- right.applied,
      quarantined: left.quarantined &- right.quarantined, duplicates: left.duplicates &- right.duplicates)
  }
}

/// One numbered sequence of events. Records without a readable origin belong to source "", epoch 0, and are not
/// numbered.
package struct StreamKey: Hashable, Sendable {
  /// Name of the source, as its events carry it.
  package var source: String
  /// Which beginning of the source its numbers belong to; rises when its history broke.
  package var epoch: Int64
  /// Numbers run through one partition.
  package var partition: TopicPartition

  package init(source: String, epoch: Int64, partition: TopicPartition) {
    self.source = source
    self.epoch = epoch
    self.partition = partition
  }
}

/// An event that is left out of the mart. Never holds content.
package struct QuarantineEntry: Equatable, Sendable {
  /// Where the record stands in the log.
  package var partition: TopicPartition
  /// Its place in the partition.
  package var offset: Offset
  /// As its origin says; empty: not readable.
  package var source: String
  /// As its origin says; 0: not readable.
  package var epoch: Int64
  /// 0: not readable.
  package var number: Int64
  /// "capture", "decode", "open", "validate", "fold".
  package var stage: String
  /// "order.absurdQuantity", "event.undecodable", …
  package var reason: String
  /// Field names and limits, never content.
  package var detail: String
  /// The record's timestamp, milliseconds since 1970.
  package var capturedAt: Int64
  /// SHA-256 of the record's value; empty for a tombstone.
  package var valueHash: [UInt8]

  package init(
    partition: TopicPartition, offset: Offset, source: String, epoch: Int64, number: Int64, stage: String,
    reason: String, detail: String, capturedAt: Int64, valueHash: [UInt8]
  ) {
    self.partition = partition
    self.offset = offset
    self.source = source
    self.epoch = epoch
    self.number = number
    self.stage = stage
    self.reason = reason
    self.detail = detail
    self.capturedAt = capturedAt
    self.valueHash = valueHash
  }
}

/// The mart's bookkeeping in memory: positions, numbers, counts, what goes to quarantine. Loaded from a generation by
/// `MartWriter.ledger()`, moved on while events are folded, written by `MartWriter.absorb` in the same transaction as
/// the rows. After a failed `absorb` it is ahead of the file: load it again.
package struct MartLedger: Sendable {
  /// What is known of one sequence: its numbers, and what became of its events.
  package struct Stream: Sendable {
    package let key: StreamKey
    /// Which of its numbers have come.
    package internal(set) var tracker: NumberTracker
    /// What became of its events, including what is not absorbed yet.
    package internal(set) var counts: MartCounts
    var isChanged = false
  }

  /// Change of the table of gaps, in order.
  enum GapChange: Sendable {
    case open(stream: Int, ClosedRange<UInt64>)
    case close(stream: Int, ClosedRange<UInt64>)
  }

  struct SourceKey: Hashable, Sendable {
    var source: String
    var partition: TopicPartition
  }

  /// By the index that `stream(_:)` gives. Grows only.
  package internal(set) var streams: [Stream] = []
  private var indexes: [StreamKey: Int] = [:]
  /// As stored in the file; a partition that was not known yet is missing.
  package internal(set) var positions: [TopicPartition: LogAnchor] = [:]
  /// Positions to be written by the next `absorb`; empty: there is nothing to write.
  package internal(set) var moved: [TopicPartition: LogAnchor] = [:]
  var readUpTo: [SourceKey: Int64] = [:]
  var changedReadUpTo: Set<SourceKey> = []
  var gapChanges: [GapChange] = []
  /// Rows to be written by the next `absorb`.
  package internal(set) var quarantine: [QuarantineEntry] = []

  /// Of a mart that nothing was folded into yet.
  package init() {}

  /// Index of a stream for the calls below; new streams are added.
  package mutating func stream(_ key: StreamKey) -> Int {
    if let known = indexes[key] { return known }
    indexes[key] = streams.count
    streams.append(Stream(key: key, tracker: NumberTracker(), counts: MartCounts()))
    return streams.count - 1
  }

  mutating func load(_ key: StreamKey, tracker: NumberTracker, counts: MartCounts) {
    let index = stream(key)
    streams[index].tracker = tracker
    streams[index].counts = counts
  }

  /// Counts a numbered event as come in. False: a duplicate, already counted as such, to be dropped. True: exactly one
  /// of `applied` and `quarantine` must follow.
  package mutating func accept(number: UInt64, in stream: Int) -> Bool {
    streams[stream].isChanged = true
    streams[stream].counts.eventsIn &+= 1
    switch streams[stream].tracker.offer(number) {
    case .next: return true
    case .opened(let gap):
      gapChanges.append(.open(stream: stream, gap))
      return true
    case .closed(let gap):
      gapChanges.append(.close(stream: stream, gap))
      for rest in NumberTracker.rest(of: gap, without: number) { gapChanges.append(.open(stream: stream, rest)) }
      return true
    case .duplicate:
      streams[stream].counts.duplicates &+= 1
      return false
    }
  }

  /// Counts an event without a readable number as come in; `quarantine` must follow.
  package mutating func acceptUnnumbered(in stream: Int) {
    streams[stream].isChanged = true
    streams[stream].counts.eventsIn &+= 1
  }

  /// Counts an accepted event as folded.
  package mutating func applied(in stream: Int) { streams[stream].counts.applied &+= 1 }

  /// Counts an accepted event as left out, and keeps its row for the next `absorb`.
  package mutating func quarantine(_ entry: QuarantineEntry, in stream: Int) {
    streams[stream].counts.quarantined &+= 1
    quarantine.append(entry)
  }

  /// "The source was read up to this moment" (milliseconds since 1970); earlier moments change nothing.
  package mutating func sourceRead(_ source: String, _ partition: TopicPartition, upTo millis: Int64) {
    let key = SourceKey(source: source, partition: partition)
    if let known = readUpTo[key], known >= millis { return }
    readUpTo[key] = millis
    changedReadUpTo.insert(key)
  }

  /// Everything before `position` of the partition has been accounted for.
  package mutating func move(_ partition: TopicPartition, to position: LogAnchor) { moved[partition] = position }

  /// The log has this partition. Kept even before it holds anything, so that the mart knows from whom it has not heard.
  package mutating func know(_ partition: TopicPartition) {
    if positions[partition] == nil, moved[partition] == nil { moved[partition] = LogAnchor(nextOffset: .first) }
  }

  /// Where reading goes on: what was moved, else what is stored, else the partition's start.
  package func nextOffset(of partition: TopicPartition) -> Offset {
    (moved[partition] ?? positions[partition])?.nextOffset ?? .first
  }

  /// Whether a partition was moved since the last `absorb`.
  package var hasChanges: Bool { !moved.isEmpty }

  /// Sum over all streams, including what is not absorbed yet.
  package var counts: MartCounts { streams.reduce(MartCounts()) { $0 + $1.counts } }

  mutating func committed() {
    for index in streams.indices { streams[index].isChanged = false }
    positions.merge(moved) { $1 }
    moved.removeAll(keepingCapacity: true)
    changedReadUpTo.removeAll(keepingCapacity: true)
    gapChanges.removeAll(keepingCapacity: true)
    quarantine.removeAll(keepingCapacity: true)
  }
}
