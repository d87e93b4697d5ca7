internal import Money
package import Wire

// How Heartbeat stands on the wire: `proto/millrace/v1/event.proto`, message Heartbeat.
extension Heartbeat {
  package static var blank: Self {
    Self(readUpTo: Timestamp(millis: 0))
  }

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

  package func write(_ writer: inout WireWriter) {
    writer.int64(HeartbeatField.readUpTo.rawValue, readUpTo.millis)
  }
}

// How Rejected stands on the wire: `proto/millrace/v1/event.proto`, message Rejected.
extension Rejected where P == SealedPerson {
  package static var blank: Self {
    Self(reason: "", detail: "", raw: nil)
  }

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

  package func write(_ writer: inout WireWriter) {
    writer.string(RejectedField.reason.rawValue, reason)
    writer.string(RejectedField.detail.rawValue, detail)
    writer.sealed(RejectedField.raw.rawValue, raw)
  }
}

package enum HeartbeatField: UInt32, MessageFields {
  package static let message = "Heartbeat"

  case readUpTo = 1

  package var shape: FieldShape {
    switch self {
    case .readUpTo: .int64
    }
  }
}

package enum RejectedField: UInt32, MessageFields {
  package static let message = "Rejected"

  case reason = 1
  case detail = 2
  case raw = 3

  package var shape: FieldShape {
    switch self {
    case .reason, .detail: .string
    case .raw: .message("Sealed")
    }
  }
}
