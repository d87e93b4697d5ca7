// Field numbers of the envelope and of the values that rows share.

/// The envelope's own fields, and the two payloads that are the engine's. Payloads belong to format 1, entity to
/// encoding to format 2.
package enum EventField: UInt32, MessageFields {
  package static let message = "Event"

  case format = 1
  case source = 2
  case epoch = 3
  case number = 4
  case position = 5
  case operation = 6
  case version = 7
  case occurredAt = 8
  case capturedAt = 9
  case flags = 10
  case entity = 11
  case content = 12
  case key = 13
  case encoding = 14
  case heartbeat = 29
  case rejected = 30

  /// Payloads begin at 16, so that the envelope can grow. A field of these numbers that is unknown is a payload that is
  /// unknown.
  package static var payloads: ClosedRange<UInt32> { 16...99 }

  /// Its type on the wire.
  package var shape: FieldShape {
    switch self {
    case .format: .uint32
    case .source: .string
    case .epoch, .number: .uint64
    case .position: .message("SourcePosition")
    case .operation: .enumeration("Operation")
    case .version: .message("StateVersion")
    case .occurredAt, .capturedAt: .int64
    case .flags: .repeated(.string)
    case .entity: .string
    case .content: .bytes
    case .key: .message("Key")
    case .encoding: .enumeration("ContentEncoding")
    case .heartbeat: .oneof("payload", .message("Heartbeat"))
    case .rejected: .oneof("payload", .message("Rejected"))
    }
  }
}

/// Field numbers of `EventOrigin`.
package enum EventOriginField: UInt32, MessageFields {
  package static let message = "EventOrigin"

  case source = 1
  case epoch = 2
  case number = 3
  case owner = 4
  case vault = 5

  /// Its type on the wire.
  package var shape: FieldShape { self == .source ? .string : .uint64 }
}

/// Field numbers of `SourcePosition`.
package enum SourcePositionField: UInt32, MessageFields {
  package static let message = "SourcePosition"

  case stream = 1
  case record = 2
  case index = 3

  /// Its type on the wire.
  package var shape: FieldShape {
    switch self {
    case .stream: .string
    case .record: .uint64
    case .index: .uint32
    }
  }
}

/// Field numbers of `StateVersion`.
package enum StateVersionField: UInt32, MessageFields {
  package static let message = "StateVersion"

  case major = 1
  case minor = 2

  /// Its type on the wire.
  package var shape: FieldShape { .uint64 }
}

/// Field numbers of `Decimal`.
package enum DecimalField: UInt32, MessageFields {
  package static let message = "Decimal"

  case unscaled = 1
  case scale = 2

  /// Its type on the wire.
  package var shape: FieldShape { self == .unscaled ? .sint64 : .uint32 }
}

/// Field numbers of `Sealed`.
package enum SealedField: UInt32, MessageFields {
  package static let message = "Sealed"

  case key = 1
  case box = 2
  case tokenVersion = 3

  /// Its type on the wire.
  package var shape: FieldShape { self == .tokenVersion ? .uint32 : .bytes }
}

/// Field numbers of `Guarded`.
package enum GuardedField: UInt32, MessageFields {
  package static let message = "Guarded"

  case open = 1
  case personal = 2

  /// Its type on the wire.
  package var shape: FieldShape { .oneof("value", self == .open ? .string : .message("Sealed")) }
}

/// Field numbers of `Key`.
package enum KeyField: UInt32, MessageFields {
  package static let message = "Key"

  case parts = 1

  /// Its type on the wire.
  package var shape: FieldShape { .repeated(.message("KeyPart")) }
}

/// Field numbers of `KeyPart`.
package enum KeyPartField: UInt32, MessageFields {
  package static let message = "KeyPart"

  case integer = 1
  case text = 2
  case uuid = 3
  case bytes = 4
  case personal = 5

  /// Its type on the wire.
  package var shape: FieldShape {
    let value: FieldShape =
      switch self {
      case .integer: .sint64
      case .text: .string
      case .uuid, .bytes: .bytes
      case .personal: .message("Sealed")
      }
    return .oneof("value", value)
  }
}

/// Every change message has these two fields.
package enum ChangeField: UInt32, CaseIterable, Sendable {
  case before = 1
  case after = 2
}
