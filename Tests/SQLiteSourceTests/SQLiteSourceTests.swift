import Capture
import CaptureSupport
import Entity
import EventLog
import Events
import Foundation
import Money
import SQLite
import SQLiteSource
import ShopSources
import TestSupport
import Testing

@Suite("SQLite databases", .temporaryFolder)
struct SQLiteSourceTests {
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

  private func operations(_ bench: Bench) throws -> [EventOperation: Int] {
    Dictionary(try bench.events().map { ($0.operation, 1) }, uniquingKeysWith: +)
  }

  @Test("a snapshot brings every row of every table once")
  func snapshot() throws {
    let (bench, _) = try bench()
    let counts = try bench.capture()
    #expect(counts.events == 13 && counts.rejected == 0)
    #expect(try operations(bench) == [.snapshot: 13])
    #expect(try bench.capture().events == 0)
    let (event, change) = try #require(try orders(bench).first)
    let order = try #require(change.after)
    #expect(event.version == StateVersion(major: 1, minor: 0) && event.occurredAt == Timestamp("2026-10-01T10:00:00Z"))
    #expect(event.key == 100 && order.channel == .b2b && order.company == .open("30500010912"))
    #expect(order.currency == "USD" && order.orderDate == CivilDate("2026-10-01") && order.shipToAddress != nil)
    #expect(try bench.status().droppedColumns.isEmpty)
  }

