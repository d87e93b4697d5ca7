package import Enrichment
package import Entity
package import Events
package import Projections

/// One event ready to fold: tokenized, and for web requests with its derived facts.
package struct ProjectionInput: Sendable {
  package var event: Event<PersonToken>
  package var facts: RequestFacts?
  @inlinable @inline(__always) package init(event: Event<PersonToken>, facts: RequestFacts?) {
    self.event = event
    self.facts = facts
  }
}

/// A projection of the shop's events.
package protocol ShopProjection: Projection {
  /// Folds into memory. Throwing leaves this projection unchanged; the event goes to quarantine. Events that are none
  /// of its business are ignored.
  func fold(_ input: ProjectionInput) throws(QuarantineReason)
}

extension MartDefinition {
  /// A new set of its projections. All of a mart of the shop are the shop's.
  package func shopProjections() -> [any ShopProjection] { projections().compactMap { $0 as? any ShopProjection } }
}
