/// Which personal field a value belongs to. Each has a token key of its own, so equal values in two fields have
/// different tokens; values that must join across sources carry one field. Those who describe a company's entities say
/// which there are; the engine itself knows the raw record and the row's key alone.
@usableFromInline package struct PersonalField: Hashable, Sendable, CustomStringConvertible {
  /// 1 to 31. Part of seals and of token keys: never given to another field, not even after its own has gone.
  @usableFromInline package let rawValue: UInt8
  /// How equal values are recognised. Belongs to the token key's version: a change needs a new one and a replay.
  @usableFromInline package let form: CanonicalForm
  /// Whether one value stands in many events (a visitor's address in each of the requests), so that its token is
  /// remembered.
  @usableFromInline package let comesAgain: Bool

  /// 1 to 31; another number is a mistake of the program and stops it.
  @inlinable package init(_ rawValue: UInt8, _ form: CanonicalForm, comesAgain: Bool = false) {
    precondition(rawValue > 0 && rawValue < 32, "a personal field outside 1 to 31")
    self.rawValue = rawValue
    self.form = form
    self.comesAgain = comesAgain
  }

  /// A whole source record that could not be parsed.
  @inlinable package static var rawRecord: PersonalField { PersonalField(12, .bytes) }
  /// A personal part of a row's key, in a field that says no kind of its own.
  @inlinable package static var rowKey: PersonalField { PersonalField(13, .exact, comesAgain: true) }

  /// By number.
  @inlinable package static func == (left: PersonalField, right: PersonalField) -> Bool {
    left.rawValue == right.rawValue
  }
  @inlinable package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
  @usableFromInline package var description: String { "personal field \(rawValue)" }
}

/// Forms under which values of a personal field are compared.
@usableFromInline package enum CanonicalForm: UInt8, Sendable {
  /// Trimmed, NFC, case kept: names of accounts, addresses, dates.
  case text
  /// Trimmed, NFC, in lower case: e-mail addresses.
  case lowercased
  /// Trimmed, NFC, each run of blanks one space, case kept: names of people.
  case collapsed
  /// Digits only: numbers of cards. Without any digit: as text.
  case digits
  /// Digits only, with a leading + kept: phones.
  case phone
  /// Digits only; with letters in it digits and letters, in upper case: documents.
  case document
  /// An IP address in the form of inet_ntop(3), an IPv4-mapped IPv6 address as IPv4; not an address: as text.
  case address
  /// Trimmed, otherwise as it is: whole records.
  case bytes
  /// As it is: keys, which sources compare byte by byte.
  case exact
  /// Digits only; where a label of small letters and dashes and a colon stand in front, as text: tax numbers. Without
  /// any digit: as text.
  case labelledDigits
}