  @Test("inserts, updates and deletes come in commit order with before and after")
  func changes() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(
      """
      BEGIN; \(Platform.order(200)) UPDATE orders SET status = 'completed' WHERE id = 200; COMMIT;
      DELETE FROM orders WHERE id = 200;
      """)
    #expect(try bench.capture().events == 3)
    let changes = try orders(bench).filter { $0.event.operation != .snapshot }
    #expect(changes.map(\.event.operation) == [.create, .update, .delete])
    #expect(changes.map(\.event.version.minor) == [1, 2, 3])
    #expect(changes[1].change.before?.status == .placed && changes[1].change.after?.status == .completed)
    #expect(changes[2].event.key == 200 && changes[2].change.after == nil)
  }

  @Test("a row updated to the same values is no event, and neither is a change of what is not captured")
  func noOperation() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute("UPDATE orders SET status = status; UPDATE orders SET note = 'new words'")
    #expect(try bench.capture().events == 0)
  }

  @Test("a changed key is a delete and a create at one position")
  func keyChange() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute("UPDATE stock SET location = 'Dallas' WHERE location = 'Austin'")
    #expect(try bench.capture().events == 2)
    let events = try bench.events().filter { $0.operation != .snapshot }.sorted {
      $0.position.index < $1.position.index
    }
    #expect(events.map(\.operation) == [.delete, .create])
    #expect(events.map(\.position.index) == [0, 1] && Set(events.map(\.version)).count == 1)
  }

  /// Goal: a snapshot with changes under way loses nothing. Method: fail the log after each commit in turn, change rows
  /// before each new start, and compare the newest version of each row with the table.
  @Test("a snapshot that is interrupted while rows change ends with the rows as they are")
  func concurrentSnapshot() throws {
    let (bench, database) = try bench(rows: false)
    try database.write {
      for id in 1...24_000 { try database.execute(Platform.line(id, order: id / 3)) }
    }
    var generator = SeededGenerator(seed: 7)
    for round in 0..<6 {
      _ = try? bench.capture(FailingLog(bench.log, round.isMultiple(of: 2) ? [.none, .before] : [.after]))
      let id = Int.random(in: 1...24_000, using: &generator)
      try database.execute(
        """
        UPDATE order_items SET quantity = \(round + 10) WHERE id IN (\(id), 23999);
        DELETE FROM order_items WHERE id = \(24_000 - round * 3_500);
        \(Platform.line(50_000 + round, order: 1))
        """)
    }
    try bench.capture()
    var newest: [Int64: (StateVersion, Int64?)] = [:]
    for event in try bench.events() {
      guard case .orderLine(let change) = event.payload, let id = event.key?.integer else {
        continue
      }
      if let known = newest[id], known.0 > event.version { continue }
      newest[id] = (event.version, change.after?.quantity)
    }
    let mine = newest.compactMapValues(\.1)
    var theirs: [Int64: Int64] = [:]
    try database.query("SELECT id, quantity FROM order_items") { theirs[$0.int64(0)] = $0.int64(1) }
    #expect(mine == theirs)
  }

  @Test("removing the triggers leaves the source's schema as it was")
  func removal() throws {
    let (bench, database) = try bench()
    let schema = {
      try database.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name") { $0.text(0) + $0.text(3) }
    }
    let before = try schema()
    #expect(try Bench.triggers.isInstalled(bench.platformPath) == false)
    try Bench.triggers.install(bench.platformPath)
    try Bench.triggers.install(bench.platformPath)
    #expect(try Bench.triggers.isInstalled(bench.platformPath) && schema() != before)
    try database.execute(Platform.order(300))
    try Bench.triggers.remove(bench.platformPath)
    #expect(try schema() == before && !Bench.triggers.isInstalled(bench.platformPath))
  }

  @Test("triggers that were installed anew begin a new epoch with a new snapshot")
  func reinstalled() throws {
    let (bench, _) = try bench()
    try bench.capture()
    try Bench.triggers.remove(bench.platformPath)
    #expect(try bench.capture().events == 13)
    let source = try #require(try bench.status().sources.first)
    #expect(source.epoch == 2 && source.notes.map(\.kind) == [.mended])
    #expect(
      source.notes.first?.text.contains("the change triggers of the platform database were installed anew") == true)
    for (_, events) in Dictionary(
      grouping: try bench.logged(heartbeats: true).filter { $0.event.epoch == 2 }, by: \.partition)
    {
      #expect(events.map(\.event.number) == Array(1...UInt64(events.count)))
    }
  }

  /// As a workspace of a version before rows were kept.
  private func forgetRows(_ bench: Bench) throws {
    try Database(bench.folder + "/capture.sqlite", .readWrite).execute("DELETE FROM kept")
  }

  @Test(
    "that history broke before rows were kept is said until a person acknowledges it, over restarts and other notes")
  func brokenNoteStays() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try forgetRows(bench)
    try Bench.triggers.remove(bench.platformPath)
    try bench.capture()
    try database.execute("ALTER TABLE stores ADD COLUMN secret TEXT; INSERT INTO stores VALUES(2, 'Reno', 'NV', 'x')")
    try bench.capture()
    #expect(try bench.status().sources.first?.notes.map(\.kind) == [.droppedColumn, .historyBroken])
    try bench.session().acknowledgeBreaks()
    try bench.capture()
    #expect(try bench.status().sources.first?.notes.map(\.kind) == [.droppedColumn])
  }

  @Test("a database put in the place of the old one is noticed while capture runs")
  func exchanged() throws {
    let (bench, database) = try bench()
    let session = try bench.session()
    _ = try session.runOnce()
    try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try FileManager.default.copyItem(atPath: bench.platformPath, toPath: bench.platformPath + ".new")
    try Database(bench.platformPath + ".new", .readWrite).execute("INSERT INTO stores VALUES(2, 'Reno', 'NV')")
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: bench.platformPath + suffix) }
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.moveItem(
        atPath: bench.platformPath + ".new" + suffix, toPath: bench.platformPath + suffix)
    }
    _ = try session.runOnce()
    #expect(
      try bench.events("platform").contains { event in
        if case .store = event.payload { event.key == 2 } else { false }
      })
  }

  @Test("where a change table no longer reaches back, what it lacks is found by comparison")
  func prunedTooFar() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(Platform.order(200) + Platform.order(201) + "DELETE FROM millrace_changes WHERE seq = 1")
    try bench.capture()
    #expect(try bench.status().sources.first?.epoch == 1)
    #expect(try orders(bench).map { $0.event.key?.integer }.sorted { ($0 ?? 0) < ($1 ?? 0) } == [100, 200, 201])
  }

  @Test("delivered changes are pruned, the newest stay")
  func pruning() throws {
    let (bench, database) = try bench()
    let capture = {
      let clock = bench.clock
      let source = try SQLiteSource(
        name: "platform", path: bench.platformPath,
        mapping: PlatformMapping(keyring: bench.keyring, system: "platform"),
        keyring: bench.keyring, installsTriggers: true, changeMargin: 1_000)
      return try CaptureSession(
        bench.configuration, sources: [source], log: bench.log, keyring: bench.keyring, vault: bench.vault,
        clock: { clock.now }
      ).runOnce()
    }
    _ = try capture()
    try database.execute(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
      INSERT INTO order_items(order_id, product_id, quantity, unit_price) SELECT 100, 7, 1, '1.00' FROM n
      """)
    #expect(try capture().events == 12_000)
    #expect(try database.integer("SELECT count(*) FROM millrace_changes") == 1_001)
    try database.execute(Platform.order(200))
    #expect(try capture().events == 1)
    #expect(try bench.status().sources.first?.epoch == 1)
  }

  /// Goal: capture is never the second writer that the WAL-reset bug needs. Method: the same as above in WAL mode.
  @Test("nothing is pruned from a database in WAL mode where SQLite could lose its commits")
  func pruningInWAL() throws {
    let (bench, database) = try bench()
    try #require(database.string("PRAGMA journal_mode=WAL") == "wal")
    let capture = {
      let clock = bench.clock
      let source = try SQLiteSource(
        name: "platform", path: bench.platformPath,
        mapping: PlatformMapping(keyring: bench.keyring, system: "platform"),
        keyring: bench.keyring, installsTriggers: true, changeMargin: 1_000)
      return try CaptureSession(
        bench.configuration, sources: [source], log: bench.log, keyring: bench.keyring, vault: bench.vault,
        clock: { clock.now }
      ).runOnce()
    }
    _ = try capture()
    try database.execute(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
      INSERT INTO order_items(order_id, product_id, quantity, unit_price) SELECT 100, 7, 1, '1.00' FROM n
      """)
    #expect(try capture().events == 12_000)
    let kept: Int64 = Database.hasWALResetBug ? 12_000 : 1_001
    #expect(try database.integer("SELECT count(*) FROM millrace_changes") == kept)
    for version: Int32 in [3_040_001, 3_044_005, 3_045_000, 3_050_006, 3_051_002] {
      #expect(Database.hasWALResetBug(version: version))
    }
    for version: Int32 in [3_044_006, 3_050_007, 3_051_003, 3_052_000] {
      #expect(!Database.hasWALResetBug(version: version))
    }
  }

  @Test("change numbers at the ends of their range stop nothing", arguments: [Int64.min, Int64.min + 5, Int64.max])
  func hostileNumbers(_ sequence: Int64) throws {
    let (bench, database) = try bench()
    try Bench.triggers.install(bench.platformPath)
    try database.run("INSERT INTO millrace_changes(seq, tbl, op) VALUES(?, 'orders', 'D')", [.integer(sequence)])
    #expect(try bench.capture().events == 13)
    #expect(try bench.capture().events == 0)
  }

  @Test("capture without permission to install says what to do")
  func notInstalled() throws {
    let (bench, _) = try bench()
    bench.configuration.installsTriggers = false
    #expect(throws: CaptureError.self) { try bench.capture() }
  }
}
