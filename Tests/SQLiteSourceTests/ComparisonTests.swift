import Capture
import CaptureSupport
import Entity
import Events
import Foundation
import Money
import SQLite
import SQLiteSource
import TestSupport
import Testing

@Suite("Comparison of a database with what was delivered of it", .temporaryFolder)
struct ComparisonTests {
  private static let price = """
    CREATE TRIGGER app_price AFTER INSERT ON order_items BEGIN
      UPDATE order_items SET unit_price = '50' WHERE id = NEW.id; END;
    """

  private func insertLines(_ range: ClosedRange<Int>) -> String {
    """
    WITH RECURSIVE n(i) AS (SELECT \(range.lowerBound) UNION ALL SELECT i + 1 FROM n WHERE i < \(range.upperBound))
    INSERT INTO order_items SELECT i, 100, 7, 1, '100' FROM n;
    """
  }

  /// Goal: a row whose changes stand in the wrong order keeps them all, in the order in which they happened. Method: a
  /// trigger of the shop that runs before ours; what the order line's two changes say, and their versions.
  @Test("changes that a trigger of the shop has turned round are put in order, and none is lost")
  func order() throws {
    let shop = try ShopTwin()
    try shop.run("CREATE TABLE x(a);")
    try shop.check("before")
    try shop.run(Self.price + "INSERT INTO order_items VALUES(3, 100, 7, 1, '100')")
    #expect(try shop.shop.rows("SELECT op FROM millrace_changes ORDER BY seq") { $0.text(0) } == ["U", "I"])
    try shop.check("after")
    let changes = try shop.bench.events("platform").filter { $0.operation != .snapshot }
    #expect(changes.map(\.operation) == [.create, .update] && changes.map(\.version.minor) == [1, 2])
    let prices = changes.compactMap { event -> [String?]? in
      guard case .orderLine(let change) = event.payload else { return nil }
      return [change.before?.unitPrice.description, change.after?.unitPrice.description]
    }
    #expect(prices == [[nil, "100"], ["100", "50"]])
  }

  /// Goal: the last state wins also where a row's newest change stands in another read than the end of the changes, and
  /// through restarts between. Method: thousands of turned changes and then of others, with a log that fails after one
  /// batch, so that each run reads on from a position amid them.
  @Test(
    "turned changes in a long backlog end with the rows as they stand, also after restarts",
    arguments: ["every", "latest"])
  func backlog(_ detail: String) throws {
    let shop = try ShopTwin(detail)
    shop.bench.configuration.batchEvents = 1_000
    try shop.check("before")
    let turned = "UPDATE order_items SET quantity = 2 WHERE id = 1000;" + Self.price + insertLines(2_001...4_500)
    try shop.run(turned + "DROP TRIGGER app_price;" + insertLines(5_001...9_000))
    try shop.run("UPDATE order_items SET quantity = 9 WHERE id = 2001; DELETE FROM order_items WHERE id = 2002")
    for _ in 0..<3 { _ = try? shop.bench.capture(FailingLog(shop.bench.log, [.none, .none, .before])) }
    try shop.check("after")
  }

  /// Goal: a comparison is broken off anywhere and still finds everything, once. Method: rows of a table made anew, with a
  /// log that fails at each batch in turn.
  @Test("a comparison that is broken off goes on")
  func brokenOff() throws {
    let shop = try ShopTwin()
    shop.bench.configuration.batchEvents = 1_000
    try shop.run(insertLines(2_001...9_000))
    try shop.check("before")
    try shop.run(
      """
      BEGIN; CREATE TABLE n(id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER, unit_price TEXT);
      INSERT INTO n SELECT id, order_id, product_id, quantity + id % 2, unit_price FROM order_items WHERE id % 5;
      DROP TABLE order_items; ALTER TABLE n RENAME TO order_items; COMMIT;
      """)
    for round in 0..<3 {
      _ = try? shop.bench.capture(FailingLog(shop.bench.log, [.none, .before]))
      if round == 0 {
        #expect(try shop.bench.status().faults(isCapturing: true).contains { $0.contains("comparison") })
      }
    }
    try shop.check("after")
    let after = try shop.bench.events("platform").filter { $0.operation != .snapshot }
    #expect(after.count == Set(after.map(\.key?.integer)).count && after.count == 4_202)
    #expect(try shop.bench.capture().events == 0)
  }

  /// Goal: a workspace of a version that kept no rows notes them down at its first look, without an event, and compares from
  /// then on. Method: forget them, look once, make a table anew.
  @Test("a workspace of an earlier version notes down what it has delivered, and can compare from then on")
  func filled() throws {
    let shop = try ShopTwin()
    try shop.check("before")
    let capture = try Database(shop.bench.folder + "/capture.sqlite", .readWrite)
    try capture.execute("DELETE FROM kept")
    #expect(try shop.bench.capture().events == 0)
    #expect(try capture.integer("SELECT count(*) FROM kept")! > 10)
    try shop.run(
      "CREATE TABLE n AS SELECT * FROM order_items; DROP TABLE order_items; ALTER TABLE n RENAME TO order_items")
    try shop.run("DELETE FROM order_items WHERE id = 1000")
    try shop.check("after")
    #expect(try shop.bench.status().sources.first?.epoch == 1)
  }

