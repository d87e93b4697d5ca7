// `mapPersonal` with both phases fixed. Generics of this module are not specialised in others (measured: 1.8 µs for a web
// request instead of 0.2), and these two mappings run once for every event; here the compiler sees concrete types.

extension Event where P == Person {
  /// `mapPersonal` for capture.
  package func sealingPersonal(
    _ transform: (PersonalData, PersonalField) throws -> SealedData
  ) throws -> Event<SealedPerson> {
    try mapPersonal(transform)
  }
}

extension Event where P == SealedPerson {
  /// `mapPersonal` for projections.
  package func tokenizingPersonal(
    _ transform: (SealedData, PersonalField) throws -> Token
  ) throws -> Event<PersonToken> {
    try mapPersonal(transform)
  }
}
