import Capture
import CaptureSupport
import Entity
import Events
import Foundation
import Money
import SQLite
import TestSupport
import Testing

/// A shop's database that is captured, and the same one without Millrace beside it. What the shop does is done to both: a
/// statement that works without us must work with us, and after each look what was delivered is what stands there.
final class ShopTwin {
  let bench: Bench
  private(set) var shop: Database
  private(set) var twin: Database
  private var twinPath: String { bench.folder + "/twin.sqlite" }

  /// The platform with what triggers and comparisons have to do with: a second unique value, a cascade, a key of texts.
  static let schema = Platform.schema
    .replacing("city TEXT NOT NULL, state TEXT NOT NULL);", with: "city TEXT NOT NULL UNIQUE, state TEXT NOT NULL);")
    .replacing(
      "order_items(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL,",
      with: "order_items(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE,")

  init(_ changes: String = "every", rows: String = Platform.rows) throws {
    bench = try Bench(platform: true)
    bench.configuration.sources[0].choices["changes"] = changes
    shop = try bench.platform()
    twin = try Database(bench.folder + "/twin.sqlite", .readWriteCreate)
    try run(Self.schema + rows)
  }

  /// Answers whether it worked.
  @discardableResult
  func run(_ sql: String) throws -> Bool {
    let outcomes = [shop, twin].map { database -> String in
      do {
        try database.execute(sql)
        return ""
      } catch {
        try? database.execute("ROLLBACK")
        return (error as? SQLiteError)?.message ?? "\(error)"
      }
    }
    #expect(outcomes[0].isEmpty == outcomes[1].isEmpty, "\(sql): \(outcomes)")
    return outcomes[1].isEmpty
  }

  /// The files become those that the closure makes of them; nobody has them open meanwhile.
  func exchange(_ make: (_ path: String) throws -> Void) throws {
    for database in [shop, twin] { try database.execute("PRAGMA journal_mode=DELETE") }
    let elsewhere = bench.folder + "/elsewhere.sqlite"
    shop = try Database(elsewhere, .readWriteCreate)
    twin = try Database(elsewhere, .readWriteCreate)
    for path in [bench.platformPath, twinPath] { try make(path) }
    shop = try bench.platform()
    twin = try Database(twinPath, .readWriteCreate)
  }

  /// Captures once and holds what was delivered against both databases.
  func check(_ what: String) throws {
    try bench.capture()
    let delivered = try delivered()
    for table in Self.tables {
      let rows = try rows(table, in: shop)
      #expect(delivered[table.name, default: [:]] == rows, "\(what): \(table.name)")
      #expect(try rows == self.rows(table, in: twin), "\(what): \(table.name) in the twin")
    }
    #expect(try bench.status().faults(isCapturing: false) == [], "\(what)")
  }

  // MARK: What stands in a database

  private struct Table {
    var name: String
    var key: String
    var values: String
    /// Of the values, how many at the end are amounts.
    var amounts = 0
  }

  private static let tables = [
    Table(name: "orders", key: "id", values: "status, currency"),
    Table(name: "order_items", key: "id", values: "order_id, quantity, unit_price", amounts: 1),
    Table(name: "products", key: "id", values: "name, base_price", amounts: 1),
    Table(name: "stores", key: "id", values: "city, state"),
    Table(name: "stock", key: "product_id, location", values: "quantity"),
    Table(name: "countries", key: "code", values: "name"),
  ]

  private func rows(_ table: Table, in database: Database) throws -> [String: String] {
    let keys = table.key.components(separatedBy: ", ").count
    let values = table.values.components(separatedBy: ", ").count
    var rows: [String: String] = [:]
    try database.query("SELECT \(table.key), \(table.values) FROM \(table.name)") { row in
      let texts = (keys..<keys + values).map { column in
        let text = row.text(Int32(column))
        return column < keys + values - table.amounts ? text : Self.amount(text)
      }
      rows[(0..<keys).map { row.text(Int32($0)) }.joined(separator: "|")] = texts.joined(separator: " ")
    }
    return rows
  }

  /// Nine digits behind the point, without zeros at the end.
  private static func amount(_ text: String) -> String {
    var digits = String(format: "%.9f", Double(text) ?? .nan)[...]
    while digits.hasSuffix("0") { digits = digits.dropLast() }
    return String(digits.hasSuffix(".") ? digits.dropLast() : digits)
  }

  // MARK: What was delivered

  /// Of each row the newest state; of two of one version the first, as marts have it.
  private func delivered() throws -> [String: [String: String]] {
    var newest: [String: (version: StateVersion, text: String?)] = [:]
    for event in try bench.events("platform") where event.operation != .rejected {
      guard let key = event.key else { continue }
      let name = event.position.stream + "\n" + Self.text(key)
      if let known = newest[name], known.version >= event.version { continue }
      newest[name] = (event.version, Self.text(event.payload))
    }
    var rows: [String: [String: String]] = [:]
    for (name, state) in newest {
      guard let text = state.text else { continue }
      let parts = name.components(separatedBy: "\n")
      rows[parts[0], default: [:]][parts[1]] = text
    }
    return rows
  }

  private static func text(_ key: RowKey<SealedPerson>) -> String {
    key.parts.map { part in
      switch part {
      case .integer(let number): String(number)
      case .text(let text): text
      default: "?"
      }
    }.joined(separator: "|")
  }

  private static let statuses: [OrderStatus: String] = [
    .placed: "placed", .completed: "completed", .cancelled: "cancelled", .returned: "returned",
  ]

  /// nil: it is gone.
  private static func text(_ payload: Payload<SealedPerson>) -> String? {
    switch payload {
    case .order(let change): change.after.map { "\(statuses[$0.status] ?? "?") \($0.currency)" }
    case .orderLine(let change):
      change.after.map { "\($0.orderID.integer ?? -1) \($0.quantity) \($0.unitPrice.normalized)" }
    case .product(let change): change.after.map { "\($0.name) \($0.basePrice.normalized)" }
    case .store(let change): change.after.map { "\($0.city) \($0.state)" }
    case .stock(let change): change.after.map { "\($0.quantity)" }
    case .country(let change): change.after.map { "\($0.name)" }
    default: ""
    }
  }
}
