internal import Money
internal import Reports
internal import SQLite

/// monthly-sales and quarterly-sales: the ledger per period and currency, in the base currency, and purchases apart.
enum PeriodSales {
  private struct Key: Hashable, Comparable {
    var period: String
    var currency: String
    static func < (left: Key, right: Key) -> Bool { (left.period, left.currency) < (right.period, right.currency) }
  }

  /// A day's total that is converted as one: rounding happens once per order date, currency and ledger column.
  private struct DayTotal: Hashable {
    var period: String
    var orderDay: Int64
    var currency: String
    var kind: LedgerKind
  }

  private struct Purchases {
    var orders: Int64 = 0
    var units: Int64 = 0
    var amountMinor: Int64 = 0
  }

  /// Everything that is summed up before rows are made of it.
  private struct Sums {
    var sales: [Key: LedgerSums] = [:]
    var days: [DayTotal: LedgerSums] = [:]
    var purchases: [Key: Purchases] = [:]
    var currencies: Set<String> = []

    mutating func add(_ entry: LedgerEntry, to name: String) {
      let key = Key(period: name, currency: entry.currency)
      if entry.isPurchase {
        guard entry.kind == .gross else { return }
        purchases[key, default: Purchases()].orders &+= entry.orders
        purchases[key, default: Purchases()].units &+= entry.units
        purchases[key, default: Purchases()].amountMinor &+= entry.amountMinor
        return
      }
      currencies.insert(entry.currency)
      sales[key, default: LedgerSums()].add(
        entry.kind, orders: entry.orders, units: entry.units, amountMinor: entry.amountMinor)
      let total = DayTotal(period: name, orderDay: entry.orderDay, currency: entry.currency, kind: entry.kind)
      days[total, default: LedgerSums()].add(
        entry.kind, orders: entry.orders, units: entry.units, amountMinor: entry.amountMinor)
    }

    var purchaseRows: [[ReportCell]] {
      purchases.sorted { $0.key < $1.key }.map { key, sums in
        [
          .text(key.period), .text(key.currency), .integer(sums.orders), .integer(sums.units),
          .integer(sums.amountMinor),
        ]
      }
    }
  }

  static func answer(
    _ request: ReportRequest, _ marts: OpenMarts, base: Currency, per period: Period
  ) throws -> ReportContent {
    let rates = try Rates(marts.sales, base: base)
    let periods = period.names(in: request.window)
    var sums = Sums()
    for entry in try Ledger.entries(request, marts.sales) { sums.add(entry, to: period.name(of: entry.day)) }
    if sums.currencies.isEmpty { sums.currencies.insert(base.code) }

    let head = [ReportColumn(period.column, .text), ReportColumn("currency", .text)]
    let counts = [ReportColumn("orders", .count), ReportColumn("units", .count)]
    let rows = periods.flatMap { name in
      sums.currencies.sorted().map { currency -> [ReportCell] in
        let sums = sums.sales[Key(period: name, currency: currency)] ?? LedgerSums()
        return [.text(name), .text(currency), .integer(sums.orders), .integer(sums.units)] + sums.money
      }
    }
    let (baseRows, missing) = baseRows(periods, sums.days, rates)
    var notes = try Ledger.notes(request, marts.sales)
    if missing > 0 {
      notes.append(
        "\(groupedText(missing)) orders have no exchange rate on their date; their amounts are missing from the sums in "
          + "\(base.code).")
    }
    return ReportContent(
      table: ReportTable(columns: head + counts + Ledger.moneyColumns, rows: rows),
      extras: [
        ReportTable(
          key: "base_rows", title: "In \(base.code), at the rate of each order's date",
          columns: head + counts + Ledger.moneyColumns + [ReportColumn("unconverted_orders", .count)], rows: baseRows),
        ReportTable(
          key: "purchases", title: "Purchase orders to suppliers, not part of the sales",
          columns: head + counts + [ReportColumn("amount_minor", .money)], rows: sums.purchaseRows),
      ],
      notes: notes)
  }

  private static func baseRows(
    _ periods: [String], _ totals: [DayTotal: LedgerSums], _ rates: Rates
  ) -> (rows: [[ReportCell]], unconverted: Int64) {
    var sums: [String: LedgerSums] = [:]
    var unconverted: [String: Int64] = [:]
    for (key, total) in totals {
      let amount =
        switch key.kind {
        case .gross: total.gross
        case .cancelled: total.cancelled
        case .returned: total.returned
        }
      let converted = rates.converted(amount, currency: key.currency, day: key.orderDay)
      if converted == nil, key.kind == .gross { unconverted[key.period, default: 0] &+= total.orders }
      sums[key.period, default: LedgerSums()].add(
        key.kind, orders: total.orders, units: total.units, amountMinor: converted ?? 0)
    }
    let rows = periods.map { name -> [ReportCell] in
      let sums = sums[name] ?? LedgerSums()
      return [.text(name), .text(rates.base.code), .integer(sums.orders), .integer(sums.units)] + sums.money
        + [.integer(unconverted[name] ?? 0)]
    }
    return (rows, unconverted.values.reduce(0, &+))
  }
}
