/// Versions of the contract of events (`proto/millrace/v1/event.proto`). A change that would make older readers misread
/// an event is a new one; new optional fields are not.
package enum EventFormat {
  /// A field of its own for each entity's content; rows have no key apart from their own fields.
  package static var first: UInt32 { 1 }
  /// Names the entity, holds its content as bytes and the row's key beside it; seals are tied to the state that they
  /// belong to.
  package static var second: UInt32 { 2 }
  /// What is written.
  package static var written: UInt32 { second }
  /// The newest that is read.
  package static var newest: UInt32 { second }
}

/// How the content of an event is written, from format 2 on.
package struct ContentEncoding: RawRepresentable, Sendable, Hashable {
  /// The number in the contract.
  package var rawValue: Int32
  /// Any number is kept.
  package init(rawValue: Int32) { self.rawValue = rawValue }
  /// As it is: all that is written and read.
  package static let plain = ContentEncoding(rawValue: 0)
  /// One Zstandard frame. Kept for later; refused.
  package static let zstandard = ContentEncoding(rawValue: 1)
}

extension ContentEncoding: Named {
  package static let names: [(value: ContentEncoding, name: String)] = [(.plain, "plain"), (.zstandard, "zstandard")]
}

/// Names of the engine's own entities, which stand on every topic.
package enum EngineEntity {
  /// `Heartbeat`.
  package static var heartbeat: String { "heartbeat" }
  /// `Rejected`.
  package static var rejected: String { "rejected" }
}

/// Which entity each payload's number of format 1 stands for. Behind the reader of records there are names alone.
package struct FormatOneEntities: Sendable {
  /// By number, from `EventField.payloads.lowerBound` on.
  private var names: [String?]

  /// Numbers outside 16 to 99 are never met. The engine's own two need not be among them.
  package init(_ entities: [(number: UInt32, name: String)]) {
    names = EventField.payloads.map { number in entities.first { $0.number == number }?.name }
    names[Int(EventField.heartbeat.rawValue - EventField.payloads.lowerBound)] = EngineEntity.heartbeat
    names[Int(EventField.rejected.rawValue - EventField.payloads.lowerBound)] = EngineEntity.rejected
  }

  /// nil: no payload, or one that is not known.
  package func name(of number: UInt32) -> String? {
    guard EventField.payloads.contains(number) else { return nil }
    return names[Int(number - EventField.payloads.lowerBound)]
  }
}
