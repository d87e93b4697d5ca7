extension Event {
  /// The same event in another phase: every personal field, in a fixed order (`before`, then `after`; within a row the
  /// order of its declaration), goes through `transform`.
  package func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Event<Q> {
    Event<Q>(
      source: source, epoch: epoch, number: number, position: position, operation: operation, version: version,
      occurredAt: occurredAt, capturedAt: capturedAt, flags: flags, payload: try payload.mapPersonal(transform))
  }
}

extension Payload {
  package func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Payload<Q> {
    switch self {
    case .order(let change):
      .order(Change(before: try change.before?.mapPersonal(transform), after: try change.after?.mapPersonal(transform)))
    case .orderLine(let change): .orderLine(change)
    case .product(let change):
      .product(
        Change(before: try change.before?.mapPersonal(transform), after: try change.after?.mapPersonal(transform)))
    case .company(let change):
      .company(
        Change(before: try change.before?.mapPersonal(transform), after: try change.after?.mapPersonal(transform)))
    case .supplierPrice(let change):
      .supplierPrice(
        Change(before: try change.before?.mapPersonal(transform), after: try change.after?.mapPersonal(transform)))
    case .customer(let change):
      .customer(
        Change(before: try change.before?.mapPersonal(transform), after: try change.after?.mapPersonal(transform)))
    case .store(let change): .store(change)
    case .country(let change): .country(change)
    case .exchangeRate(let change): .exchangeRate(change)
    case .stock(let change): .stock(change)
    case .shipment(let change): .shipment(change)
    case .lead(let change):
      .lead(Change(before: try change.before?.mapPersonal(transform), after: try change.after?.mapPersonal(transform)))
    case .webRequest(let request): .webRequest(try request.mapPersonal(transform))
    case .heartbeat(let heartbeat): .heartbeat(heartbeat)
    case .rejected(let rejected): .rejected(try rejected.mapPersonal(transform))
    }
  }
}

extension Guarded {
  /// The value in another phase; an open one stays as it is.
  package func mapPersonal<Q: Phase, E: Error>(
    _ field: PersonalField, _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Guarded<Q> {
    switch self {
    case .open(let text): .open(text)
    case .personal(let value): .personal(try transform(value, field))
    }
  }
}

func mapOptional<From, To, E: Error>(
  _ value: From?, _ field: PersonalField, _ transform: (From, PersonalField) throws(E) -> To
) throws(E) -> To? {
  guard let value else { return nil }
  return try transform(value, field)
}

func mapOptional<P: Phase, Q: Phase, E: Error>(
  _ value: Guarded<P>?, _ field: PersonalField, _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
) throws(E) -> Guarded<Q>? {
  guard let value else { return nil }
  return try value.mapPersonal(field, transform)
}
