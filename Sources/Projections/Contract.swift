package import Enrichment
package import Events
package import Marts

// CONTRACT STUB: the owner of this module may split this file; names and meaning stay.

/// Why one event is left out of the mart: a typed reason for the quarantine table, never content.
package struct QuarantineReason: Error, Equatable, Sendable {
  /// "order.absurdQuantity", "order.negativePrice", …
  package var code: String
  /// What was wrong, without content: field name, limit.
  package var detail: String
  package init(_ code: String, _ detail: String) {
    self.code = code
    self.detail = detail
  }
}

/// One event ready to fold: tokenized, and for web requests with its derived facts.
package struct ProjectionInput: Sendable {
  package var event: Event<PersonToken>
  package var facts: RequestFacts?
  package init(event: Event<PersonToken>, facts: RequestFacts?) {
    self.event = event
    self.facts = facts
  }
}

/// A business rule: events in, row changes out. Deterministic: no clock, no randomness, no I/O outside the lent transaction;
/// time is the event's time. After `flush` the tables are a function of the *set* of events folded so far and of their state
/// versions, not of their order across partitions or of where flushes happened (the law of replay).
package protocol Projection: AnyObject {
  /// Constants; both are part of the generation's identity.
  static var name: String { get }
  static var version: Int { get }
  static var topics: [String] { get }
  static var tables: [TableDefinition] { get }
  static var views: [ViewDefinition] { get }
  /// Folds into memory. Throwing leaves this projection unchanged; the event goes to quarantine. Events that are none of its
  /// business are ignored.
  func fold(_ input: ProjectionInput) throws(QuarantineReason)
  /// Entries held in memory since the last flush; the pipeline flushes before it grows without bound.
  var pendingCount: Int { get }
  /// Writes everything folded since the last flush and forgets it.
  func flush(into transaction: MartTransaction) throws
  /// Throws away what was folded since the last flush (the transaction failed).
  func discard()
}

/// A mart: its projections, in flush order. `MartDefinition.all` lists sales, traffic, leads.
package struct MartDefinition: Sendable {
  package var name: String
  package var meaning: String
  /// Sources whose age counts for this mart's reports, with the topics they come by.
  package var sources: [(source: String, topics: [String])]
  package var projections: @Sendable () -> [any Projection]
  package init(
    name: String, meaning: String, sources: [(source: String, topics: [String])],
    projections: @escaping @Sendable () -> [any Projection]
  ) {
    self.name = name
    self.meaning = meaning
    self.sources = sources
    self.projections = projections
  }
  package var topics: [String] { Array(Set(sources.flatMap(\.topics))).sorted() }
}
