import Capture
import CaptureSupport
import Entity
import Events
import Foundation
import SQLite
import SQLiteSource
import TestSupport
import Testing

/// Texts that programs have written in another encoding than the database's.
@Suite("Text that is no UTF-8", .temporaryFolder)
struct ForeignTextTests {
  private func bench(_ encoding: String = "UTF-8", _ detail: String = "every") throws -> (Bench, Database) {
    let bench = try Bench(platform: true)
    bench.configuration.sources[0].choices["changes"] = detail
    let database = try bench.platform()
    try database.execute("PRAGMA encoding='\(encoding)'")
    try database.execute(Platform.schema + Platform.rows)
    return (bench, database)
  }

  /// The newest name of each product, with its findings.
  private func products(_ bench: Bench) throws -> [Int64: String] {
    var names: [Int64: String] = [:]
    for event in try bench.events("platform") {
      guard case .product(let change) = event.payload, let key = event.key?.integer else { continue }
      names[key] = change.after.map { ([$0.name] + event.flags).joined(separator: " ") } ?? "gone"
    }
    return names
  }

  private func stock(_ bench: Bench) throws -> [String] {
    try bench.events("platform").compactMap { event in
      guard case .stock(let change) = event.payload, let key = event.key else { return nil }
      let parts = key.parts.map { if case .text(let text) = $0 { text } else { "" } }
      return "\(parts.last ?? "") \(change.after.map { "\($0.quantity)" } ?? "gone")"
    }.sorted()
  }

  /// Goal: no letter is lost in silence. Method: Windows-1252, and UTF-8 that was cut within a letter, in a snapshot and in changes.
  @Test("Windows-1252 is read as such, other bytes are marked", arguments: ["every", "latest"])
  func decoded(_ detail: String) throws {
    let (bench, database) = try bench("UTF-8", detail)
    // "Café", "10 € – Niño", "Muño" with half a letter behind it, "Café" in UTF-8.
    let texts = ["436166E9", "313020802096204E69F16F", "4D75C3B16FC3", "436166C3A9"]
    try database.execute("UPDATE products SET name = CAST(x'\(texts[0])' AS TEXT)")
    try bench.capture()
    for (number, text) in texts.enumerated() {
      try database.execute("INSERT INTO products VALUES(\(number), CAST(x'\(text)' AS TEXT), 'x', NULL, '1')")
    }
    try bench.capture()
    #expect(
      try products(bench) == [
        7: "Café text.windows1252", 0: "Café text.windows1252", 1: "10 € – Niño text.windows1252",
        2: "Muño\u{FFFD} text.damaged", 3: "Café",
      ])
    try database.execute("UPDATE products SET name = 'Café'")
    try bench.capture()
    #expect(try Set(products(bench).values) == ["Café"])
  }

  /// Goal: a row whose key is such a text is found where it stands: it neither goes away nor comes twice. Method: writes, a table
  /// made anew, the daily comparison.
  @Test("a key in Windows-1252 is one key", arguments: ["every", "latest"])
  func keys(_ detail: String) throws {
    let (bench, database) = try bench("UTF-8", detail)
    let place = "CAST(x'4DE16C616761' AS TEXT)"
    try database.execute("INSERT INTO stock VALUES(7, \(place), 1, '2026-10-01T09:00:00Z')")
    try bench.capture()
    try database.execute("UPDATE stock SET quantity = 2 WHERE location = \(place)")
    try bench.capture()
    #expect(try stock(bench) == ["Austin 5", "Málaga 1", "Málaga 2"])
    try database.execute("CREATE TABLE n AS SELECT * FROM stock; DROP TABLE stock; ALTER TABLE n RENAME TO stock")
    try database.execute("UPDATE stock SET quantity = 2")
    #expect(try bench.capture().events == 1)
    bench.clock.advance(seconds: 24 * 3_600)
    #expect(try bench.capture().events == 0)
    try database.execute("DELETE FROM stock WHERE location = \(place)")
    try bench.capture()
    #expect(try stock(bench) == ["Austin 2", "Austin 5", "Málaga 1", "Málaga 2", "Málaga gone"])
  }

  @Test("a database in UTF-16 is read as any other", arguments: ["UTF-16le", "UTF-16be"])
  func wide(_ encoding: String) throws {
    let (bench, database) = try bench(encoding)
    try bench.capture()
    try database.execute("UPDATE products SET name = 'Café €'; INSERT INTO stock VALUES(7, 'Málaga', 1, '2026-10-01')")
    try bench.capture()
    #expect(try products(bench) == [7: "Café €"])
    try database.execute("UPDATE stock SET quantity = 3")
    try bench.capture()
    #expect(try stock(bench) == ["Austin 3", "Austin 5", "Málaga 1", "Málaga 3"])
  }
}
