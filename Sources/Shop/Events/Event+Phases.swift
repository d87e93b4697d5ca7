package import Entity
package import Money

// `mapPersonal` with both phases fixed. Generics of this module are not specialised in others (measured: 1.8 µs for a
// web request instead of 0.2), and these two mappings run once for every event; here the compiler sees concrete types.

extension Event where P == Person {
  /// As the general form, which in other modules goes through the types' run-time descriptions.
  package init(
    source: String, epoch: UInt64, number: UInt64, position: SourcePosition, operation: EventOperation,
    version: StateVersion, occurredAt: Timestamp, capturedAt: Timestamp, flags: [String], payload: Payload<Person>,
    key: RowKey<Person>? = nil
  ) {
    self.init(
      Envelope(
        source: source, epoch: epoch, number: number, position: position, operation: operation, version: version,
        occurredAt: occurredAt, capturedAt: capturedAt, flags: flags), payload, key: key ?? payload.naturalKey())
  }

  /// `mapPersonal` for capture.
  package func sealingPersonal(
    _ transform: (PersonalData, PersonalPlace) throws -> SealedData
  ) throws -> Event<SealedPerson> {
    try mapPersonal(transform)
  }
}

extension Event where P == SealedPerson {
  /// `mapPersonal` for those who look at tokens. The event's key is never left unread: without it the row is none.
  package func tokenizingPersonal(
    _ scope: PersonalScope, _ transform: (SealedData, PersonalPlace) throws -> Token
  ) throws -> Event<PersonToken> {
    try SealedContent(payload: payload, key: key).tokenizingPersonal(envelope, scope, transform)
  }
}

extension SealedContent {
  /// The event with tokens for its personal data. The key is never left unread: without it the row is none.
  package func tokenizingPersonal(
    _ envelope: consuming Envelope, _ scope: PersonalScope, _ transform: (SealedData, PersonalPlace) throws -> Token
  ) throws -> Event<PersonToken> {
    switch scope {
    case .everything: try Event<PersonToken>(envelope, payload, key, .both, transform)
    case .newest(let fields):
      try Event<PersonToken>(envelope, payload, key, .newest) { sealed, place in
        fields.contains(place.field) || place.state == .key ? try transform(sealed, place) : .unread
      }
    }
  }
}
