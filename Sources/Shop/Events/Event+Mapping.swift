extension Event {
  /// The same event in another phase: every personal field, in a fixed order (`before`, then `after`; within a row the
  /// order of its declaration), goes through `transform`.
  package func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Event<Q> {
    try mapFields(.both, transform)
  }

  @inline(__always)
  func mapFields<Q: Phase, E: Error>(
    _ states: RowStates, _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Event<Q> {
    Event<Q>(
      source: source, epoch: epoch, number: number, position: position, operation: operation, version: version,
      occurredAt: occurredAt, capturedAt: capturedAt, flags: flags, payload: try payload.mapPersonal(states, transform))
  }
}

// The two ways that events go, compiled here for their concrete phases. Other modules cannot specialise the generic form
// (its types come through a package import, which cross-module optimization leaves alone): it took 2 µs an event.
extension Event where P == Person {
  /// The same event with every personal field sealed.
  package func mapPersonal<E: Error>(
    _ transform: (PersonalData, PersonalField) throws(E) -> SealedData
  ) throws(E) -> Event<SealedPerson> {
    try mapFields(.both, transform)
  }
}

extension Event where P == SealedPerson {
  /// The same event with every personal field opened and tokenized.
  package func mapPersonal<E: Error>(
    _ transform: (SealedData, PersonalField) throws(E) -> Token
  ) throws(E) -> Event<PersonToken> {
    try mapFields(.both, transform)
  }
}

/// Which states of a changed row an event keeps in its next phase.
enum RowStates {
  /// As the source told them: for the log.
  case both
  /// The state before a change only where there is none after it, so that a seal of the old state that is broken keeps no
  /// correction out.
  case newest
}

extension Change {
  @inline(__always)
  func map<Other, E: Error>(
    _ states: RowStates, _ transform: (Row) throws(E) -> Other
  ) throws(E) -> Change<Other> {
    let keepsBefore = states == .both || after == nil
    return Change<Other>(before: keepsBefore ? try before.mapped(transform) : nil, after: try after.mapped(transform))
  }
}

extension Optional {
  /// `map`, whose typed error the standard library's would take away.
  @inline(__always)
  fileprivate func mapped<Other, E: Error>(_ transform: (Wrapped) throws(E) -> Other) throws(E) -> Other? {
    guard let self else { return nil }
    return try transform(self)
  }
}

extension Guarded {
  /// The value in another phase; an open one stays as it is.
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ field: PersonalField, _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Guarded<Q> {
    switch self {
    case .open(let text): .open(text)
    case .personal(let value): .personal(try transform(value, field))
    }
  }
}

@inline(__always)
func mapOptional<From, To, E: Error>(
  _ value: From?, _ field: PersonalField, _ transform: (From, PersonalField) throws(E) -> To
) throws(E) -> To? {
  guard let value else { return nil }
  return try transform(value, field)
}

@inline(__always)
func mapOptional<P: Phase, Q: Phase, E: Error>(
  _ value: Guarded<P>?, _ field: PersonalField, _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
) throws(E) -> Guarded<Q>? {
  guard let value else { return nil }
  return try value.mapPersonal(field, transform)
}
