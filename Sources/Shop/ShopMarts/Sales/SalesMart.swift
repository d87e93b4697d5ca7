internal import Entity
internal import Events
internal import Marts
package import Projections
internal import Reports

extension MartDefinition {
  /// What was sold, and what it refers to.
  package static let sales = MartDefinition(
    name: SalesMart.name,
    meaning:
      "Orders, their ledger, and the catalog they refer to: products, companies, prices, customers, stores, rates.",
    sources: [MartSource(SourceName.platform, topics: [Topic.orders, Topic.catalog])],
    projections: { [OrdersProjection(), CatalogProjection()] },
    reports: [.monthlySales, .quarterlySales, .productSales, .companySales, .supplierSales],
    parked: [
      ParkedFacts(view: "parked_lines", words: "order lines"),
      ParkedFacts(view: "parked_rates", words: "days without an exchange rate", currency: "currency"),
    ])
}
