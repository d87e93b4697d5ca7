/// A value that is personal for some rows only: a company's tax number is public, a natural person's is personal data.
@usableFromInline package enum Guarded<P: Phase>: Sendable, Equatable {
  case open(String)
  case personal(P.Field)
}
extension Guarded: Hashable where P.Field: Hashable {}

extension Guarded {
  /// The value in another phase; an open one stays as it is.
  @inlinable @inline(__always)
  package func mapPersonal<Q: Phase, E: Error>(
    _ place: PersonalPlace, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
  ) throws(E) -> Guarded<Q> {
    switch self {
    case .open(let text): .open(text)
    case .personal(let value): .personal(try transform(value, place))
    }
  }
}

@inlinable @inline(__always)
/// The value in another phase; an absent one stays absent. Rethrows.
package func mapOptional<From, To, E: Error>(
  _ value: From?, _ place: PersonalPlace, _ transform: (From, PersonalPlace) throws(E) -> To
) throws(E) -> To? {
  guard let value else { return nil }
  return try transform(value, place)
}

@inlinable @inline(__always)
/// The value in another phase; an absent one stays absent. Rethrows.
package func mapOptional<P: Phase, Q: Phase, E: Error>(
  _ value: Guarded<P>?, _ place: PersonalPlace, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
) throws(E) -> Guarded<Q>? {
  guard let value else { return nil }
  return try value.mapPersonal(place, transform)
}

@inlinable @inline(__always)
/// The value in another phase; an absent one stays absent. Rethrows.
package func mapOptional<P: Phase, Q: Phase, E: Error>(
  _ value: RowKey<P>?, _ place: PersonalPlace, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
) throws(E) -> RowKey<Q>? {
  guard let value else { return nil }
  return try value.mapPersonal(place, transform)
}
