package import Money

/// One change or occurrence, as the log keeps it (`proto/millrace/v1/event.proto`).
package struct Event<P: Phase>: Sendable, Equatable {
  /// Name of the source system: "platform", "weblog", "leads", "spend", "operator".
  package var source: String
  /// Begins anew only when the source's history breaks; from 1.
  package var epoch: UInt64
  /// Contiguous from 1 per (source, epoch, topic, partition).
  package var number: UInt64
  package var position: SourcePosition
  package var operation: Operation
  package var version: StateVersion
  package var occurredAt: Timestamp
  package var capturedAt: Timestamp
  /// Findings that do not keep the event out of reports, e.g. "card.invalid", "cuit.checkDigit", "userAgent.invalidBytes".
  package var flags: [String]
  package var payload: Payload<P>

  package init(
    source: String, epoch: UInt64, number: UInt64, position: SourcePosition, operation: Operation,
    version: StateVersion,
    occurredAt: Timestamp, capturedAt: Timestamp, flags: [String] = [], payload: Payload<P>
  ) {
    self.source = source
    self.epoch = epoch
    self.number = number
    self.position = position
    self.operation = operation
    self.version = version
    self.occurredAt = occurredAt
    self.capturedAt = capturedAt
    self.flags = flags
    self.payload = payload
  }
}

/// Exactly where in the source an event comes from.
package struct SourcePosition: Sendable, Hashable {
  /// Table, log file identity or sheet; never personal.
  package var stream: String
  /// Change number, byte offset or row.
  package var record: UInt64
  /// Which event of that record, from 0.
  package var index: UInt32
  package init(stream: String, record: UInt64, index: UInt32 = 0) {
    self.stream = stream
    self.record = record
    self.index = index
  }
}

/// Order of two states of one entity: (epoch, commit position) for databases and sheets, (event time, number) for event
/// sources. A version older than the stored one counts as applied (superseded) and changes nothing.
package struct StateVersion: Sendable, Hashable, Comparable {
  package var major: UInt64
  package var minor: UInt64
  @inlinable package init(major: UInt64, minor: UInt64) {
    self.major = major
    self.minor = minor
  }
  @inlinable package static func < (left: StateVersion, right: StateVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

/// Unknown numbers are kept, not refused, so that older readers survive newer writers.
package struct Operation: RawRepresentable, Sendable, Hashable {
  package var rawValue: Int32
  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let create = Operation(rawValue: 1)
  package static let update = Operation(rawValue: 2)
  package static let delete = Operation(rawValue: 3)
  package static let snapshot = Operation(rawValue: 4)
  package static let heartbeat = Operation(rawValue: 5)
  package static let rejected = Operation(rawValue: 6)
  package static let erase = Operation(rawValue: 7)
}

package struct Change<Row: Sendable & Equatable>: Sendable, Equatable {
  /// The row before; nil for create and snapshot.
  package var before: Row?
  /// The row after; nil for delete.
  package var after: Row?
  @inlinable package init(before: Row? = nil, after: Row? = nil) {
    self.before = before
    self.after = after
  }
}
