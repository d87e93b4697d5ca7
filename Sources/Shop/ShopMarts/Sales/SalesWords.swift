internal import Entity
internal import Events
internal import Projections
internal import Reports
internal import SQLite

/// The words of the sales mart: its name, and the numbers that stand in its tables, from the entities' own lists. Its
/// projections, views and reports, and the reports of others that read it, take them from here.
package enum SalesMart {
  /// The mart's name.
  static let name = "sales"

  /// The newest change of an order.
  static let newestEvent = NewestEvent(mart: name, millis: "SELECT max(updated_at) FROM orders")

  // As in `orders.order_type`.
  static let sale = Int64(OrderType.sale.rawValue)
  static let purchase = Int64(OrderType.purchase.rawValue)
  // As in `orders.status`.
  static let cancelled = Int64(OrderStatus.cancelled.rawValue)
  static let returned = Int64(OrderStatus.returned.rawValue)

  /// The states of orders that came to nothing, for SQL: "(3, 4)". An index of `orders` has this condition, so queries
  /// that want it use the same text.
  static let closedStates = "(\(cancelled), \(returned))"

  /// Condition of SQL over `orders`: sales that came to something.
  package static let keptSales = "order_type = \(sale) AND status NOT IN \(closedStates)"

  /// SQL: the number of the row of `companies` that names a company where one of the row with number `row` is meant: of
  /// several systems' rows with its tax number that of the same system, else the first.
  static func company(_ company: String, of row: String) -> String {
    SQLText.one("w.company_number", from: "companies w", where: "w.company = \(company)", beside: row)
  }

  /// SELECT of company, name and login, of several rows of one company the first by system and key first.
  package static let companiesInOrder =
    "SELECT c.company, c.name, c.login FROM main.companies c ORDER BY \(SQLText.order(by: "c.company_number"))"

  /// SELECT of currency, day, rate_unscaled and rate_scale; of several rates of one day the one that counts first.
  package static let ratesInOrder =
    "SELECT r.currency, r.day, r.rate_unscaled, r.rate_scale FROM main.exchange_rates r ORDER BY "
    + SQLText.order(by: "r.rate_number")

  /// Terms of an ORDER BY over `orders o` and over `exchange_rates r`: by system and key.
  package static let orderOfOrders = SQLText.order(by: "o.order_id")
  package static let orderOfRates = SQLText.order(by: "r.rate_number")

  /// `SELECT id, name` of an entity's own list.
  static func names<Word: Named>(_: Word.Type) -> String {
    SQLText.names(Word.names.map { (Int($0.value.rawValue), $0.name) })
  }
}

/// Columns of the ledger; its numbers stand in `ledger_days.kind`.
enum LedgerKind: Int64, CaseIterable, Comparable {
  case gross = 1
  case cancelled = 2
  case returned = 3

  var name: String {
    switch self {
    case .gross: "gross"
    case .cancelled: "cancelled"
    case .returned: "returned"
    }
  }

  static func < (left: LedgerKind, right: LedgerKind) -> Bool { left.rawValue < right.rawValue }
}

extension OpenMarts {
  /// The sales mart. Throws when the report does not name it among its marts.
  var sales: Database { get throws { try database(SalesMart.name) } }
}

extension ReportOption {
  /// One sales channel only.
  static let channel = ReportOption("channel", .choice(Channel.names.map(\.name)), "only this sales channel")
}

extension ReportRequest {
  /// The sales channel that was asked for, as in `orders.channel`; nil: all.
  var salesChannel: Int64? { choice(ReportOption.channel.name).flatMap { Channel($0) }.map { Int64($0.rawValue) } }
}
