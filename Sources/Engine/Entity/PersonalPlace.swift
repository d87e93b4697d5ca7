/// Where in its event a personal value stands: which kind it is of, and what its seal is tied to.
@usableFromInline package struct PersonalPlace: Hashable, Sendable {
  /// Which state of a row. Numbers are part of seals, and never change.
  @usableFromInline package enum State: UInt8, Sendable {
    /// What happens once has no states.
    case once = 0
    case before = 1
    case after = 2
    /// The event's key, which stands beside its content.
    case key = 3
  }

  @usableFromInline package let field: PersonalField
  @usableFromInline package let state: State
  /// Which part of a key, from 0; 0 elsewhere.
  @usableFromInline package var part: UInt16
  /// Number of the field in its message, so that two fields of one kind are two places; 0 in the event's key.
  @usableFromInline package let number: UInt32

  @inlinable package init(_ field: PersonalField, _ state: State, _ number: UInt32, part: UInt16 = 0) {
    self.field = field
    self.state = state
    self.number = number
    self.part = part
  }

  /// All of it in one number, of which no two places have the same: kind (8 bits), state (8), part (16), number (32).
  @inlinable package var code: UInt64 {
    UInt64(field.rawValue) << 56 | UInt64(state.rawValue) << 48 | UInt64(part) << 32 | UInt64(number)
  }
}

extension PersonalPlace {
  /// The first part of an event's key, of the engine's own kind.
  package static var rowKey: PersonalPlace { PersonalPlace(.rowKey, .key, 0) }
}
