internal import Entity
internal import Events
internal import Marts
internal import Money
internal import Projections
internal import SQLite

/// The statements of the orders projection, prepared once per flush.
struct OrdersTables {
  enum Entity: Int64 {
    case order = 1
    case line = 2

    /// As in the table of flags.
    var name: String {
      switch self {
      case .order: "order"
      case .line: "order line"
      }
    }
  }

  private let transaction: MartTransaction
  private let selectLine: Statement
  private let selectLines: Statement
  private let selectOrder: Statement
  private let writeLine: Statement
  private let writeOrder: Statement
  private let writeSums: Statement
  private let selectMarks: Statement
  private let writeMark: Statement
  private let knownLines: KnownNumbers
  private let knownOrders: KnownNumbers
  private let knownOrdersOfLines: KnownNumbers
  private let knownMarks: KnownNumbers
  private let hasTombstones: Bool
  private let hasFlags: Bool

  init(_ transaction: MartTransaction) throws {
    self.transaction = transaction
    let database = transaction.database
    knownLines = try KnownNumbers("line_id", of: "order_lines", transaction)
    knownOrders = try KnownNumbers("order_id", of: "orders", transaction)
    knownOrdersOfLines = try KnownNumbers("order_id", of: "order_lines", transaction)
    knownMarks = try KnownNumbers("order_id", of: "order_closings", transaction)
    hasTombstones = try database.integer("SELECT EXISTS (SELECT 1 FROM order_tombstones)") == 1
    hasFlags = try database.integer("SELECT EXISTS (SELECT 1 FROM order_flags)") == 1
    selectLine = try transaction.statement(
      "SELECT version_major, version_minor, order_id FROM order_lines WHERE line_id = ?1")
    selectLines = try transaction.statement(
      """
      SELECT line_id, product_id, quantity, price_unscaled, price_scale, amount_minor FROM order_lines WHERE order_id = ?1
      """)
    selectOrder = try transaction.statement(
      """
      SELECT version_major, version_minor, channel, order_type, status, cancel_reason, order_day, currency, company,
        customer_id, store_id, parent_order_id, ship_country, created_at, updated_at, closed_at, closing_seen,
        lines, units, amount_minor, content_hash
      FROM orders WHERE order_id = ?1
      """)
    writeLine = try transaction.statement(
      """
      INSERT OR REPLACE INTO order_lines (line_id, version_major, version_minor, order_id, product_id, quantity,
        price_unscaled, price_scale, amount_minor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """)
    writeOrder = try transaction.statement(
      """
      INSERT OR REPLACE INTO orders (order_id, version_major, version_minor, channel, order_type, status, cancel_reason,
        order_day, currency, company, customer_id, store_id, parent_order_id, ship_country, created_at, updated_at,
        closed_at, closing_seen, lines, units, amount_minor, content_hash)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
      """)
    writeSums = try transaction.statement(
      """
      UPDATE orders SET lines = ?2, units = ?3, amount_minor = ?4, content_hash = ?5, closed_at = ?6, closing_seen = ?7
      WHERE order_id = ?1
      """)
    selectMarks = try transaction.statement(
      """
      SELECT version_major, version_minor, status, changed_at, knowledge FROM order_closings WHERE order_id = ?1
      """)
    writeMark = try transaction.statement(
      """
      INSERT OR REPLACE INTO order_closings (order_id, version_major, version_minor, status, changed_at, knowledge)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """)
  }

  // MARK: Reading

  func storedLine(_ lineID: Int64) throws -> (version: StateVersion, orderID: Int64)? {
    guard try knownLines.mayHold(lineID) else { return nil }
    selectLine.bind(1, lineID)
    defer { selectLine.reset() }
    guard try selectLine.step() else { return nil }
    return (StateVersion(stored: selectLine.int64(0), selectLine.int64(1)), selectLine.int64(2))
  }

  func storedLines(of orderID: Int64) throws -> [LineState] {
    guard try knownOrdersOfLines.mayHold(orderID) else { return [] }
    selectLines.bind(1, orderID)
    defer { selectLines.reset() }
    var lines: [LineState] = []
    while try selectLines.step() {
      lines.append(
        LineState(
          lineID: selectLines.int64(0), orderID: orderID, productID: selectLines.int64(1),
          quantity: selectLines.int64(2),
          price: Decimal64(unscaled: selectLines.int64(3), scale: UInt8(clamping: selectLines.int64(4))),
          amountMinor: selectLines.optionalInt64(5)))
    }
    return lines
  }

