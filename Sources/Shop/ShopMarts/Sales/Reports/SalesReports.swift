package import Reports

/// The reports of the sales mart.
extension ReportDefinition {
  /// The ledger per month.
  package static let monthlySales = ledger(
    "monthly-sales", "gross, cancelled, returned and net sales per month and currency"
  ) { try PeriodSales.answer($0.request, $0.marts, base: $0.baseCurrency, per: .month) }

  /// The ledger per quarter.
  package static let quarterlySales = ledger("quarterly-sales", "the same ledger per quarter") {
    try PeriodSales.answer($0.request, $0.marts, base: $0.baseCurrency, per: .quarter)
  }

  /// The ledger per product.
  package static let productSales = ledger("product-sales", "the same ledger per category, product and quarter") {
    try ProductSales.answer($0.request, $0.marts)
  }

  /// Buying companies.
  package static let companySales = ranking(
    "company-sales", "revenue, orders and customers per buying company"
  ) { try CompanySales.answer($0.request, $0.marts) }

  /// Suppliers.
  package static let supplierSales = ranking(
    "supplier-sales", "units, revenue and price span per supplier"
  ) { try SupplierSales.answer($0.request, $0.marts) }

  private static func ledger(
    _ name: String, _ meaning: String, answer: @escaping @Sendable (ReportQuestion) throws -> ReportContent
  ) -> ReportDefinition {
    ReportDefinition(
      name: name, meaning: meaning, marts: [SalesMart.name],
      options: [
        .from, .to, .calendar, .channel,
        .timezone("days of cancellations and returns in this zone, e.g. America/Toronto"),
      ], window: .months(12), newestEvent: SalesMart.newestEvent, needs: ReportNeeds(.orders), answer: answer)
  }

  private static func ranking(
    _ name: String, _ meaning: String, answer: @escaping @Sendable (ReportQuestion) throws -> ReportContent
  ) -> ReportDefinition {
    ReportDefinition(
      name: name, meaning: meaning, marts: [SalesMart.name], options: [.from, .to, .channel, .top()],
      window: .months(12), newestEvent: SalesMart.newestEvent, needs: ReportNeeds(.orders), answer: answer)
  }
}
