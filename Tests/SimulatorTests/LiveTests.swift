import Files
import Foundation
import Money
import SQLite
import TestSupport
import Testing

@testable import Simulator

@Suite(.temporaryFolder) struct LiveTests {
  /// Moments after the last simulated day.
  private func moment(daysLater: Int, second: Int = 36_000) -> Timestamp {
    Timestamp(millis: (Int64(Workshop.until.daysSinceEpoch) + Int64(daysLater)) * 86_400_000 + Int64(second) * 1_000)
  }

  private func live(_ built: Built) throws -> LiveSimulator {
    try LiveSimulator(folder: built.folder, seed: 3, countryRanges: Workshop.ranges)
  }

  @Test("live steps append whole lines and rows of the moment") func appends() throws {
    let built = try Workshop.build(Workshop.plan(days: 20, orders: 200))
    let before = try built.logLines().count
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    let orders = try database.integer("SELECT count(*) FROM orders") ?? 0
    let live = try live(built)
    var lines = 0
    var placed = 0
    var returned = 0
    let returns = try database.integer("SELECT count(*) FROM returns") ?? 0
    for step in 0..<20 {
      let counts = try live.step(events: 500, at: moment(daysLater: 0, second: 80_000 + step))
      #expect((400...520).contains(counts.total))
      lines += counts.logLines
      placed += counts.orders
      returned += counts.returns
    }
    try live.finish()
    let after = try built.logLines()
    #expect(after.count == before + lines)
    #expect(after.allSatisfy { ParsedLine($0) != nil })
    #expect(try database.integer("SELECT count(*) FROM orders") == orders + Int64(placed))
    #expect(
      try database.integer(
        "SELECT count(*) FROM orders WHERE created_at >= '2026-10-31T22:13:20Z' AND status = 'completed'")
        ?? 0 > 0)
    #expect(try database.integer("SELECT count(*) FROM order_items WHERE order_id NOT IN (SELECT id FROM orders)") == 0)
    #expect(returned > 10)
    #expect(try database.integer("SELECT count(*) FROM returns") == returns + Int64(returned))
    let wrong = """
      SELECT count(*) FROM returns r WHERE NOT EXISTS (SELECT 1 FROM order_items i JOIN orders o ON o.id = i.order_id
        WHERE o.id = r.order_id AND o.status IN ('completed', 'returned') AND i.product_id = r.product_id
          AND i.quantity >= r.quantity AND o.currency = r.currency AND o.created_at < r.returned_at)
      """
    #expect(try database.integer(wrong) == 0)
  }

  /// Goal: what an earlier version has built goes on, and returns change nothing else. Method: the same steps on databases
  /// with the table and without; all other tables are equal.
  @Test("a database without returns is kept busy all the same") func withoutReturns() throws {
    func dump(_ name: String, dropping: String) throws -> [String: [String]] {
      let built = try Workshop.build(Workshop.plan(days: 12, orders: 100, weblogLines: 600), name: name)
      let database = try Database(built.folder + "/platform.sqlite", .readWrite)
      try database.execute(dropping)
      let live = try live(built)
      var returned = 0
      for step in 0..<10 {
        returned += try live.step(events: 500, at: moment(daysLater: 0, second: 80_000 + step)).returns
      }
      try live.finish()
      #expect((returned > 0) == dropping.isEmpty)
      var rows: [String: [String]] = [:]
      for table in ["orders", "order_items", "shipments", "stock"] {
        let columns = try database.rows("SELECT name FROM pragma_table_info('\(table)')") { "quote(\($0.text(0)))" }
        rows[table] = try database.rows("SELECT \(columns.joined(separator: " || ',' || ")) FROM \(table)") {
          $0.text(0)
        }
      }
      return rows
    }
    #expect(try dump("with", dropping: "") == dump("without", dropping: "DROP TABLE returns"))
  }

  @Test("a new day renames the logs and begins a new one") func rotates() throws {
    let built = try Workshop.build(Workshop.plan(days: 12, orders: 100, weblogLines: 600))
    let folder = built.folder + "/weblogs/"
    let newest = try Files.status(folder + "access.log")
    let live = try live(built)
    try live.step(events: 50, at: moment(daysLater: 0, second: 86_000))
    #expect(try Files.status(folder + "access.log").inode == newest.inode)
    try live.step(events: 50, at: moment(daysLater: 1))
    #expect(try Files.status(folder + "access.log.1").inode == newest.inode)
    try live.step(events: 50, at: moment(daysLater: 2))
    try live.finish()
    #expect(try Files.status(folder + "access.log.2").inode == newest.inode)
    #expect(try Files.names(in: built.folder + "/weblogs").count == 14)
    let rates = try Database(built.folder + "/platform.sqlite", .readOnly)
      .integer("SELECT count(*) FROM exchange_rates WHERE date = '2026-11-02'")
    #expect(rates == 5)
  }

  @Test("a half-written line is completed before the file moves on") func completesLines() throws {
    let built = try Workshop.build(Workshop.plan(days: 12, orders: 100, weblogLines: 600))
    let live = try live(built)
    // The seventh write holds the end of its last line back.
    for step in 0..<7 { try live.step(events: 50, at: moment(daysLater: 0, second: 86_000 + step)) }
    #expect(try Files.read(built.folder + "/weblogs/access.log", limit: 1 << 24).bytes.last != 10)
    try live.step(events: 50, at: moment(daysLater: 1))
    #expect(try built.logLines().allSatisfy { ParsedLine($0) != nil })
  }

  @Test("running keeps the rate by an injected clock and stops when told") func runs() throws {
    let built = try Workshop.build(Workshop.plan(days: 12, orders: 100, weblogLines: 600))
    var clock = moment(daysLater: 0).millis
    let end = clock + 2_000
    var total = 0
    try live(built).run(
      ratePerSecond: 1_000, now: { Timestamp(millis: clock) }, wait: { clock += Int64($0) },
      shouldStop: { clock >= end },
      progress: { total += $0.total })
    #expect((1_800...2_100).contains(total))
  }

  @Test("there is nothing to keep alive where nothing was built") func needsABuild() {
    #expect(throws: SimulatorError.self) {
      try LiveSimulator(folder: TemporaryFolder.path, seed: 1, countryRanges: Workshop.ranges)
    }
  }
}
