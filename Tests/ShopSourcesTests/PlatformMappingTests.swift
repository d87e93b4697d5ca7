import Capture
import CaptureSupport
import Entity
import EventLog
import Events
import Foundation
import Money
import SQLite
import TestSupport
import Testing

@Suite("Rows of the platform database", .temporaryFolder)
struct PlatformMappingTests {
  private func bench(rows: Bool = true) throws -> (Bench, Database) {
    let bench = try Bench(platform: true)
    let database = try bench.platform()
    try database.execute(Platform.schema)
    if rows { try database.execute(Platform.rows) }
    return (bench, database)
  }

  private func orders(_ bench: Bench) throws -> [(event: Event<SealedPerson>, change: Change<Order<SealedPerson>>)] {
    try bench.events("platform").compactMap { event in
      if case .order(let change) = event.payload { (event, change) } else { nil }
    }
  }

  @Test("an order, its lines and its shipments are routed by channel and order number")
  func routing() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(
      Platform.order(200) + Platform.line(2000, order: 200) + "DELETE FROM order_items WHERE id = 1000;")
    try bench.capture()
    let logged = try bench.logged().filter { $0.partition.topic == Topic.orders }
    var partitions: [Int64?: Set<Int32>] = [:]
    for entry in logged {
      switch entry.event.payload {
      case .order: partitions[entry.event.key?.integer, default: []].insert(entry.partition.partition)
      case .orderLine(let change):
        partitions[change.newest?.orderID.integer, default: []].insert(entry.partition.partition)
      default: break
      }
    }
    #expect(partitions.count == 2 && partitions.values.allSatisfy { $0.count == 1 })
  }

  @Test("a key that is only written in another way is an update")
  func rewrittenKey() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(
      "UPDATE companies SET cuit = replace(cuit, '-', ''); UPDATE exchange_rates SET date = date || 'T00:00:00Z'")
    try bench.capture()
    let changes = try bench.events().filter { ![.snapshot, .heartbeat].contains($0.operation) }
    #expect(changes.map(\.operation) == [.update, .update, .update])
  }

  /// Goal: a row is known by the key that its shop gives it. Method: customers, orders and lines under texts, a number above
  /// 32 bits, a negative one, bytes, and an e-mail address; each is looked for in the log, and the address must not be there.
  @Test("keys of every type are kept as they are, and an address as a key stands nowhere in clear")
  func keysOfEveryType() throws {
    let bench = try Bench(platform: true)
    let database = try bench.platform()
    try database.execute(
      Platform.schema.replacing("id INTEGER PRIMARY KEY", with: "id BLOB PRIMARY KEY")
        .replacing("customer_id INTEGER", with: "customer_id BLOB")
        .replacing("order_id INTEGER", with: "order_id BLOB").replacing("product_id INTEGER", with: "product_id BLOB"))
    let keys: [(sql: String, key: RowKey<SealedPerson>?)] = [
      ("'A-1/2026'", RowKey(.text("A-1/2026"))), ("'007'", RowKey(.text("007"))), ("'385'", 385),
      ("9007199254740993", 9_007_199_254_740_993),
      ("-4", -4), ("x'00ff10'", RowKey(.bytes([0, 0xff, 0x10]))),
      ("'0198c1d2-aaaa-7000-8000-000000000001'", RowKey(.text("0198c1d2-aaaa-7000-8000-000000000001"))),
      ("'ana@canary.example'", nil),
    ]
    for (sql, _) in keys {
      try database.execute(
        """
        INSERT INTO customers(id, country) VALUES(\(sql), 'AR');
        INSERT INTO orders SELECT \(sql), NULL, \(sql), 'b2b', NULL, 'sale', NULL, 'placed', NULL, '2026-10-01', 'USD', 'US', NULL,
          NULL, '2026-10-01', '2026-10-01';
        INSERT INTO order_items VALUES(\(sql), \(sql), \(sql), 1, '1');
        """)
    }
    let counts = try bench.capture()
    #expect(counts.events == 3 * keys.count && counts.rejected == 0)
    var customers: [RowKey<PersonToken>] = []
    var references: [RowKey<PersonToken>] = []
    for logged in try bench.logged() {
      #expect(!String(decoding: logged.value, as: UTF8.self).contains("canary.example"))
      let event = try bench.tokenized(logged)
      switch event.payload {
      case .customer: if let key = event.key { customers.append(key) }
      case .order(let change):
        let customer = try #require(change.after?.customerID)
        references.append(customer)
        #expect(event.key == customer)
      case .orderLine(let change):
        #expect(change.after?.orderID == event.key && change.after?.productID == event.key)
      default: break
      }
    }
    #expect(Set(customers) == Set(references) && Set(customers).count == keys.count)
    #expect(customers.filter(\.isPersonal).count == 1)
    for case (_, let key?) in keys {
      #expect(customers.contains { $0.text == key.mapPersonal(.rowKey) { _, _ in .unread }.text })
    }
    try database.execute("DELETE FROM order_items; DELETE FROM orders WHERE id = 'ana@canary.example'")
    #expect(try bench.capture().events == keys.count + 1)
  }

  /// Goal: a table that only some shops have is read where it is there, and missed nowhere. Method: first without it, then with it;
  /// a refund finer than a cent is none.
  @Test("returns are captured where the shop has such a table, and no shop is told that it lacks one")
  func returns() throws {
    let (bench, database) = try bench()
    try bench.capture()
    #expect(try bench.status().sources.first?.notes == [])
    try database.execute(
      """
      CREATE TABLE returns(id TEXT PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER, reason TEXT, refund TEXT,
        currency TEXT, returned_at TEXT);
      """)
    try bench.capture()
    try database.execute(
      """
      INSERT INTO returns VALUES('R-1', 100, 7, 1, 'damaged', '129.90', 'USD', '2026-10-05T10:00:00Z'),
        ('R-2', 100, 7, 1, 'too small', '0.005', 'USD', '2026-10-05T10:00:00Z');
      DELETE FROM returns WHERE id = 'R-1';
      """)
    try bench.capture()
    #expect(try bench.rejections() == ["money.badAmount"])
    let found = try bench.events().compactMap {
      event -> (RowKey<SealedPerson>?, Change<ProductReturn<SealedPerson>>)? in
      if case .productReturn(let change) = event.payload { (event.key, change) } else { nil }
    }
    #expect(found.map(\.0) == [RowKey(.text("R-1")), RowKey(.text("R-1"))])
    let first = try #require(found.first?.1.after)
    #expect(first.order == 100 && first.product == 7 && first.refundMinor == 12_990 && first.reason == "damaged")
  }

  @Test("the note of an order is nowhere in the change table")
  func noteIsNotCaptured() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(
      Platform.order(200, note: "NOTECANARY") + "UPDATE orders SET status = 'completed', note = 'NOTECANARY2'")
    try database.query("SELECT * FROM millrace_changes") { row in
      for column in 0..<row.columnCount { #expect(!row.text(column).contains("NOTECANARY")) }
    }
  }

  @Test("added columns are dropped and named, a missing one rejects its rows")
  func schemaChanges() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(
      "ALTER TABLE orders ADD COLUMN secret TEXT; UPDATE orders SET secret = 'x', status = 'completed'")
    #expect(try bench.capture().events == 1)
    #expect(try bench.status().droppedColumns == ["orders.secret"])

    let other = try Bench(platform: true)
    try other.platform().execute(
      Platform.schema.replacing("currency TEXT NOT NULL, ship_to_country", with: "ship_to_country") + """
        INSERT INTO orders(id, channel, order_type, status, order_date, created_at, updated_at)
          VALUES(1, 'b2b', 'sale', 'placed', '2026-10-01', '2026-10-01T10:00:00Z', '2026-10-01T10:00:00Z');
        """)
    #expect(try other.capture().rejected == 1)
    #expect(try other.rejections() == ["row.missingField"])
    #expect(try other.status().sources.first?.notes == [SourceNote(.missingColumn, "orders.currency")])
  }

  /// Goal: a shop with discounts has them in its events, one without is no worse. Method: Northwind's way of writing them, in a
  /// column that other databases lack, in figures and in text.
  @Test("the discount of a line is captured where the database has one, and no note says so where it has none")
  func discounts() throws {
    let (bench, database) = try bench()
    try bench.capture()
    #expect(try bench.status().sources.first?.notes == [])
    try database.execute(
      """
      ALTER TABLE order_items ADD COLUMN discount REAL;
      UPDATE order_items SET discount = 0.15 WHERE id = 1000;
      INSERT INTO order_items(id, order_id, product_id, quantity, unit_price, discount) VALUES(1002, 100, 7, 1, '5', '0.5');
      """)
    try bench.capture()
    // As projections do: of two states of one version the first counts. What a trigger of before the column has recorded has
    // the version of the snapshot that follows the change of the table.
    var newest: [Int64: (version: StateVersion, discount: String?)] = [:]
    for event in try bench.events("platform") {
      guard case .orderLine(let change) = event.payload, let line = change.after, let id = event.key?.integer
      else { continue }
      if let known = newest[id], known.version >= event.version { continue }
      newest[id] = (event.version, line.discount?.description)
    }
    #expect(newest.mapValues(\.discount) == [1000: "0.15", 1001: nil, 1002: "0.5"])
  }

  @Test(
    "a value that cannot be represented rejects its own row",
    arguments: [
      ("UPDATE orders SET order_date = '2026-02-30'", "date.impossible"),
      ("UPDATE orders SET channel = 'fax'", "row.unknownValue"),
      ("UPDATE orders SET status = 'lost'", "row.unknownValue"),
      ("UPDATE orders SET customer_id = 'x' || hex(zeroblob(40000))", "event.tooLarge"),
      ("UPDATE order_items SET quantity = 1.5 WHERE id = 1000", "row.badNumber"),
      ("UPDATE order_items SET unit_price = '12,5' WHERE id = 1000", "row.badNumber"),
      ("UPDATE company_catalogs SET currency = 'XXQ'", "money.unknownCurrency"),
      ("UPDATE company_catalogs SET sale_price = '1.005'", "money.badAmount"),
      ("UPDATE exchange_rates SET currency = 'zzz'", "money.unknownCurrency"),
      ("UPDATE customers SET address = hex(zeroblob(40000))", "event.tooLarge"),
    ])
  func rejections(_ sql: String, _ reason: String) throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(sql)
    try database.execute(Platform.order(200))
    let counts = try bench.capture()
    #expect(try bench.rejections() == [reason])
    #expect(counts.rejected == 1)
    #expect(try orders(bench).contains { $0.event.key == 200 })
  }

  @Test("a row that no longer parses can still be deleted")
  func deleteOfBadRow() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute("UPDATE orders SET order_date = 'never'; DELETE FROM orders;")
    try bench.capture()
    let deleted = try #require(try orders(bench).last { $0.event.operation == .delete })
    #expect(deleted.event.key == 100)
  }

  @Test("wrong check digits and cards are flagged, natural persons' numbers and names are sealed")
  func checkRules() throws {
    let (bench, database) = try bench(rows: false)
    try database.execute(Platform.rows)
    try database.execute(
      """
      INSERT INTO companies VALUES('30-50001091-3', 'Wrong SA', 'client', 'AR', NULL);
      INSERT INTO customers(id, country, payment_card) VALUES(2, 'US', '4111111111111112');
      """)
    try bench.capture()
    #expect(try bench.events().flatMap(\.flags).sorted() == ["card.invalid", "cuit.checkDigit"])
    for event in try bench.events() {
      if case .company(let change) = event.payload, let row = change.after {
        if case .open(let cuit) = row.taxNumber { #expect(cuit.hasPrefix("30")) }
        if case .personal = row.taxNumber, case .open = row.name {
          Issue.record("the name of a natural person is open")
        }
      }
      if case .customer(let change) = event.payload, let row = change.after, event.key == 2 {
        #expect(row.card == nil)
      }
    }
  }

  /// Goal: nobody's data stand in clear in the log because a form was filled in wrongly. Method: addresses and card numbers
  /// in every clear column, then a search of the log's bytes.
  @Test("clear columns hold neither addresses nor card numbers nor other words than theirs")
  func clearColumns() throws {
    let (bench, database) = try bench()
    let mail = "ana@canary.example"
    try database.execute(
      """
      UPDATE countries SET name = '\(mail)'; UPDATE stores SET city = '\(mail)', state = '4111 1111 1111 1111';
      UPDATE products SET name = 'Phone \(mail)', category = '\(mail)';
      UPDATE companies SET type = '\(mail)', country = '\(mail)', name = '\(mail)';
      UPDATE orders SET currency = '\(mail)', ship_to_country = '\(mail)';
      UPDATE shipments SET carrier = '\(mail)', service = '\(mail)', status = '\(mail)', destination_country = '\(mail)';
      UPDATE customers SET country = '\(mail)'; UPDATE stock SET location = '\(mail)';
      INSERT INTO orders SELECT 101, company_cuit, customer_id, channel, store_id, order_type, parent_order_id, status,
        cancel_reason, order_date, 'XXQ', 'CA', ship_to_address, note, created_at, updated_at FROM orders;
      """)
    let counts = try bench.capture()
    #expect(counts.events == 14 && counts.rejected == 0)
    for logged in try bench.logged() {
      let text = String(decoding: logged.value, as: UTF8.self)
      #expect(!text.contains("canary.example") && !text.contains("4111"))
      switch logged.event.payload {
      case .product(let change): #expect(change.after?.name == "Phone [redacted]")
      case .company(let change): #expect(change.after?.kind == "other" && change.after?.country == "")
      case .stock(let change): #expect(change.after?.location.hasPrefix("~") == true)
      case .order(let change):
        let isKnown = logged.event.key == 101
        #expect(change.after?.currency == (isKnown ? "XXQ" : "invalid"))
        #expect(change.after?.shipToCountry == (isKnown ? "CA" : ""))
        // Both end in quarantine as money.unknownCurrency.
        #expect(Currency(change.after?.currency ?? "") == nil)
      default: break
      }
    }
    try database.execute("UPDATE countries SET code = '\(mail)'")
    try bench.capture()
    #expect(try bench.rejections() == ["row.unknownValue"])
  }
}
