internal import Events
package import Marts

/// A mart: its projections, in flush order.
package struct MartDefinition: Sendable {
  package var name: String
  package var meaning: String
  /// Sources whose age counts for this mart's reports, with the topics they come by.
  package var sources: [MartSource]
  /// Topics that are read as well, of sources that never tell how far they were read: what people decide comes when it comes.
  package var otherTopics: [String]
  package var projections: @Sendable () -> [any Projection]

  package init(
    name: String, meaning: String, sources: [MartSource], otherTopics: [String] = [],
    projections: @escaping @Sendable () -> [any Projection]
  ) {
    self.name = name
    self.meaning = meaning
    self.sources = sources
    self.otherTopics = otherTopics
    self.projections = projections
  }

  package var topics: [String] { Array(Set(sources.flatMap(\.topics) + otherTopics)).sorted() }
}

extension MartDefinition {
  package static let sales = MartDefinition(
    name: "sales",
    meaning:
      "Orders, their ledger, and the catalog they refer to: products, companies, prices, customers, stores, rates.",
    sources: [MartSource(SourceName.platform, topics: [Topic.orders, Topic.catalog])],
    projections: { [OrdersProjection(), CatalogProjection()] })

  package static let traffic = MartDefinition(
    name: "traffic",
    meaning: "Requests to the web site as sessions, users' days and answers' days.",
    sources: [MartSource(SourceName.weblog, topics: [Topic.weblog])],
    projections: { [TrafficProjection()] })

  package static let leads = MartDefinition(
    name: "leads",
    meaning: "Marketing leads in their current state.",
    sources: [MartSource(SourceName.leads, topics: [Topic.leads])],
    projections: { [LeadsProjection()] })

  package static let advertising = MartDefinition(
    name: "advertising",
    meaning: "What advertising cost, and which budgets were recommended.",
    sources: [MartSource(SourceName.spend, topics: [Topic.spend])], otherTopics: [Topic.decisions],
    projections: { [SpendProjection(), DecisionsProjection()] })

  /// Every mart, in the order in which `status` lists them.
  package static let all = [sales, traffic, leads, advertising]

  /// What each of them depends on, for those who tell its age.
  package static let sourcesByMart = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.sources) })
}
