package import Entity

extension Event {
  /// The same event in another phase: every personal value, in a fixed order (key, `before`, `after`; within a row the
  /// order of its declaration), goes through `transform` with the place that it has.
  package func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
  ) throws(E) -> Event<Q> {
    try mapFields(.both, transform)
  }

  @inline(__always)
  func mapFields<Q: Phase, E: Error>(
    _ states: RowStates, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
  ) throws(E) -> Event<Q> {
    try Event<Q>(envelope, payload, key, states, transform)
  }

  /// The event of these parts in their next phase.
  @inline(__always)
  init<Q: Phase, E: Error>(
    _ envelope: consuming Envelope, _ payload: Payload<Q>, _ key: RowKey<Q>?, _ states: RowStates,
    _ transform: (Q.Field, PersonalPlace) throws(E) -> P.Field
  ) throws(E) {
    var mappedKey: RowKey<P>?
    if let key { mappedKey = try key.mapPersonal(PersonalPlace(payload.keyKind, .key, 0), transform) }
    self.init(envelope, try payload.mapPersonal(states, transform), key: mappedKey)
  }
}

// The two ways that events go, compiled here for their concrete phases. Other modules cannot specialise the generic
// form (its types come through a package import, which cross-module optimization leaves alone): it took 2 µs an event.
extension Event where P == Person {
  /// The same event with every personal field sealed.
  package func mapPersonal<E: Error>(
    _ transform: (PersonalData, PersonalPlace) throws(E) -> SealedData
  ) throws(E) -> Event<SealedPerson> {
    try mapFields(.both, transform)
  }
}

extension Event where P == SealedPerson {
  /// The same event with every personal field opened and tokenized.
  package func mapPersonal<E: Error>(
    _ transform: (SealedData, PersonalPlace) throws(E) -> Token
  ) throws(E) -> Event<PersonToken> {
    try mapFields(.both, transform)
  }
}

/// Which states of a changed row an event keeps in its next phase.
enum RowStates {
  /// As the source told them: for the log.
  case both
  /// The state before a change only where there is none after it, so that a seal of the old state that is broken keeps
  /// no correction out.
  case newest
}

extension Change {
  @inline(__always)
  func map<Other, E: Error>(
    _ states: RowStates, _ transform: (Row, PersonalPlace.State) throws(E) -> Other
  ) throws(E) -> Change<Other> {
    let keepsBefore = states == .both || !hasAfter
    return Change<Other>(
      before: keepsBefore ? try before.mapped(.before, transform) : nil, after: try after.mapped(.after, transform))
  }
}

extension Optional {
  /// `map`, whose typed error the standard library's would take away.
  @inline(__always)
  fileprivate func mapped<Other, E: Error>(
    _ state: PersonalPlace.State, _ transform: (Wrapped, PersonalPlace.State) throws(E) -> Other
  ) throws(E) -> Other? {
    guard let self else { return nil }
    return try transform(self, state)
  }
}
