internal import Money
internal import Reports
internal import SQLite

/// company-sales: what companies bought. Orders that were cancelled or returned are left out whole.
enum CompanySales {
  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let sales = try marts.sales
    let window = request.window
    let companies = try Companies(sales)
    let found = try sales.rows(
      """
      SELECT company, currency, count(*), sum(units), sum(amount_minor), count(DISTINCT customer_id) FROM orders
      WHERE company IS NOT NULL AND order_type = ?1 AND status NOT IN \(SalesMart.closedStates) AND order_day BETWEEN ?2 AND ?3
        AND (?4 IS NULL OR channel = ?4)
      GROUP BY company, currency
      """,
      [
        .integer(SalesMart.sale), .integer(window.firstDay), .integer(window.lastDay),
        .optional(request.salesChannel),
      ]
    ) { row in
      (
        company: row.text(0), currency: row.text(1), orders: row.int64(2), units: row.int64(3), revenue: row.int64(4),
        customers: row.int64(5)
      )
    }
    let ranked = found.sorted {
      ($1.revenue, $0.company, $0.currency) < ($0.revenue, $1.company, $1.currency)
    }
    let rows = request.top(of: ranked).enumerated().map { index, row -> [ReportCell] in
      [
        .integer(Int64(index + 1)), .text(Companies.shown(row.company)), .text(companies.name(row.company)),
        .text(row.currency), .integer(row.orders), .integer(row.units), .integer(row.revenue),
        .integer(row.customers),
      ]
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("rank", .identifier), ReportColumn("company", .text), ReportColumn("company_name", .text),
          ReportColumn("currency", .text), ReportColumn("orders", .count), ReportColumn("units", .count),
          ReportColumn("revenue_minor", .money), ReportColumn("customers", .count),
        ], rows: rows))
  }
}
