import Capture
import CaptureSupport
import Foundation
import SQLite
import SQLiteSource
import ShopSources
import TestSupport
import Testing

/// The change table is bounded by its own trigger, in the shop's transactions, whether or not anybody captures.
@Suite("The size of the change table", .temporaryFolder)
struct ChangeTableTests {
  private func shop(keeping count: Int64, _ mode: String = "DELETE") throws -> (Bench, Database) {
    let bench = try Bench(platform: true)
    let database = try bench.platform()
    try database.execute(Platform.schema + Platform.rows)
    #expect(try database.string("PRAGMA journal_mode=\(mode)") == mode.lowercased())
    try ChangeTriggers(on: PlatformTables.all, title: PlatformTables.title, keptChanges: count).install(
      bench.platformPath)
    return (bench, database)
  }

  private static func lines(_ range: ClosedRange<Int>, price: String = "'1.00'") -> String {
    """
    WITH RECURSIVE n(i) AS (SELECT \(range.lowerBound) UNION ALL SELECT i + 1 FROM n WHERE i < \(range.upperBound))
    INSERT INTO order_items SELECT 5000 + i, 100, 7, 1, \(price) FROM n;
    """
  }

  private func kept(_ database: Database) throws -> (count: Int64, newest: Int64) {
    try database.first("SELECT count(*), max(seq) FROM millrace_changes") { ($0.int64(0), $0.int64(1)) } ?? (0, 0)
  }

  /// Goal: the shop's disk never fills, however long nobody captures. Method: many small transactions and a large one, in both
  /// kinds of journal; the file must not grow any more once the bound is reached.
  @Test("while nobody captures it holds its newest changes and no more", arguments: ["DELETE", "WAL"])
  func bounded(_ mode: String) throws {
    let (_, database) = try shop(keeping: 1_000, mode)
    for step in 0..<40 { try database.execute(Self.lines(step * 60 + 1...step * 60 + 60)) }
    try database.execute(Self.lines(2_401...5_000))
    var (count, newest) = try kept(database)
    #expect(count == 1_000 && newest == 5_000)
    try database.execute("DELETE FROM order_items; VACUUM;" + Self.lines(1...1_000))
    let pages = try database.integer("PRAGMA page_count")!
    for _ in 0..<10 { try database.execute("UPDATE order_items SET quantity = quantity + 1") }
    (count, newest) = try kept(database)
    #expect(count <= 1_100)
    #expect(try database.integer("PRAGMA page_count")! < pages + pages / 2)
  }

  @Test("long values count for more changes than one")
  func longValues() throws {
    let (_, database) = try shop(keeping: 1_000)
    try database.execute(Self.lines(1...2_000, price: "printf('%.*c', 10000, 'x')"))
    let bytes = try database.integer("SELECT sum(length(n4)) FROM millrace_changes")!
    #expect(bytes > 500_000 && bytes < 2_100_000)
  }

  /// Goal: an upgrade makes the shop wait for no large deletion. Method: a table of an earlier version, far too large; how many
  /// go with each further change.
  @Test("one that grew far too large shrinks little by little")
  func shrinks() throws {
    let (bench, database) = try shop(keeping: 1_000)
    try database.execute("DROP TRIGGER millrace_bound;" + Self.lines(1...20_000))
    #expect(try kept(database).count == 20_000)
    try ChangeTriggers(on: PlatformTables.all, title: PlatformTables.title, keptChanges: 1_000).install(
      bench.platformPath)
    try database.execute(Self.lines(20_001...20_100))
    #expect(try kept(database).count == 19_100)
    try database.execute(Self.lines(20_101...23_000))
    #expect(try kept(database).count == 1_000)
  }

  @Test("the shop's own statements count what they would count without us")
  func counts() throws {
    let (_, database) = try shop(keeping: 1_000)
    try database.execute(Self.lines(1...3_000))
    try database.execute("INSERT INTO order_items VALUES(99999, 100, 7, 1, '1')")
    #expect(try database.integer("SELECT last_insert_rowid()") == 99_999)
    try database.execute("UPDATE order_items SET quantity = 2 WHERE id <= 5250")
    #expect(try database.integer("SELECT changes()") == 252)
  }

  /// Goal: capture that was off for longer than the table reaches loses nothing but what was between. Method: more changes than
  /// are kept, of all kinds, in both details.
  @Test("changes that were dropped are named with their time, and found by key", arguments: ["every", "latest"])
  func dropped(_ detail: String) throws {
    let shop = try ShopTwin(detail)
    shop.bench.configuration.sources[0].choices["kept_changes"] = "10000"
    try shop.check("before")
    try shop.run("UPDATE orders SET status = 'completed'")
    try shop.check("watched")
    try shop.run("DELETE FROM stores; DELETE FROM order_items WHERE id = 1000; UPDATE products SET name = 'Case'")
    for step in 0..<3 { try shop.run(Self.lines(step * 4_000 + 1...step * 4_000 + 4_000)) }
    #expect(try kept(shop.shop).count < 10_100)
    try shop.check("after")
    let source = try #require(try shop.bench.status().sources.first)
    let note = try #require(source.notes.first { $0.kind == .mended }?.text)
    #expect(source.epoch == 1)
    #expect(note.contains("no longer reaches back to what was captured: 1999 changes between 20"), "\(note)")
    #expect(note.contains("Z were dropped); a comparison by key ended at"))
    try shop.run("UPDATE order_items SET quantity = 4 WHERE id < 5100")
    try shop.check("later")
    #expect(try shop.bench.status().sources.first?.epoch == 1)
  }
}
