internal import Money
internal import Reports
internal import SQLite

/// supplier-sales: what was sold of each supplier's products. Orders that were cancelled or returned are left out whole.
enum SupplierSales {
  private struct Key: Hashable {
    /// nil: the product has not arrived, or names no supplier.
    var supplier: String?
    var currency: String
  }

  private struct Sums {
    var products: Set<Int64> = []
    var units: Int64 = 0
    var revenue: Int64 = 0
    var priceMin = Int64.max
    var priceMax = Int64.min

    mutating func add(product: Int64, units: Int64, revenue: Int64, priceMinor: Int64) {
      products.insert(product)
      self.units &+= units
      self.revenue &+= revenue
      priceMin = min(priceMin, priceMinor)
      priceMax = max(priceMax, priceMinor)
    }
  }

  private static let unknown = "unknown"

  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let sales = try marts.sales
    let window = request.window
    let companies = try Companies(sales)
    var suppliers: [Int64: String] = [:]
    try sales.query("SELECT product_id, supplier FROM products WHERE supplier IS NOT NULL") {
      suppliers[$0.int64(0)] = $0.text(1)
    }
    var sums: [Key: Sums] = [:]
    try sales.query(
      """
      SELECT l.product_id, l.quantity, l.price_unscaled, l.price_scale, l.amount_minor, o.currency
      FROM order_lines l CROSS JOIN orders o ON o.order_id = l.order_id
      WHERE o.order_type = ?1 AND o.status NOT IN \(SalesMart.closedStates) AND o.order_day BETWEEN ?2 AND ?3
        AND (?4 IS NULL OR o.channel = ?4)
      """,
      [
        .integer(SalesMart.sale), .integer(window.firstDay), .integer(window.lastDay),
        .optional(request.salesChannel),
      ]
    ) { row in
      let currency = row.text(5)
      let price = Decimal64(unscaled: row.int64(2), scale: UInt8(clamping: row.int64(3)))
      let priceMinor = price.minor(exponent: Currency(currency)?.exponent ?? 2) ?? 0
      let key = Key(supplier: suppliers[row.int64(0)], currency: currency)
      sums[key, default: Sums()].add(
        product: row.int64(0), units: row.int64(1), revenue: row.int64(4), priceMinor: priceMinor)
    }
    let ranked = sums.sorted {
      ($1.value.revenue, $0.key.supplier ?? unknown, $0.key.currency)
        < ($0.value.revenue, $1.key.supplier ?? unknown, $1.key.currency)
    }
    let rows = request.top(of: ranked).enumerated().map { index, entry -> [ReportCell] in
      let supplier = entry.key.supplier
      return [
        .integer(Int64(index + 1)), .text(supplier.map(Companies.shown) ?? unknown),
        .text(supplier.map(companies.name) ?? unknown), .text(entry.key.currency),
        .integer(Int64(entry.value.products.count)), .integer(entry.value.units), .integer(entry.value.revenue),
        .integer(entry.value.priceMin), .integer(entry.value.priceMax),
      ]
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("rank", .identifier), ReportColumn("supplier", .text), ReportColumn("supplier_name", .text),
          ReportColumn("currency", .text), ReportColumn("products", .count), ReportColumn("units", .count),
          ReportColumn("revenue_minor", .money), ReportColumn("price_min_minor", .money),
          ReportColumn("price_max_minor", .money),
        ], rows: rows))
  }
}
