import Capture
import CaptureSupport
import Entity
import Events
import Foundation
import SQLite
import SQLiteSource
import TestSupport
import Testing

/// What no trigger saw in tables that look whole is found by a comparison that goes round them.
@Suite("The comparison that goes round", .temporaryFolder)
struct ComparisonRoundTests {
  private static let day: Int64 = 24 * 3_600

  /// As a tool does that switches triggers off: afterwards all looks as before.
  private func unseen(_ sql: String, _ shop: ShopTwin) throws {
    let triggers = try shop.shop.rows(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'millrace%'"
    ) { ($0.text(0), $0.text(1)) }
    for (name, _) in triggers { try shop.shop.execute("DROP TRIGGER \"\(name)\"") }
    try shop.run(sql)
    for (_, sql) in triggers { try shop.shop.execute(sql) }
  }

  private func note(_ shop: ShopTwin) throws -> String? {
    try shop.bench.status().sources.first?.notes.first { $0.kind == .mended }?.text
  }

  private func lines(_ range: ClosedRange<Int>) -> String {
    """
    WITH RECURSIVE n(i) AS (SELECT \(range.lowerBound) UNION ALL SELECT i + 1 FROM n WHERE i < \(range.upperBound))
    INSERT INTO order_items SELECT i, 100, 7, 1, '100' FROM n;
    """
  }

  private func stock(_ range: ClosedRange<Int>) -> String {
    """
    WITH RECURSIVE n(i) AS (SELECT \(range.lowerBound) UNION ALL SELECT i + 1 FROM n WHERE i < \(range.upperBound))
    INSERT INTO stock SELECT i % 70, 'L' || i, 1, '2026-10-01T09:00:00Z' FROM n;
    """
  }

  /// Goal: a change that no trigger saw is found within a day, also when the same row changes so again while no other change is
  /// seen. Method: rows made, changed and deleted behind the triggers' back, twice.
  @Test("what no trigger saw is found within a day, and again the day after", arguments: ["every", "latest"])
  func found(_ detail: String) throws {
    let shop = try ShopTwin(detail)
    try shop.check("before")
    try shop.run("UPDATE order_items SET quantity = 3 WHERE id = 1000")
    try shop.check("seen")
    for (round, price) in ["7", "8"].enumerated() {
      try unseen(
        """
        UPDATE order_items SET unit_price = '\(price)'; INSERT INTO stores VALUES(\(round + 5), 'City \(round)', 'NV');
        DELETE FROM countries; INSERT INTO countries VALUES('\(round == 0 ? "DE" : "FR")', 'Country');
        UPDATE stock SET quantity = \(round + 50);
        """, shop)
      #expect(try shop.bench.capture().events == 0)
      shop.bench.clock.advance(seconds: Self.day)
      try shop.check("round \(round)")
      #expect(try note(shop)?.hasSuffix("what no trigger saw: 2 new rows, 3 changed, 1 gone") == true)
      #expect(try shop.bench.capture().events == 0)
    }
    try shop.run("UPDATE order_items SET unit_price = '9'; DELETE FROM stores")
    try shop.check("seen after it")
  }

  /// Goal: the shop's reads stay short, and a restart goes on. Method: a session that stays, with tables of several parts: each
  /// look finds at most what stands in one part; then a new session.
  @Test("a session that stays compares one part at a look, and a restart brings the round to its end")
  func parts() throws {
    let shop = try ShopTwin()
    try shop.run(lines(2_001...11_000) + stock(1...9_000))
    try shop.check("before")
    var session: CaptureSession? = try shop.bench.session()
    _ = try session?.runOnce()
    try unseen("UPDATE order_items SET quantity = 5; UPDATE stock SET quantity = 6", shop)
    shop.bench.clock.advance(seconds: Self.day)
    var found: [Int] = []
    while found.reduce(0, +) < 5_000, found.count < 100 { found.append(try #require(try session?.runOnce()).events) }
    #expect(found.max()! <= 2_000 && found.count < 100, "\(found)")
    // Changes that are seen meanwhile come through.
    try shop.run("UPDATE stores SET city = 'Ely'")
    #expect(try #require(try session?.runOnce()).events >= 1)
    session = nil
    try shop.check("after")
    #expect(try note(shop)?.hasSuffix("saw: 0 new rows, 18003 changed, 0 gone") == true)
  }

  @Test("weekly and never are what they say")
  func choices() throws {
    for (word, days) in [("weekly", 7), ("never", 0)] {
      let shop = try ShopTwin()
      shop.bench.configuration.sources[0].choices["compare"] = word
      try shop.check("before")
      try unseen("UPDATE order_items SET quantity = 5", shop)
      for day in 1...8 {
        shop.bench.clock.advance(seconds: Self.day)
        #expect(try shop.bench.capture().events == (day == days ? 2 : 0), "\(word) \(day)")
      }
    }
  }

  /// Goal: a row that was rejected is told once for what it says. Method: a bad row that was seen, looked at for days, then
  /// changed into another bad one unseen, then mended unseen.
  @Test("a rejected row is not rejected again each day")
  func rejected() throws {
    let shop = try ShopTwin()
    try shop.bench.capture()
    try shop.run(Platform.order(200, date: "2026-02-31"))
    try shop.bench.capture()
    for _ in 0..<3 {
      shop.bench.clock.advance(seconds: Self.day)
      #expect(try shop.bench.capture().events == 0)
    }
    try unseen("UPDATE orders SET order_date = '2026-02-30' WHERE id = 200", shop)
    shop.bench.clock.advance(seconds: Self.day)
    #expect(try shop.bench.capture().events == 1)
    #expect(try shop.bench.rejections() == ["date.impossible", "date.impossible"] && note(shop) == nil)
    try unseen("UPDATE orders SET order_date = '2026-02-28' WHERE id = 200", shop)
    shop.bench.clock.advance(seconds: Self.day)
    try shop.check("mended")
  }

  @Test("rows that share a key are not told anew each day")
  func ambiguous() throws {
    let shop = try ShopTwin()
    try shop.run("CREATE TABLE n AS SELECT * FROM countries; DROP TABLE countries; ALTER TABLE n RENAME TO countries")
    try shop.run("INSERT INTO countries VALUES('FR', 'France'), ('FR', 'Frankreich')")
    try shop.bench.capture()
    for _ in 0..<2 {
      shop.bench.clock.advance(seconds: Self.day)
      #expect(try shop.bench.capture().events == 0)
    }
  }
}
