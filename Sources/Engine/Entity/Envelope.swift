package import Money

/// What every event says, whatever it is about (`proto/millrace/v1`): where it comes from, which one it is, what
/// happened when.
package struct Envelope: Sendable, Equatable {
  /// The format of the contract that it is written in, or was read from.
  package var format: UInt32
  /// Name of the source system: "platform", "weblog", "operator". Keys of two systems are never the same row.
  package var source: String
  /// Begins anew only when the source's history breaks; from 1.
  package var epoch: UInt64
  /// Contiguous from 1 per (source, epoch, topic, partition).
  package var number: UInt64
  /// Exactly where in the source it comes from.
  package var position: SourcePosition
  /// What happened to the thing.
  package var operation: EventOperation
  /// Order of the states of one thing.
  package var version: StateVersion
  /// When it happened, as the source says.
  package var occurredAt: Timestamp
  /// When capture read it.
  package var capturedAt: Timestamp
  /// Findings that do not keep the event out of reports, e.g. "card.invalid", "userAgent.invalidBytes".
  package var flags: [String]

  package init(
    source: String, epoch: UInt64, number: UInt64, position: SourcePosition, operation: EventOperation,
    version: StateVersion, occurredAt: Timestamp, capturedAt: Timestamp, flags: [String] = [],
    format: UInt32 = EventFormat.written
  ) {
    self.format = format
    self.source = source
    self.epoch = epoch
    self.number = number
    self.position = position
    self.operation = operation
    self.version = version
    self.occurredAt = occurredAt
    self.capturedAt = capturedAt
    self.flags = flags
  }

  /// What the record's header says of it.
  package var origin: EventOrigin { EventOrigin(source: source, epoch: epoch, number: number) }
}

/// Exactly where in the source an event comes from.
@usableFromInline package struct SourcePosition: Sendable, Hashable {
  /// Table, log file identity or sheet; never personal.
  @usableFromInline package var stream: String
  /// Change number, byte offset or row.
  @usableFromInline package var record: UInt64
  /// Which event of that record, from 0.
  @usableFromInline package var index: UInt32
  package init(stream: String, record: UInt64, index: UInt32 = 0) {
    self.stream = stream
    self.record = record
    self.index = index
  }
}

/// Order of two states of one entity: (epoch, commit position) for databases and sheets, (event time, number) for event
/// sources. A version older than the stored one counts as applied (superseded) and changes nothing.
@usableFromInline package struct StateVersion: Sendable, Hashable, Comparable {
  @usableFromInline package var major: UInt64
  @usableFromInline package var minor: UInt64
  @inlinable package init(major: UInt64, minor: UInt64) {
    self.major = major
    self.minor = minor
  }
  /// By major, then minor.
  @inlinable package static func < (left: StateVersion, right: StateVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

/// Unknown numbers are kept, not refused, so that older readers survive newer writers.
@usableFromInline package struct EventOperation: RawRepresentable, Sendable, Hashable {
  @usableFromInline package var rawValue: Int32
  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let create = EventOperation(rawValue: 1)
  package static let update = EventOperation(rawValue: 2)
  package static let delete = EventOperation(rawValue: 3)
  package static let snapshot = EventOperation(rawValue: 4)
  package static let heartbeat = EventOperation(rawValue: 5)
  package static let rejected = EventOperation(rawValue: 6)
  package static let erase = EventOperation(rawValue: 7)
}