  func storedOrder(_ orderID: Int64) throws -> OrderState? {
    guard try knownOrders.mayHold(orderID) else { return nil }
    let row = selectOrder
    row.bind(1, orderID)
    defer { row.reset() }
    guard try row.step() else { return nil }
    return OrderState(
      version: StateVersion(stored: row.int64(0), row.int64(1)), channel: row.int64(2), orderType: row.int64(3),
      status: row.int64(4), cancelReason: row.optionalInt64(5), orderDay: row.int64(6), currency: row.text(7),
      company: row.optionalText(8), customerID: row.optionalInt64(9), storeID: row.optionalInt64(10),
      parentOrderID: row.optionalInt64(11), shipCountry: row.optionalText(12), createdAt: row.int64(13),
      updatedAt: row.int64(14),
      closing: row.optionalInt64(15).map { Closing(at: $0, isSeen: row.int64(16) == 1) },
      sums: LineSums(
        lines: row.int64(17), units: row.int64(18), amountMinor: row.int64(19), contentHash: row.optionalInt64(20)))
  }

  /// What is kept of the versions of an order.
  func storedMarks(of orderID: Int64) throws -> [ClosingMark] {
    guard try knownMarks.mayHold(orderID) else { return [] }
    let row = selectMarks
    row.bind(1, orderID)
    defer { row.reset() }
    var marks: [ClosingMark] = []
    while try row.step() {
      marks.append(
        ClosingMark(
          version: StateVersion(stored: row.int64(0), row.int64(1)), status: row.int64(2), at: row.int64(3),
          knowledge: ClosingMark.Knowledge(rawValue: row.int64(4)) ?? .state))
    }
    return marks
  }

  func tombstone(_ entity: Entity, _ id: Int64) throws -> StateVersion? {
    guard hasTombstones else { return nil }
    let row = try transaction.statement(
      "SELECT version_major, version_minor FROM order_tombstones WHERE entity = ?1 AND number = ?2")
    row.bind(1, entity.rawValue)
    row.bind(2, id)
    defer { row.reset() }
    return try row.step() ? StateVersion(stored: row.int64(0), row.int64(1)) : nil
  }

  // MARK: Writing

  func write(_ line: LineState, _ version: StateVersion) throws {
    writeLine.bind(1, line.lineID)
    writeLine.bind(2, version.storedMajor)
    writeLine.bind(3, version.storedMinor)
    writeLine.bind(4, line.orderID)
    writeLine.bind(5, line.productID)
    writeLine.bind(6, line.quantity)
    writeLine.bind(7, line.price.unscaled)
    writeLine.bind(8, Int64(line.price.scale))
    writeLine.bind(9, line.amountMinor)
    try writeLine.run()
  }

  func updateAmount(of line: LineState) throws {
    try run(
      "UPDATE order_lines SET amount_minor = ?2 WHERE line_id = ?1",
      [.integer(line.lineID), .optional(line.amountMinor)])
  }

  func deleteLine(_ lineID: Int64) throws {
    try run("DELETE FROM order_lines WHERE line_id = ?1", [.integer(lineID)])
  }

  func write(_ order: OrderState, _ orderID: Int64) throws {
    writeOrder.bind(1, orderID)
    writeOrder.bind(2, order.version.storedMajor)
    writeOrder.bind(3, order.version.storedMinor)
    writeOrder.bind(4, order.channel)
    writeOrder.bind(5, order.orderType)
    writeOrder.bind(6, order.status)
    writeOrder.bind(7, order.cancelReason)
    writeOrder.bind(8, order.orderDay)
    writeOrder.bind(9, order.currency)
    writeOrder.bind(10, order.company)
    writeOrder.bind(11, order.customerID)
    writeOrder.bind(12, order.storeID)
    writeOrder.bind(13, order.parentOrderID)
    writeOrder.bind(14, order.shipCountry)
    writeOrder.bind(15, order.createdAt)
    writeOrder.bind(16, order.updatedAt)
    writeOrder.bind(17, order.closing?.at)
    writeOrder.bind(18, order.closing?.stored)
    writeOrder.bind(19, order.sums.lines)
    writeOrder.bind(20, order.sums.units)
    writeOrder.bind(21, order.sums.amountMinor)
    writeOrder.bind(22, order.sums.contentHash)
    try writeOrder.run()
  }

  /// Of an order whose own row stays: what its lines sum up to, and when it was closed.
  func updateSums(_ order: OrderState, of orderID: Int64) throws {
    writeSums.bind(1, orderID)
    writeSums.bind(2, order.sums.lines)
    writeSums.bind(3, order.sums.units)
    writeSums.bind(4, order.sums.amountMinor)
    writeSums.bind(5, order.sums.contentHash)
    writeSums.bind(6, order.closing?.at)
    writeSums.bind(7, order.closing?.stored)
    try writeSums.run()
  }

