internal import SQLite

/// Sends pieces of earlier orders back while `LiveSimulator` keeps the shop busy. It draws from a stream of its own, so
/// the shop does what it would do without.
struct LiveReturns {
  private let database: Database
  private var random: Random
  private var next: Int64
  /// Completed orders, the oldest at `place`: one more that is completed takes the oldest's place.
  private var waiting: [Int64]
  private var place = 0

  /// nil: a database that an earlier version has built keeps no returns.
  init?(_ database: Database, seed: UInt64) throws {
    guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'returns'") == 1 else { return nil }
    self.database = database
    random = Random(seed: seed, stream: 52)
    next = try (database.integer("SELECT max(id) FROM returns") ?? 0) + 1
    waiting = try database.rows(
      """
      SELECT id FROM orders WHERE status = 'completed' AND order_type = 'sale' AND currency <> ?
        AND id NOT IN (SELECT order_id FROM returns) ORDER BY id DESC LIMIT 1000
      """, [.text(Geography.currencies[Geography.unknownCurrency].code)]
    ) { $0.int64(0) }.reversed()
  }

  /// After an order was completed: whether something of the one that waits longest came back. One in ten orders does.
  mutating func follow(_ order: Int64, at moment: String) throws -> Bool {
    guard !waiting.isEmpty else {
      waiting.append(order)
      return false
    }
    let earlier = waiting[place]
    waiting[place] = order
    place = (place + 1) % waiting.count
    guard random.below(10) == 0 else { return false }
    return try sendBack(earlier, at: moment)
  }

  private mutating func sendBack(_ order: Int64, at moment: String) throws -> Bool {
    let lines = try database.rows(
      """
      SELECT i.product_id, i.quantity, i.unit_price, o.currency FROM order_items i JOIN orders o ON o.id = i.order_id
      WHERE o.id = ? ORDER BY i.id
      """, [.integer(order)]
    ) { (product: $0.int64(0), quantity: $0.int(1), price: $0.text(2), currency: $0.text(3)) }
    guard !lines.isEmpty else { return false }
    let line = random.pick(lines)
    let quantity = random.within(1...max(1, min(line.quantity, 900)))
    let reason = random.pick(Return.reasons)
    guard let price = Price(line.price), price.unscaled > 0,
      let currency = Geography.currencies.firstIndex(where: { $0.code == line.currency })
    else { return false }
    let refund = TruthMoney.amount(Int32(quantity), price, currency: currency)
    let statement = try database.statement("INSERT INTO returns VALUES(?,?,?,?,?,?,?,?)")
    statement.bind(1, next)
    statement.bind(2, order)
    statement.bind(3, line.product)
    statement.bind(4, quantity)
    statement.bind(5, reason)
    statement.bind(6, Price(unscaled: refund, scale: Geography.currencies[currency].decimals).text)
    statement.bind(7, line.currency)
    statement.bind(8, moment)
    try statement.run()
    next += 1
    return true
  }
}

extension Price {
  /// As `text` writes it; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let unscaled = Int64(parts.joined()) else { return nil }
    self.init(unscaled: unscaled, scale: parts.count == 2 ? parts[1].utf8.count : 0)
  }
}
