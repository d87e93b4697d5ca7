internal import Money
internal import Reports
internal import SQLite

/// product-sales: the ledger per category, product and quarter. Read from the lines, because only they know products.
enum ProductSales {
  private struct Key: Hashable {
    /// Its number in the mart.
    var product: Int64
    var quarter: Quarter
    var currency: String
  }

  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let sales = try marts.sales
    let window = request.window
    let zone = request.zone("timezone")
    var sums: [Key: LedgerSums] = [:]
    func add(
      _ kind: LedgerKind, _ day: Int64, _ product: Int64, _ currency: String, _ units: Int64, _ amount: Int64
    ) {
      guard window.contains(day) else { return }
      let quarter = CivilDate(daysSinceEpoch: Int32(clamping: day)).quarter
      sums[Key(product: product, quarter: quarter, currency: currency), default: LedgerSums()].add(
        kind, orders: 0, units: units, amountMinor: amount)
    }
    // Lines first, then each line's order by its number: both walks follow the order of the files.
    try sales.query(
      """
      SELECT l.product_id, o.order_day, o.currency, l.quantity, l.amount_minor, o.status, o.closed_at
      FROM order_lines l CROSS JOIN orders o ON o.order_id = l.order_id
      WHERE o.order_type = ?1 AND (?2 IS NULL OR o.channel = ?2)
        AND (o.order_day BETWEEN ?3 AND ?4
          OR (o.status IN \(SalesMart.closedStates) AND o.closed_at >= ?5 AND o.closed_at < ?6))
      """,
      [
        .integer(SalesMart.sale), .optional(request.salesChannel), .integer(window.firstDay),
        .integer(window.lastDay), .integer(window.first.adding(days: -1).startOfDay.millis),
        .integer(window.last.adding(days: 2).startOfDay.millis),
      ]
    ) { row in
      let (product, currency, units, amount) = (row.int64(0), row.text(2), row.int64(3), row.int64(4))
      add(.gross, row.int64(1), product, currency, units, amount)
      let status = row.int64(5)
      guard status == SalesMart.cancelled || status == SalesMart.returned else { return }
      let moment = Timestamp(millis: row.int64(6))
      let day = Int64((zone?.day(of: moment) ?? moment.day).daysSinceEpoch)
      add(status == SalesMart.cancelled ? .cancelled : .returned, day, product, currency, units, amount)
    }

    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("category", .text), ReportColumn("product_id", .identifier),
          ReportColumn("product_name", .text), ReportColumn("quarter", .text), ReportColumn("currency", .text),
          ReportColumn("units", .count),
        ] + Ledger.moneyColumns, rows: try rows(of: sums, sales)),
      notes: try Ledger.notes(request, sales))
  }

  /// By category, product, quarter and currency.
  private static func rows(of sums: [Key: LedgerSums], _ sales: Database) throws -> [[ReportCell]] {
    let products = try Products(sales)
    let labels = try RowLabels(sales, of: Set(sums.keys.lazy.map(\.product)))
    let ordered = sums.map { key, sums in
      (
        category: products.category(key.product), rank: labels.rank(key.product), key: key,
        quarter: key.quarter.description, sums: sums
      )
    }.sorted {
      ($0.category, $0.rank, $0.key.quarter, $0.key.currency) < ($1.category, $1.rank, $1.key.quarter, $1.key.currency)
    }
    return ordered.map { entry -> [ReportCell] in
      [
        .text(entry.category), labels.cell(entry.key.product), .text(products.name(entry.key.product)),
        .text(entry.quarter), .text(entry.key.currency), .integer(entry.sums.units),
      ] + entry.sums.money
    }
  }
}