  func write(_ mark: ClosingMark, of orderID: Int64) throws {
    writeMark.bind(1, orderID)
    writeMark.bind(2, mark.version.storedMajor)
    writeMark.bind(3, mark.version.storedMinor)
    writeMark.bind(4, mark.status)
    writeMark.bind(5, mark.at)
    writeMark.bind(6, mark.knowledge.rawValue)
    try writeMark.run()
  }

  func delete(_ mark: ClosingMark, of orderID: Int64) throws {
    try run(
      "DELETE FROM order_closings WHERE order_id = ?1 AND version_major = ?2 AND version_minor = ?3",
      [.integer(orderID), .integer(mark.version.storedMajor), .integer(mark.version.storedMinor)])
  }

  func deleteOrder(_ orderID: Int64) throws {
    try run("DELETE FROM orders WHERE order_id = ?1", [.integer(orderID)])
  }

  func insertTombstone(_ entity: Entity, _ id: Int64, _ version: StateVersion) throws {
    try run(
      "INSERT OR REPLACE INTO order_tombstones (entity, number, version_major, version_minor) VALUES (?1, ?2, ?3, ?4)",
      [.integer(entity.rawValue), .integer(id), .integer(version.storedMajor), .integer(version.storedMinor)])
  }

  func deleteTombstone(_ entity: Entity, _ id: Int64) throws {
    try run(
      "DELETE FROM order_tombstones WHERE entity = ?1 AND number = ?2", [.integer(entity.rawValue), .integer(id)])
  }

  /// The findings of the newest state take the place of those of the stored one.
  func replaceFlags(_ entity: Entity, _ id: Int64, existed: Bool, _ flags: [String]) throws {
    if existed, hasFlags {
      try run("DELETE FROM order_flags WHERE entity = ?1 AND number = ?2", [.text(entity.name), .integer(id)])
    }
    for flag in flags {
      try run(
        "INSERT OR IGNORE INTO order_flags (entity, number, code) VALUES (?1, ?2, ?3)",
        [.text(entity.name), .integer(id), .text(flag)])
    }
  }

  /// Adds the differences; a row that no order stands for any more goes. Sums are added here and wrap around: a sum in
  /// SQL that leaves 64 bits becomes a REAL, which a STRICT table refuses, so a source full of absurd lines would stop
  /// the mart for good. Wrapped sums come back to the right figure when such lines are deleted, whatever the order of
  /// events.
  func book(_ ledger: [LedgerKey: LedgerDelta]) throws {
    let write = try transaction.statement(
      """
      INSERT OR REPLACE INTO ledger_days
        (entry_day, kind, order_day, currency, channel, order_type, orders, units, amount_minor)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """)
    let select = try transaction.statement(
      """
      SELECT orders, units, amount_minor FROM ledger_days WHERE entry_day = ?1 AND kind = ?2 AND order_day = ?3
        AND currency = ?4 AND channel = ?5 AND order_type = ?6
      """)
    let delete = try transaction.statement(
      """
      DELETE FROM ledger_days WHERE entry_day = ?1 AND kind = ?2 AND order_day = ?3 AND currency = ?4 AND channel = ?5
        AND order_type = ?6
      """)
    for (key, delta) in ledger.sorted(by: { $0.key < $1.key }) where delta != LedgerDelta() {
      var sum = delta
      bind(key, to: select)
      if try select.step() {
        sum.orders &+= select.int64(0)
        sum.units &+= select.int64(1)
        sum.amountMinor &+= select.int64(2)
      }
      select.reset()
      guard sum.orders != 0 else {
        bind(key, to: delete)
        try delete.run()
        continue
      }
      bind(key, to: write)
      write.bind(7, sum.orders)
      write.bind(8, sum.units)
      write.bind(9, sum.amountMinor)
      try write.run()
    }
  }

  private func bind(_ key: LedgerKey, to statement: Statement) {
    statement.bind(1, key.entryDay)
    statement.bind(2, key.kind.rawValue)
    statement.bind(3, key.orderDay)
    statement.bind(4, key.currency)
    statement.bind(5, key.channel)
    statement.bind(6, key.orderType)
  }

  private func run(_ sql: String, _ values: [Value]) throws {
    let statement = try transaction.statement(sql)
    statement.bindAll(values)
    try statement.run()
  }
}
