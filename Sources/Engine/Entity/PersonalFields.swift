/// A set of personal fields, e.g. those that a projection reads.
package struct PersonalFields: Sendable, Hashable, ExpressibleByArrayLiteral {
  private var bits: UInt32

  /// These.
  package init(_ fields: some Sequence<PersonalField>) {
    bits = fields.reduce(0) { $0 | Self.bit($1) }
  }

  /// These.
  package init(arrayLiteral fields: PersonalField...) { self.init(fields) }

  @inline(__always)
  private static func bit(_ field: PersonalField) -> UInt32 { 1 << UInt32(field.rawValue) }

  /// Whether it is one of them.
  @inline(__always)
  package func contains(_ field: PersonalField) -> Bool { bits & Self.bit(field) != 0 }

  /// Adds those.
  package mutating func formUnion(_ other: PersonalFields) { bits |= other.bits }
}

/// How much of an event's personal data its reader looks at; the rest stays sealed.
package enum PersonalScope: Sendable {
  /// Every field, of both states of a changed row: for copies, which keep the whole event.
  case everything
  /// These fields, of a change's newest state: for projections, which hold it against what they have stored. The old
  /// state is left out where there is a new one, and of the other fields only their presence is told, by
  /// `Token.unread`.
  case newest(PersonalFields)
}
