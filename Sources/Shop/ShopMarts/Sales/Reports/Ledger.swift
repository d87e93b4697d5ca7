internal import Money
internal import Reports
internal import SQLite

/// One line of the ledger, as reports sum it.
struct LedgerEntry {
  var day: Int64
  var kind: LedgerKind
  /// Date of the orders; decides the rate.
  var orderDay: Int64
  var currency: String
  var isPurchase: Bool
  var orders: Int64
  var units: Int64
  var amountMinor: Int64
}

/// Sums per row of a sales report. Net is never kept apart from its parts, so it always adds up.
struct LedgerSums: Equatable {
  var orders: Int64 = 0
  var units: Int64 = 0
  var gross: Int64 = 0
  var cancelled: Int64 = 0
  var returned: Int64 = 0

  var net: Int64 { gross &- cancelled &- returned }

  mutating func add(_ kind: LedgerKind, orders: Int64, units: Int64, amountMinor: Int64) {
    switch kind {
    case .gross:
      self.orders &+= orders
      self.units &+= units
      gross &+= amountMinor
    case .cancelled: cancelled &+= amountMinor
    case .returned: returned &+= amountMinor
    }
  }

  /// Cells of gross, cancelled, returned, net.
  var money: [ReportCell] { [.integer(gross), .integer(cancelled), .integer(returned), .integer(net)] }
}

enum Ledger {
  /// Entries booked inside the window. With a zone, cancellations and returns are booked on that zone's days; the
  /// ledger's own rows know UTC days only, so those come from the orders then.
  static func entries(_ request: ReportRequest, _ sales: Database) throws -> [LedgerEntry] {
    let window = request.window
    var entries: [LedgerEntry] = []
    let zone = request.zone("timezone")
    let kinds = zone == nil ? LedgerKind.allCases : [.gross]
    try sales.query(
      """
      SELECT entry_day, kind, order_day, currency, order_type, orders, units, amount_minor FROM ledger_days
      WHERE entry_day BETWEEN ?1 AND ?2 AND kind <= ?3 AND (?4 IS NULL OR channel = ?4)
      """,
      [
        .integer(window.firstDay), .integer(window.lastDay), .integer((kinds.max() ?? .returned).rawValue),
        .optional(request.salesChannel),
      ]
    ) { row in
      entries.append(
        LedgerEntry(
          day: row.int64(0), kind: LedgerKind(rawValue: row.int64(1)) ?? .gross, orderDay: row.int64(2),
          currency: row.text(3),
          isPurchase: row.int64(4) == SalesMart.purchase, orders: row.int64(5), units: row.int64(6),
          amountMinor: row.int64(7)))
    }
    if let zone { entries += try closings(request, zone, sales) }
    return entries
  }

  private static func closings(_ request: ReportRequest, _ zone: ReportZone, _ sales: Database) throws -> [LedgerEntry]
  {
    let window = request.window
    var entries: [LedgerEntry] = []
    // Zones lie less than a day apart from UTC; the exact day is decided below.
    try sales.query(
      """
      SELECT closed_at, status, order_day, currency, order_type, units, amount_minor FROM orders
      WHERE status IN \(SalesMart.closedStates) AND closed_at >= ?1 AND closed_at < ?2 AND (?3 IS NULL OR channel = ?3)
      """,
      [
        .integer(window.first.adding(days: -1).startOfDay.millis),
        .integer(window.last.adding(days: 2).startOfDay.millis), .optional(request.salesChannel),
      ]
    ) { row in
      let day = Int64(zone.day(of: Timestamp(millis: row.int64(0))).daysSinceEpoch)
      guard window.contains(day) else { return }
      entries.append(
        LedgerEntry(
          day: day, kind: row.int64(1) == SalesMart.cancelled ? .cancelled : .returned, orderDay: row.int64(2),
          currency: row.text(3), isPurchase: row.int64(4) == SalesMart.purchase, orders: 1, units: row.int64(5),
          amountMinor: row.int64(6)))
    }
    return entries
  }

  static let moneyColumns = [
    ReportColumn("gross_minor", .money), ReportColumn("cancelled_minor", .money),
    ReportColumn("returned_minor", .money), ReportColumn("net_minor", .money),
  ]

  /// What to say of the entries of the window.
  static func notes(_ request: ReportRequest, _ sales: Database) throws -> [String] {
    var notes: [String] = []
    if let zone = request.zone("timezone") {
      notes.append(
        "Cancellations and returns are booked on days of \(zone.identifier); order dates have no zone and stay as they are."
      )
    }
    let unseen =
      try sales.integer(
        """
        SELECT count(*) FROM orders WHERE status IN \(SalesMart.closedStates) AND closing_seen = 0 AND order_type = ?1
          AND closed_at >= ?2 AND closed_at < ?3 AND (?4 IS NULL OR channel = ?4)
        """,
        [
          .integer(SalesMart.sale), .integer(request.window.first.startOfDay.millis),
          .integer(request.window.last.adding(days: 1).startOfDay.millis), .optional(request.salesChannel),
        ]) ?? 0
    if unseen > 0 {
      notes.append(
        "\(unseen) cancellations and returns are booked at the last change of their orders: when these were cancelled or returned was not captured."
      )
    }
    return notes
  }
}
