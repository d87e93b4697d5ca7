import Capture
import CaptureSupport
import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// Rejected records that count, and those that no longer do.
@Suite("Rejected records", .temporaryFolder)
struct RejectionTests {
  private static let header = "day,market,channel,campaign,amount,currency"
  private static let good = "2026-10-01,CA,search,a,10.00,CAD"

  private func spendBench() throws -> Bench {
    let bench = try Bench()
    bench.configuration.sources = [Bench.source("spend", at: bench.folder + "/spend")]
    try Files.makeFolder(bench.folder + "/spend")
    return bench
  }

  private func put(_ bench: Bench, _ name: String, _ rows: [String], secondsAgo: Double = 60) throws {
    try bench.writeFile(
      bench.folder + "/spend/" + name, ([Self.header] + rows).map { $0 + "\n" }.joined().utf8, secondsAgo: secondsAgo)
  }

  /// "reason (detail) at place", in the order of numbers.
  private func open(_ bench: Bench) throws -> [String] {
    try CaptureRejections.read(workspace: bench.folder).open.map { "\($0.reason) (\($0.detail)) at \($0.place)" }
      .sorted()
  }

  private func settled(_ bench: Bench) throws -> Int {
    try CaptureRejections.read(workspace: bench.folder).settled.count
  }

  @Test("a row that was mended in its sheet no longer counts; the others do")
  func mended() throws {
    let bench = try spendBench()
    try put(bench, "october.csv", [Self.good, "2026-10-02,CA,qwertz,b,5,CAD", "2026-10-03,CA,search,c,lots,CAD"])
    let counts = try bench.capture()
    #expect(counts.rejected == 2 && counts.refused.isEmpty)
    #expect(
      counts.rejections.map { "\($0.count) \($0.reason) \($0.place)" }.sorted() == [
        "1 money.badAmount october.csv, row 4", "1 row.unknownValue october.csv, row 3",
      ])
    #expect(
      try open(bench) == [
        "money.badAmount (amount) at october.csv, row 4", "row.unknownValue (channel) at october.csv, row 3",
      ])
    try put(
      bench, "october.csv", [Self.good, "2026-10-02,CA,search,b,5,CAD", "2026-10-03,CA,search,c,lots,CAD"],
      secondsAgo: 30)
    #expect(try bench.capture().rejected == 0)
    #expect(try open(bench) == ["money.badAmount (amount) at october.csv, row 4"])
    #expect(try settled(bench) == 1)
  }

  @Test("rows of a file that was taken away no longer count, and count again when it is back")
  func takenAway() throws {
    let bench = try spendBench()
    try put(bench, "a.csv", [Self.good, "2026-10-02,CA,qwertz,b,5,CAD"])
    try put(bench, "b.csv", ["2026-10-02,CA,search,b,x,CAD", "2026-10-02,CA,search,d,1,CAD"])
    try bench.capture()
    #expect(try open(bench).count == 2)
    try FileManager.default.moveItem(atPath: bench.folder + "/spend/a.csv", toPath: bench.folder + "/a.csv")
    try bench.capture()
    #expect(try open(bench) == ["money.badAmount (amount) at b.csv, row 2"])
    try FileManager.default.moveItem(atPath: bench.folder + "/a.csv", toPath: bench.folder + "/spend/a.csv")
    #expect(try bench.capture().rejected == 1)
    #expect(try open(bench).count == 2)
  }

  @Test("a sheet that could not be read no longer counts once a good one has its name")
  func replacedSheet() throws {
    let bench = try spendBench()
    try bench.writeFile(bench.folder + "/spend/a.csv", "neither,nor\n".utf8, secondsAgo: 60)
    let counts = try bench.capture()
    #expect(counts.refused == ["a.csv"])
    #expect(try open(bench).map { $0.hasPrefix("sheet.unreadable") } == [true])
    try put(bench, "a.csv", [Self.good], secondsAgo: 30)
    #expect(try bench.capture().refused.isEmpty)
    #expect(try open(bench).isEmpty && settled(bench) == 1)
  }

  @Test("a file of which every row was refused is named, one with a good row is not")
  func refusedFile() throws {
    let bench = try spendBench()
    try put(bench, "bad.csv", ["2026-10-02,CA,qwertz,b,5,CAD", "2026-10-03,CA,qwertz,b,5,CAD"])
    try put(bench, "mixed.csv", [Self.good, "2026-10-02,CA,qwertz,b,5,CAD"])
    #expect(try bench.capture().refused == ["bad.csv"])
    #expect(try bench.capture().refused.isEmpty)
  }

  @Test("what another reading of numbers has refused is read again, and counts once")
  func otherMapping() throws {
    let bench = try spendBench()
    // Ambiguous: "1,234" may be one and something, or more than a thousand.
    let rows = ["2026-10-01,CA,search,a,\"1,234\",CAD", "2026-10-02,CA,qwertz,b,\"5,678\",CAD"]
    try put(bench, "a.csv", rows)
    #expect(try bench.capture().events == 1)
    #expect(try open(bench).map { $0.hasPrefix("sheet.unreadable") } == [true])
    #expect(try bench.capture().events == 0)
    bench.configuration.sources[0].choices["numbers"] = "point"
    let counts = try bench.capture()
    #expect(counts.events == 2 && counts.rejected == 1)
    #expect(try open(bench) == ["row.unknownValue (channel) at a.csv, row 3"])
    // The first rejection lies before the cut.
    #expect(try CaptureRejections.read(workspace: bench.folder).cuts.isEmpty == false)
    #expect(try bench.capture().events == 0)
  }

  @Test("the money of a refused row is kept where it can be read") func amounts() throws {
    let bench = try spendBench()
    try put(bench, "a.csv", [Self.good, "2026-10-02,CA,qwertz,b,5.50,CAD", "2026-10-03,CA,search,c,lots,CAD"])
    try bench.capture()
    let amounts = try CaptureRejections.read(workspace: bench.folder).open.map(\.amount)
    #expect(amounts.compactMap { $0 } == [RejectedAmount(minor: 550, currency: "CAD")] && amounts.count == 2)
  }

  @Test("a web log of another format is a refused file") func refusedLog() throws {
    let bench = try Bench(weblog: true)
    try bench.writeFile(bench.weblogPath, "{\"json\": 1}\n{\"json\": 2}\n".utf8)
    let counts = try bench.capture()
    #expect(counts.refused == [bench.weblogPath] && counts.rejected == 2)
    #expect(try open(bench).first?.hasSuffix("at access.log, at byte 0") == true)
  }

  @Test("a row of a database that was mended, or is gone, no longer counts") func database() throws {
    let bench = try Bench(platform: true)
    let database = try bench.platform()
    try database.execute(Platform.schema + Platform.rows)
    try database.execute(Platform.order(200, date: "2026-13-40") + Platform.order(201, date: "soon"))
    let counts = try bench.capture()
    #expect(
      counts.rejections.map { "\($0.count) \($0.reason) \($0.detail)" } == ["2 date.impossible orders.order_date"])
    #expect(try open(bench).count == 2)
    try database.execute("UPDATE orders SET order_date = '2026-10-02' WHERE id = 200")
    try bench.capture()
    #expect(try open(bench).count == 1 && settled(bench) == 1)
    try database.execute("UPDATE orders SET order_date = 'later' WHERE id = 201")
    #expect(try bench.capture().rejected == 1)
    #expect(try open(bench).count == 1 && settled(bench) == 2)
    try database.execute("DELETE FROM orders WHERE id = 201")
    try bench.capture()
    #expect(try open(bench).isEmpty && settled(bench) == 3)
  }
}
