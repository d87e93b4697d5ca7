package import Entity
package import Money

// `mapPersonal` with both phases fixed. Generics of this module are not specialised in others (measured: 1.8 µs for a web
// request instead of 0.2), and these two mappings run once for every event; here the compiler sees concrete types.

extension Event where P == Person {
  /// As the general form, which in other modules goes through the types' run-time descriptions.
  package init(
    source: String, epoch: UInt64, number: UInt64, position: SourcePosition, operation: Operation,
    version: StateVersion, occurredAt: Timestamp, capturedAt: Timestamp, flags: [String], payload: Payload<Person>
  ) {
    self.init(
      Envelope(
        source: source, epoch: epoch, number: number, position: position, operation: operation, version: version,
        occurredAt: occurredAt, capturedAt: capturedAt, flags: flags), payload)
  }

  /// `mapPersonal` for capture.
  package func sealingPersonal(
    _ transform: (PersonalData, PersonalField) throws -> SealedData
  ) throws -> Event<SealedPerson> {
    try mapPersonal(transform)
  }
}

extension Event where P == SealedPerson {
  /// `mapPersonal` for those who look at tokens.
  package func tokenizingPersonal(
    _ scope: PersonalScope, _ transform: (SealedData, PersonalField) throws -> Token
  ) throws -> Event<PersonToken> {
    switch scope {
    case .everything: try mapFields(.both, transform)
    case .newest(let fields):
      try mapFields(.newest) { sealed, field in fields.contains(field) ? try transform(sealed, field) : .unread }
    }
  }
}
