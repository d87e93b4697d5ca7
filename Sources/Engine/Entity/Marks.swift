// What the engine itself writes among a source's events: how far it was read, and records that could not become events.
package import Money

/// "The source was read up to this moment": what a report's age is computed from.
package struct Heartbeat: Sendable, Equatable {
  /// Everything that the source held at this moment is in the log.
  package var readUpTo: Timestamp
  package init(readUpTo: Timestamp) { self.readUpTo = readUpTo }
}

/// A source record that could not become an event; keeps its number, so that counts still balance.
@usableFromInline package struct Rejected<P: Phase>: Sendable, Equatable {
  /// Typed reason, e.g. "weblog.unparsable", "date.impossible", "sheet.missingColumn".
  @usableFromInline package var reason: String
  /// What was wrong, without content: column name, length.
  @usableFromInline package var detail: String
  @usableFromInline package var raw: P.Field?
  @inlinable package init(reason: String, detail: String, raw: P.Field?) {
    self.reason = reason
    self.detail = detail
    self.raw = raw
  }
}

extension Rejected {
  @inlinable @inline(__always)
  /// In another phase.
  package func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
  ) throws(E) -> Rejected<Q> {
    Rejected<Q>(
      reason: reason,
      detail: detail,
      raw: try mapOptional(raw, .rejectedRecord, transform))
  }
}

extension PersonalPlace {
  /// Field `raw` of `Rejected`.
  @inlinable package static var rejectedRecord: PersonalPlace { PersonalPlace(.rawRecord, .once, 3) }
}