  /// Goal: rows that were gone, or came, before an earlier version was upgraded do so in the marts too. Method: forget what is kept,
  /// after changes that no trigger saw; keys of several columns and types; a run that breaks off; a log with a failure amid it.
  @Test("rows that went before a workspace of an earlier version was upgraded go away", arguments: [false, true])
  func filledFromLog(isBroken: Bool) throws {
    let shop = try ShopTwin()
    shop.bench.configuration.batchEvents = 1_000
    try shop.run(insertLines(2_001...6_000) + "INSERT INTO stores VALUES(2, 'Ely', 'NV')")
    try shop.check("before")
    try shop.run("DELETE FROM stores WHERE id = 2; INSERT INTO order_items VALUES(9000, 100, 7, 1, '5')")
    try shop.check("seen")
    let triggers = try shop.shop.rows(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'millrace%'"
    ) { ($0.text(0), $0.text(1)) }
    for (name, _) in triggers { try shop.shop.execute("DROP TRIGGER \"\(name)\"") }
    try shop.run(
      """
      DELETE FROM order_items WHERE id = 9000 OR id BETWEEN 2001 AND 4500; DELETE FROM stock; DELETE FROM exchange_rates;
      DELETE FROM companies WHERE cuit LIKE '30%'; DELETE FROM countries; INSERT INTO stores VALUES(2, 'Ely', 'NV');
      INSERT INTO products VALUES(8, 'Case', 'Mobile', NULL, '3');
      """)
    for (_, sql) in triggers { try shop.shop.execute(sql) }
    try Database(shop.bench.folder + "/capture.sqlite", .readWrite).execute("DELETE FROM kept")
    try shop.run("DELETE FROM order_items WHERE id = 1001; UPDATE stores SET city = 'Reno' WHERE id = 1")
    if isBroken { _ = try? shop.bench.capture(FailingLog(shop.bench.log, [.none, .before])) }
    try shop.check("after")
    let all = try shop.bench.events("platform")
    #expect(all.filter { $0.operation == .delete && $0.key == 1001 }.count == 1)
    let found = all.filter { $0.epoch > 1 && $0.key != 1001 && $0.operation != .update }
    #expect(found.count == 2_507, "\(found.count)")
    let gone = Set(found.filter { $0.operation == .delete }.map(\.position.stream))
    #expect(gone == ["order_items", "stock", "exchange_rates", "companies", "countries"])
    #expect(found.filter { $0.operation == .create }.map(\.position.stream).sorted() == ["products", "stores"])
    let capture = try Database(shop.bench.folder + "/capture.sqlite", .readOnly)
    #expect(try capture.integer("SELECT count(*) FROM kept WHERE key >= x'03'") == 0)
    #expect(try shop.bench.capture().events == 0)
    try shop.run("DELETE FROM order_items WHERE id < 5000; UPDATE stores SET state = 'TX'")
    try shop.check("later")
  }

  /// Goal: what is kept of a row is short and says nothing in clear about a person. Method: canaries in keys and values, in
  /// the file's bytes; the length of what an order line takes.
  @Test("what is kept of a row is less than 100 bytes, and nobody is known from it")
  func kept() throws {
    let shop = try ShopTwin()
    try shop.run(
      """
      INSERT INTO companies VALUES('20-11112222-3', 'Eva Canary', 'client', 'AR', 'eva-canary');
      INSERT INTO stock VALUES(8, 'eva@canary.example', 1, '2026-10-01T09:00:00Z');
      """)
    try shop.bench.capture()
    let path = shop.bench.folder + "/capture.sqlite"
    let capture = try Database(path, .readWrite)
    let longest = try capture.integer(
      "SELECT max(length(source) + length(key) + length(digest)) FROM kept WHERE key >= x'01' AND person_key IS NULL")
    #expect(try #require(longest) <= 100)
    #expect(try capture.integer("SELECT count(*) FROM kept WHERE person_key IS NOT NULL")! >= 3)
    try capture.execute("DELETE FROM outbox; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
    for file in [path, path + "-wal"] {
      guard let data = FileManager.default.contents(atPath: file) else { continue }
      for canary in ["anary", "20-1234", "201234", "20-1111", "2011112222"] {
        #expect(data.range(of: Data(canary.utf8)) == nil, "\(canary)")
      }
    }
    // A row whose key is personal goes away by comparison, too.
    try shop.run(
      "CREATE TABLE n AS SELECT * FROM stock WHERE product_id = 7; DROP TABLE stock; ALTER TABLE n RENAME TO stock")
    try shop.run(
      "CREATE TABLE n AS SELECT * FROM companies WHERE cuit LIKE '30%'; DROP TABLE companies; ALTER TABLE n RENAME TO companies"
    )
    try shop.bench.capture()
    let gone = try shop.bench.events("platform").filter { $0.operation == .delete }
    #expect(gone.map(\.position.stream).sorted() == ["companies", "companies", "stock"])
    let made = try shop.bench.logged().filter {
      $0.event.position.stream == "companies" && $0.event.operation == .snapshot
    }
    let ends = try shop.bench.logged().filter {
      $0.event.position.stream == "companies" && $0.event.operation == .delete
    }
    #expect(Set(ends.map(\.partition)).isSubset(of: Set(made.map(\.partition))))
  }

  @Test("SQLite's refusal to drop a captured column says what to do first, and doing so loses nothing")
  func dropColumn() throws {
    let shop = try ShopTwin()
    try shop.check("before")
    let error = #expect(throws: SQLiteError.self) {
      try shop.shop.execute("ALTER TABLE orders DROP COLUMN cancel_reason")
    }
    #expect(error?.message.contains("before dropping a column: millrace capture --uninstall") == true)
    try Bench.triggers.remove(shop.bench.platformPath)
    try shop.run("ALTER TABLE orders DROP COLUMN cancel_reason; DELETE FROM order_items WHERE id = 1000")
    try shop.check("after")
  }
}
