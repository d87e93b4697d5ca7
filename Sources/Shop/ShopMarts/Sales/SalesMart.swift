internal import Entity
internal import Events
internal import Marts
package import Projections

extension MartDefinition {
  /// What was sold, and what it refers to.
  package static let sales = MartDefinition(
    name: "sales",
    meaning:
      "Orders, their ledger, and the catalog they refer to: products, companies, prices, customers, stores, rates.",
    sources: [MartSource(SourceName.platform, topics: [Topic.orders, Topic.catalog])],
    projections: { [OrdersProjection(), CatalogProjection()] })
}
