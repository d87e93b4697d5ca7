import Capture
import CaptureSupport
import Entity
import EventLog
import Events
import Foundation
import SQLite
import SQLiteSource
import TestSupport
import Testing

/// What the shop does to its own schema, with Millrace's triggers in it.
@Suite("Migrations of the platform database", .temporaryFolder)
struct PlatformMigrationTests {
  private func bench() throws -> (Bench, Database) {
    let bench = try Bench(platform: true)
    let database = try bench.platform()
    try database.execute(Platform.schema + Platform.rows)
    return (bench, database)
  }

  /// The table's own `CREATE TABLE` under another name, with a further column.
  private func create(_ name: String, like table: String, in database: Database) throws {
    let sql = try #require(
      try database.string("SELECT sql FROM sqlite_schema WHERE name = ? AND type = 'table'", [.text(table)]))
    let start = try #require(sql.firstIndex(of: "("))
    let columns = String(sql[sql.index(after: start)...])
    try database.execute("CREATE TABLE \(name)(\(columns.contains("priority") ? "" : "priority TEXT, ")\(columns)")
  }

  /// As SQLite's manual and the usual tools do it: new table, copy, drop, rename.
  private func rebuild(_ table: String, in database: Database) throws {
    let columns = try database.rows("SELECT name FROM pragma_table_info('\(table)') WHERE name <> 'priority'") {
      $0.text(0)
    }
    .joined(separator: ", ")
    try database.execute("BEGIN")
    try create("made_anew", like: table, in: database)
    try database.execute(
      """
      INSERT INTO made_anew(\(columns)) SELECT \(columns) FROM \(table);
      DROP TABLE \(table);
      ALTER TABLE made_anew RENAME TO \(table);
      COMMIT;
      """)
  }

  private func partitions(_ bench: Bench) throws -> [Int64?: Set<Int32>] {
    var partitions: [Int64?: Set<Int32>] = [:]
    for entry in try bench.logged() where entry.partition.topic == Topic.orders {
      switch entry.event.payload {
      case .order: partitions[entry.event.key?.integer, default: []].insert(entry.partition.partition)
      case .orderLine(let change):
        partitions[change.newest?.orderID.integer, default: []].insert(entry.partition.partition)
      default: break
      }
    }
    return partitions
  }

  private func breaks(_ bench: Bench) throws -> [String] {
    try bench.status().sources.flatMap(\.notes).filter { $0.kind == .historyBroken }.map(\.text)
  }

  private func mended(_ bench: Bench) throws -> String? {
    try bench.status().sources.flatMap(\.notes).first { $0.kind == .mended }?.text
  }

  @Test("no trigger names another table than its own and the change table")
  func triggersKnowTheirTable() throws {
    let (bench, database) = try bench()
    try bench.capture()
    let triggers = try database.rows("SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'") {
      ($0.text(0), $0.text(1))
    }
    #expect(triggers.count == 34 && triggers.filter { $0.0 == "millrace_changes" }.count == 1)
    for (table, sql) in triggers {
      #expect(!sql.contains("SELECT") || table == "millrace_changes")
      for other in ["orders", "customers", "products", "companies"] where other != table {
        #expect(!sql.contains("\"\(other)\""))
      }
    }
  }

  /// Goal: the triggers block no migration and no write after it. Method: both usual ways of making a table anew, for each
  /// captured table, then a write to the tables that refer to orders.
  @Test("a table is made anew in both usual ways, and the shop's writes go on")
  func migrations() throws {
    let (bench, database) = try bench()
    try bench.capture()
    for table in ["orders", "order_items", "shipments", "customers", "stores", "companies", "exchange_rates"] {
      try rebuild(table, in: database)
    }
    try database.execute("BEGIN; ALTER TABLE orders RENAME TO orders_old")
    try create("orders", like: "orders_old", in: database)
    let columns = try database.rows("SELECT name FROM pragma_table_info('orders_old')") { $0.text(0) }.joined(
      separator: ", ")
    try database.execute(
      "INSERT INTO orders(\(columns)) SELECT \(columns) FROM orders_old; DROP TABLE orders_old; COMMIT")
    try database.execute(
      "INSERT INTO order_items(id, order_id, product_id, quantity, unit_price) VALUES(2, 100, 7, 1, '1')")
    #expect(try breaks(bench) == [])
    try bench.capture()
    #expect(try breaks(bench) == [] && bench.status().faults(isCapturing: false) == [])
    let text = try #require(try mended(bench))
    #expect(text.contains("companies, customers, exchange_rates, order_items, orders, shipments, stores made anew"))
    #expect(text.hasSuffix("found 1 new rows, 0 changed, 0 gone"))
  }

  /// Goal: a line goes to its order's partition, whatever became of the order. Method: lines before their order, orders deleted
  /// before and after their lines, by hand and by cascade, all captured in one poll; an order that changes its channel.
  @Test("lines are routed with their order also when it comes later or is gone")
  func routing() throws {
    let (bench, database) = try bench()
    try bench.capture()
    for order in 200..<216 {
      let insert = [Platform.line(order * 10, order: order), Platform.order(order)]
      try database.execute((order % 2 == 0 ? insert : insert.reversed()).joined())
    }
    try bench.capture()
    for order in 200..<216 {
      let delete = ["DELETE FROM orders WHERE id = \(order);", "DELETE FROM order_items WHERE order_id = \(order);"]
      try database.execute((order % 2 == 0 ? delete : delete.reversed()).joined())
    }
    for order in 300..<316 {
      try database.execute(
        Platform.order(order) + Platform.line(order * 10, order: order) + "DELETE FROM orders WHERE id = \(order);"
          + "DELETE FROM order_items WHERE order_id = \(order);")
    }
    try bench.capture()
    let found = try partitions(bench)
    #expect(found.count == 33)
    #expect(found.values.allSatisfy { $0.count == 1 })
    #expect(try bench.events("platform").filter { $0.operation == .delete }.count == 64)
  }

  /// Goal: an upgrade replaces the triggers of older versions in place, without a break, and what those recorded keeps its route.
  /// Method: put the older triggers back, let them record, then capture.
  @Test("triggers of an older version are replaced at the next start, and history goes on")
  func upgrade() throws {
    let (bench, database) = try bench()
    try bench.capture()
    let triggers = try database.rows(
      "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' AND name <> 'millrace_bound'"
    ) { ($0.text(0), $0.text(1), $0.text(2)) }
    try database.execute("DROP TRIGGER millrace_bound")
    for trigger in triggers {
      let isRouted = ["order_items", "shipments"].contains(trigger.1)
      let words = ["I": "insert", "U": "update", "D": "delete"]
      let operation = try #require(words.first { trigger.0.contains("_\($0.value) ") }?.key)
      let routing =
        isRouted ? "(SELECT channel FROM orders WHERE id = \(operation == "D" ? "OLD" : "NEW").order_id)" : "NULL"
      let sql = trigger.2.replacing("(at, tbl, op, ", with: "(at, tbl, op, routing, ")
        .replacing("'\(trigger.1)', '\(operation)', ", with: "'\(trigger.1)', '\(operation)', \(routing), ")
        .replacing("\"\(trigger.0)\"", with: "millrace_\(trigger.1)_\(words[operation]!)")
      #expect(sql.contains("routing") && !sql.contains("uninstall"))
      try database.execute("DROP TRIGGER \"\(trigger.0)\"; \(sql)")
    }
    try database.execute("DROP TABLE millrace_tables")
    try database.execute(
      Platform.order(200) + Platform.line(2000, order: 200) + "UPDATE orders SET channel = 'store' WHERE id = 200")
    try bench.capture()
    #expect(try breaks(bench) == [] && bench.status().sources.first?.epoch == 1)
    #expect(try bench.status().faults(isCapturing: false) == [])
    #expect(try Bench.triggers.isInstalled(bench.platformPath))
    #expect(
      try database.integer("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%SELECT%'") == 1)
    // The line was recorded when its order's channel was b2b.
    let router = try bench.logged().first { entry in
      if case .orderLine = entry.event.payload { entry.event.key == 2000 } else { false }
    }
    let created = try bench.logged().first { entry in
      if case .order(let change) = entry.event.payload {
        entry.event.key == 200 && change.after != nil && change.before == nil
      } else {
        false
      }
    }
    #expect(router?.partition == created?.partition && router != nil)
    try database.execute("UPDATE order_items SET quantity = 3")
    #expect(try bench.capture().events == 3)
  }

  /// Goal: a table that was made anew loses no change in silence. Method: make it anew and change it, between two runs, under a
  /// running session, and with a capture that dies after it has put the triggers back.
  @Test(
    "a table whose triggers went with a migration is compared by key, and status says what was found",
    arguments: ["between", "live", "crash"])
  func madeAnew(when: String) throws {
    let (bench, database) = try bench()
    let session = when == "live" ? try bench.session() : nil
    if let session { _ = try session.runOnce() } else { try bench.capture() }
    // The shipment's trigger is in place: its delete was seen, though nobody has read it yet.
    try database.execute("DELETE FROM shipments WHERE id = 50")
    try rebuild("order_items", in: database)
    try database.execute("UPDATE order_items SET quantity = 9 WHERE id = 1000; DELETE FROM order_items WHERE id = 1001")
    try database.execute(Platform.order(200))
    if when == "crash" { try Bench.triggers.install(bench.platformPath) }
    if let session { _ = try session.runOnce() } else { try bench.capture() }
    let source = try #require(try bench.status().sources.first)
    #expect(try source.epoch == 1 && bench.status().faults(isCapturing: true) == [])
    let text = try #require(try mended(bench))
    #expect(text.hasPrefix("changes may have been missed (order_items made anew, dropped, or without change triggers"))
    #expect(text.hasSuffix("found 0 new rows, 1 changed, 1 gone"))
    let lines = try bench.events("platform").compactMap { event -> Int64? in
      if case .orderLine(let change) = event.payload, event.operation != .snapshot {
        change.after?.quantity
      } else {
        nil
      }
    }
    #expect(lines == [9])
    #expect(try Set(bench.events("platform").filter { $0.operation == .delete }.map(\.key?.integer)) == [50, 1001])
    // Once: afterwards its changes come one by one again.
    try database.execute("UPDATE order_items SET quantity = 10")
    if let session { #expect(try session.runOnce().events == 1) } else { #expect(try bench.capture().events == 1) }
    #expect(try bench.status().sources.first?.epoch == 1)
  }

  @Test("what a trigger that somebody took away would have told is found, and a table that was dropped is missed")
  func tampered() throws {
    let (bench, database) = try bench()
    try bench.capture()
    let trigger = try #require(
      try database.string("SELECT name FROM sqlite_schema WHERE name LIKE 'millrace_stores_update%'"))
    try database.execute("DROP TRIGGER \"\(trigger)\"; UPDATE stores SET city = 'Reno'")
    #expect(try bench.capture().events == 1)
    #expect(try mended(bench)?.contains("(stores made anew, dropped, or without change triggers for a while)") == true)
    let create = try #require(try database.string("SELECT sql FROM sqlite_schema WHERE name = 'stock'"))
    try database.execute("DROP TABLE stock")
    for _ in 0..<2 {
      #expect(try bench.capture().events == 0)
      #expect(
        try bench.status().faults(isCapturing: false).map { $0.prefix(29) }
          == ["platform: stock is gone from t"].map { $0.prefix(29) })
    }
    try database.execute(create)
    #expect(try bench.capture().events == 1)
    #expect(try bench.events("platform").last { $0.operation == .delete }?.position.stream == "stock")
    #expect(try bench.status().faults(isCapturing: false) == [] && bench.status().sources.first?.epoch == 1)
  }

  @Test("a table that appears later is read with the rows that it has, and nothing is broken")
  func appeared() throws {
    let bench = try Bench(platform: true)
    let database = try bench.platform()
    let parts = Platform.schema.split(separator: ";").map(String.init)
    try database.execute(parts.filter { !$0.contains("TABLE stores") }.joined(separator: ";"))
    try bench.capture()
    #expect(try bench.status().sources.first?.notes == [SourceNote(.missingTable, "stores")])
    try database.execute(try #require(parts.first { $0.contains("TABLE stores") }))
    try database.execute("INSERT INTO stores VALUES(1, 'Austin', 'TX')")
    #expect(try bench.capture().events == 1)
    #expect(try bench.status().faults(isCapturing: false) == [] && bench.status().sources.first?.notes == [])
  }

  @Test("the tables that Millrace adds go again with its triggers")
  func removal() throws {
    let (bench, database) = try bench()
    func schema() throws -> [String] { try database.rows("SELECT sql FROM sqlite_schema ORDER BY name") { $0.text(0) } }
    let before = try schema()
    try bench.capture()
    try rebuild("stores", in: database)
    try bench.capture()
    try Bench.triggers.remove(bench.platformPath)
    #expect(try schema().count == before.count)
    #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'millrace%'") == 0)
  }
}
