/// Why bytes are no message. Carries names of our own fields, never content.
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
  /// The bytes end inside a field.
  case truncated
  /// A varint beyond ten bytes, a field number of 0, an end of a group that did not begin, a wire type that does not
  /// exist.
  case malformed
  /// Message or field above its limit (`WireLimits`).
  case tooLong
  /// Nested deeper than `WireLimits.depth`.
  case tooDeep
  /// More elements than `WireLimits.repeatedElements`.
  case tooMany
  case notUTF8
  /// A known field with another wire type than its own.
  case wrongWireType
  /// A field that the message cannot be without.
  case missingField(StaticName)
  /// A field whose value its type cannot hold, such as a key of 15 bytes.
  case outOfRange(StaticName)
  /// A message field that may stand once stands twice. Merging, as protobuf allows, is refused: no writer of ours makes
  /// such bytes, and two readings of one record would be possible.
  case repeatedField(StaticName)
}

/// A field's name known at compile time: throwing it allocates nothing.
@usableFromInline
package struct StaticName: Sendable, Equatable, ExpressibleByStringLiteral, CustomStringConvertible {
  @usableFromInline package let text: StaticString
  @inlinable package init(stringLiteral text: StaticString) { self.text = text }
  @usableFromInline package var description: String { text.description }
  @usableFromInline package static func == (left: StaticName, right: StaticName) -> Bool {
    left.description == right.description
  }
}
