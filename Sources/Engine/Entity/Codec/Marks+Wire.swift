internal import Money
package import Wire

// How Heartbeat stands on the wire: `proto/millrace/v1/event.proto`, message Heartbeat.
extension Heartbeat {
  /// All fields at proto3's defaults.
  package static var blank: Self {
    Self(readUpTo: Timestamp(millis: 0))
  }

  /// Reads the fields of the innermost message over this value. Unknown ones are skipped; hostile bytes throw.
  package mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch HeartbeatField(rawValue: tag.field) {
      case .readUpTo:
        try reader.int64(&readUpTo.millis, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  /// Writes the fields in ascending order of their numbers.
  package func write(_ writer: inout WireWriter) {
    writer.int64(HeartbeatField.readUpTo.rawValue, readUpTo.millis)
  }
}

// How Rejected stands on the wire: `proto/millrace/v1/event.proto`, message Rejected.
extension Rejected where P == SealedPerson {
  /// All fields at proto3's defaults.
  package static var blank: Self {
    Self(reason: "", detail: "", raw: nil)
  }

  /// Reads the fields of the innermost message over this value. Unknown ones are skipped; hostile bytes throw.
  package mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch RejectedField(rawValue: tag.field) {
      case .reason:
        try reader.string(&reason, tag, bytes)
      case .detail:
        try reader.string(&detail, tag, bytes)
      case .raw:
        if raw != nil { throw .repeatedField("Rejected.raw") }
        try reader.sealed(&raw, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  /// Writes the fields in ascending order of their numbers.
  package func write(_ writer: inout WireWriter) {
    writer.string(RejectedField.reason.rawValue, reason)
    writer.string(RejectedField.detail.rawValue, detail)
    writer.sealed(RejectedField.raw.rawValue, raw)
  }
}

/// Field numbers of `Heartbeat`.
package enum HeartbeatField: UInt32, MessageFields {
  package static let message = "Heartbeat"

  case readUpTo = 1

  /// Its type on the wire.
  package var shape: FieldShape {
    switch self {
    case .readUpTo: .int64
    }
  }
}

/// Field numbers of `Rejected`.
package enum RejectedField: UInt32, MessageFields {
  package static let message = "Rejected"

  case reason = 1
  case detail = 2
  case raw = 3

  /// Its type on the wire.
  package var shape: FieldShape {
    switch self {
    case .reason, .detail: .string
    case .raw: .message("Sealed")
    }
  }
}
