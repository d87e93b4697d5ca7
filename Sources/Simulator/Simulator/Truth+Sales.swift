extension Truth {
  /// A month or quarter, as text, and a currency.
  struct PeriodCurrency: Hashable {
    var period: String
    var currency: String
  }

  struct LedgerRow {
    var orders: Int64 = 0
    var units: Int64 = 0
    var gross: Int64 = 0
    var cancelled: Int64 = 0
    var returned: Int64 = 0

    var members: [(String, JSONValue)] {
      [
        ("orders", .integer(orders)), ("units", .integer(units)), ("gross_minor", .integer(gross)),
        ("cancelled_minor", .integer(cancelled)), ("returned_minor", .integer(returned)),
        ("net_minor", .integer(gross - cancelled - returned)),
      ]
    }
  }

  func acceptedLines(_ order: Order) -> [Line] { order.lines.map { world.lines[$0] }.filter { !$0.isRejected } }

  func currencyCode(_ order: Order) -> String { Geography.currencies[Int(order.currency)].code }

  func booked(_ channel: SalesChannel?) -> [Booked] {
    channel == nil ? booked : booked.filter { $0.order.channel == channel }
  }

  /// The ledger per period and currency, complete with zeros.
  private func ledger(
    window: ClosedRange<Int>, channel: SalesChannel?, period: (Int) -> String
  ) -> (periods: [String], currencies: [String], rows: [PeriodCurrency: LedgerRow]) {
    var periods: [String] = []
    for day in window where periods.last != period(day) { periods.append(period(day)) }
    var rows: [PeriodCurrency: LedgerRow] = [:]
    for entry in booked(channel) where !entry.order.isPurchase {
      let order = entry.order
      let currency = currencyCode(order)
      if window.contains(Int(order.day)) {
        let key = PeriodCurrency(period: period(Int(order.day)), currency: currency)
        rows[key, default: LedgerRow()].orders += 1
        rows[key, default: LedgerRow()].units += entry.units
        rows[key, default: LedgerRow()].gross += entry.amount
      }
      guard order.status == .cancelled || order.status == .returned, window.contains(entry.changedDay) else { continue }
      let key = PeriodCurrency(period: period(entry.changedDay), currency: currency)
      if order.status == .cancelled { rows[key, default: LedgerRow()].cancelled += entry.amount }
      if order.status == .returned { rows[key, default: LedgerRow()].returned += entry.amount }
    }
    var currencies = Array(Set(rows.keys.map(\.currency))).sorted()
    if currencies.isEmpty { currencies = ["USD"] }
    return (periods, currencies, rows)
  }

  private func rows(
    _ ledger: (periods: [String], currencies: [String], rows: [PeriodCurrency: LedgerRow]), periodName: String
  ) -> [JSONValue] {
    ledger.periods.flatMap { period in
      ledger.currencies.map { currency in
        let row = ledger.rows[PeriodCurrency(period: period, currency: currency)] ?? LedgerRow()
        return .object([(periodName, .text(period)), ("currency", .text(currency))] + row.members)
      }
    }
  }

  func monthlySales(key: String, window: ClosedRange<Int>, channel: SalesChannel?, options: [String]) -> Report {
    let ledger = ledger(window: window, channel: channel, period: month)
    return Report(
      key: key, name: "monthly-sales", options: options, rows: rows(ledger, periodName: "month"),
      extra: [
        ("base_rows", .list(baseRows(window: window, channel: channel, periods: ledger.periods))),
        ("purchases", .list(purchases(window: window, channel: channel))),
      ])
  }

  func quarterlySales() -> Report {
    Report(
      key: "quarterly-sales", name: "quarterly-sales",
      rows: rows(ledger(window: rollingYear, channel: nil, period: quarter), periodName: "quarter"))
  }

  /// One total to convert: all orders of one day in one currency that a month books in one column.
  private struct Convertible: Hashable {
    var month: String
    var orderDay: Int
    var currency: Int
    var column: OrderStatus
  }

  /// Orders and units count whether or not there was a rate; sums hold what could be converted, and
  /// `unconverted_orders` says how many orders of the month they leave out.
  private func baseRows(window: ClosedRange<Int>, channel: SalesChannel?, periods: [String]) -> [JSONValue] {
    var totals: [Convertible: Int64] = [:]
    var rows: [String: LedgerRow] = [:]
    var unconverted: [String: Int64] = [:]
    for entry in booked(channel) where !entry.order.isPurchase {
      let order = entry.order
      let day = Int(order.day)
      let currency = Int(order.currency)
      if window.contains(day) {
        let month = month(day)
        rows[month, default: LedgerRow()].orders += 1
        rows[month, default: LedgerRow()].units += entry.units
        if TruthMoney.base(0, currency: currency, day: day, world) == nil { unconverted[month, default: 0] += 1 }
        totals[Convertible(month: month, orderDay: day, currency: currency, column: .placed), default: 0] +=
          entry.amount
      }
      guard order.status == .cancelled || order.status == .returned, window.contains(entry.changedDay) else { continue }
      let key = Convertible(
        month: month(entry.changedDay), orderDay: day, currency: currency, column: order.status)
      totals[key, default: 0] += entry.amount
    }
    for (key, total) in totals {
      guard let base = TruthMoney.base(total, currency: key.currency, day: key.orderDay, world) else { continue }
      switch key.column {
      case .cancelled: rows[key.month, default: LedgerRow()].cancelled += base
      case .returned: rows[key.month, default: LedgerRow()].returned += base
      default: rows[key.month, default: LedgerRow()].gross += base
      }
    }
    return periods.map { month in
      .object(
        [("month", .text(month)), ("currency", .text("USD"))] + (rows[month] ?? LedgerRow()).members
          + [("unconverted_orders", .integer(unconverted[month] ?? 0))])
    }
  }

  /// Only months and currencies with purchases.
  private func purchases(window: ClosedRange<Int>, channel: SalesChannel?) -> [JSONValue] {
    var rows: [PeriodCurrency: LedgerRow] = [:]
    for entry in booked(channel) where entry.order.isPurchase && window.contains(Int(entry.order.day)) {
      let key = PeriodCurrency(period: month(Int(entry.order.day)), currency: currencyCode(entry.order))
      rows[key, default: LedgerRow()].orders += 1
      rows[key, default: LedgerRow()].units += entry.units
      rows[key, default: LedgerRow()].gross += entry.amount
    }
    return rows.sorted { ($0.key.period, $0.key.currency) < ($1.key.period, $1.key.currency) }.map { key, row in
      .object([
        ("month", .text(key.period)), ("currency", .text(key.currency)), ("orders", .integer(row.orders)),
        ("units", .integer(row.units)), ("amount_minor", .integer(row.gross)),
      ])
    }
  }

  func productSales() -> Report {
    struct Key: Hashable {
      var product: Int32
      var quarter: String
      var currency: String
    }
    var rows: [Key: LedgerRow] = [:]
    for entry in booked where !entry.order.isPurchase {
      let order = entry.order
      for line in acceptedLines(order) {
        let value = TruthMoney.amount(line.quantity, line.price, currency: Int(order.currency))
        if rollingYear.contains(Int(order.day)) {
          let key = Key(product: line.product, quarter: quarter(Int(order.day)), currency: currencyCode(order))
          rows[key, default: LedgerRow()].units += Int64(line.quantity)
          rows[key, default: LedgerRow()].gross += value
        }
        if rollingYear.contains(entry.changedDay), order.status == .cancelled || order.status == .returned {
          let key = Key(product: line.product, quarter: quarter(entry.changedDay), currency: currencyCode(order))
          if order.status == .cancelled { rows[key, default: LedgerRow()].cancelled += value }
          if order.status == .returned { rows[key, default: LedgerRow()].returned += value }
        }
      }
    }
    let sorted = rows.sorted {
      (world.category($0.key.product), $0.key.product, $0.key.quarter, $0.key.currency)
        < (world.category($1.key.product), $1.key.product, $1.key.quarter, $1.key.currency)
    }
    return Report(
      key: "product-sales", name: "product-sales",
      rows: sorted.map { key, row in
        .object(
          [
            ("category", .text(world.category(key.product))), ("product_id", .integer(Int64(key.product))),
            ("product_name", .text(world.productName(key.product))), ("quarter", .text(key.quarter)),
            ("currency", .text(key.currency)),
          ] + row.members.dropFirst())
      })
  }

  // MARK: Companies and suppliers

  /// Sales of the last twelve months that were neither cancelled nor returned.
  private var keptSales: [Booked] {
    booked.filter {
      !$0.order.isPurchase && rollingYear.contains(Int($0.order.day)) && $0.order.status != .cancelled
        && $0.order.status != .returned
    }
  }

  func companySales() -> Report {
    struct Key: Hashable {
      var company: Int32
      var currency: String
    }
    struct Row {
      var orders: Int64 = 0
      var units: Int64 = 0
      var revenue: Int64 = 0
      var customers: Set<Int32> = []
    }
    var rows: [Key: Row] = [:]
    for entry in keptSales where entry.order.company >= 0 {
      let order = entry.order
      let key = Key(company: order.company, currency: currencyCode(order))
      rows[key, default: Row()].orders += 1
      rows[key, default: Row()].units += entry.units
      rows[key, default: Row()].revenue += entry.amount
      if order.customer >= 0 { rows[key, default: Row()].customers.insert(order.customer) }
    }
    let labelled = rows.map { key, row in (label: companyLabel(world.companies[Int(key.company)]), key: key, row: row) }
    let sorted = labelled.sorted {
      $0.row.revenue != $1.row.revenue
        ? $0.row.revenue > $1.row.revenue
        : ($0.label.code, $0.key.currency, $0.key.company) < ($1.label.code, $1.key.currency, $1.key.company)
    }
    return Report(
      key: "company-sales", name: "company-sales",
      rows: sorted.enumerated().map { index, entry in
        .object([
          ("rank", .integer(Int64(index + 1))), ("company", .text(entry.label.code)),
          ("company_name", .text(entry.label.name)), ("currency", .text(entry.key.currency)),
          ("orders", .integer(entry.row.orders)), ("units", .integer(entry.row.units)),
          ("revenue_minor", .integer(entry.row.revenue)), ("customers", .integer(Int64(entry.row.customers.count))),
        ])
      })
  }

  func supplierSales() -> Report {
    struct Key: Hashable {
      /// Company index, or -1 for unknown.
      var supplier: Int
      var currency: String
    }
    struct Row {
      var products: Set<Int32> = []
      var units: Int64 = 0
      var revenue: Int64 = 0
      var least = Int64.max
      var most = Int64.min
    }
    var rows: [Key: Row] = [:]
    for order in keptSales.map(\.order) {
      let currency = Int(order.currency)
      for line in acceptedLines(order) {
        let supplier = Int(line.product) <= world.products.count ? world.products[Int(line.product) - 1].supplier : -1
        let price = TruthMoney.amount(1, line.price, currency: currency)
        var row = rows[Key(supplier: supplier, currency: currencyCode(order))] ?? Row()
        row.products.insert(line.product)
        row.units += Int64(line.quantity)
        row.revenue += TruthMoney.amount(line.quantity, line.price, currency: currency)
        row.least = min(row.least, price)
        row.most = max(row.most, price)
        rows[Key(supplier: supplier, currency: currencyCode(order))] = row
      }
    }
    let labelled = rows.map { key, row in
      (
        label: key.supplier < 0 ? ("unknown", "unknown") : companyLabel(world.companies[key.supplier]), key: key,
        row: row
      )
    }
    let sorted = labelled.sorted {
      $0.row.revenue != $1.row.revenue
        ? $0.row.revenue > $1.row.revenue
        : ($0.label.0, $0.key.currency, $0.key.supplier) < ($1.label.0, $1.key.currency, $1.key.supplier)
    }
    return Report(
      key: "supplier-sales", name: "supplier-sales",
      rows: sorted.enumerated().map { index, entry in
        .object([
          ("rank", .integer(Int64(index + 1))), ("supplier", .text(entry.label.0)),
          ("supplier_name", .text(entry.label.1)),
          ("currency", .text(entry.key.currency)), ("products", .integer(Int64(entry.row.products.count))),
          ("units", .integer(entry.row.units)), ("revenue_minor", .integer(entry.row.revenue)),
          ("price_min_minor", .integer(entry.row.least)), ("price_max_minor", .integer(entry.row.most)),
        ])
      })
  }
}
