internal import Money
internal import SQLite

/// One line of the ledger, as reports sum it.
struct LedgerEntry {
  enum Kind {
    case gross
    case cancelled
    case returned
  }

  var day: Int64
  var kind: Kind
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

  mutating func add(_ kind: LedgerEntry.Kind, orders: Int64, units: Int64, amountMinor: Int64) {
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
  /// Entries booked inside the window. With a zone, cancellations and returns are booked on that zone's days; the ledger's
  /// own rows know UTC days only, so those come from the orders then.
  static func entries(_ request: ReportRequest, _ sales: Database) throws -> [LedgerEntry] {
    let window = request.window
    var entries: [LedgerEntry] = []
    let kinds = request.timezone == nil ? [1, 2, 3] : [SalesNumber.grossEntry]
    try sales.query(
      """
      SELECT entry_day, kind, order_day, currency, order_type, orders, units, amount_minor FROM ledger_days
      WHERE entry_day BETWEEN ?1 AND ?2 AND kind <= ?3 AND (?4 IS NULL OR channel = ?4)
      """,
      [
        .integer(window.firstDay), .integer(window.lastDay), .integer(kinds.max() ?? 3),
        .optional(request.salesChannel?.number),
      ]
    ) { row in
      entries.append(
        LedgerEntry(
          day: row.int64(0), kind: kind(entry: row.int64(1)), orderDay: row.int64(2), currency: row.text(3),
          isPurchase: row.int64(4) == SalesNumber.purchase, orders: row.int64(5), units: row.int64(6),
          amountMinor: row.int64(7)))
    }
    if let zone = request.timezone { entries += try closings(request, zone, sales) }
    return entries
  }

  private static func closings(_ request: ReportRequest, _ zone: ReportZone, _ sales: Database) throws -> [LedgerEntry]
  {
    let window = request.window
    var entries: [LedgerEntry] = []
    // Zones lie less than a day apart from UTC; the exact day is decided below.
    try sales.query(
      """
      SELECT updated_at, status, order_day, currency, order_type, units, amount_minor FROM orders
      WHERE status IN (3, 4) AND updated_at >= ?1 AND updated_at < ?2 AND (?3 IS NULL OR channel = ?3)
      """,
      [
        .integer(window.first.adding(days: -1).startOfDay.millis),
        .integer(window.last.adding(days: 2).startOfDay.millis), .optional(request.salesChannel?.number),
      ]
    ) { row in
      let day = Int64(zone.day(of: Timestamp(millis: row.int64(0))).daysSinceEpoch)
      guard window.contains(day) else { return }
      entries.append(
        LedgerEntry(
          day: day, kind: row.int64(1) == SalesNumber.cancelled ? .cancelled : .returned, orderDay: row.int64(2),
          currency: row.text(3), isPurchase: row.int64(4) == SalesNumber.purchase, orders: 1, units: row.int64(5),
          amountMinor: row.int64(6)))
    }
    return entries
  }

  private static func kind(entry: Int64) -> LedgerEntry.Kind {
    switch entry {
    case SalesNumber.cancelledEntry: .cancelled
    case SalesNumber.returnedEntry: .returned
    default: .gross
    }
  }

  static let moneyColumns = [
    ReportColumn("gross_minor", .money), ReportColumn("cancelled_minor", .money),
    ReportColumn("returned_minor", .money), ReportColumn("net_minor", .money),
  ]

  static func notes(_ request: ReportRequest) -> [String] {
    guard let zone = request.timezone else { return [] }
    return [
      "Cancellations and returns are booked on days of \(zone.identifier); order dates have no zone and stay as they are."
    ]
  }
}

/// Months or quarters, as the sales reports name them.
enum Period {
  case month
  case quarter

  func name(of day: Int64) -> String {
    let date = CivilDate(daysSinceEpoch: Int32(clamping: day))
    return self == .month ? date.month.description : date.quarter.description
  }

  var column: String { self == .month ? "month" : "quarter" }

  /// Every period that has a day in the window, in order.
  func names(in window: DayWindow) -> [String] {
    var names: [String] = []
    var month = window.first.month
    while month <= window.last.month {
      let name = name(of: Int64(month.firstDay.daysSinceEpoch))
      if names.last != name { names.append(name) }
      month = month.adding(1)
    }
    return names
  }
}
