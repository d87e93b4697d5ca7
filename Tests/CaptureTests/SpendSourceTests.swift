import Capture
import Entity
import Events
import Files
import Foundation
import Money
import TestSupport
import Testing

@Suite("Spend sheets", .temporaryFolder)
struct SpendSourceTests {
  private static let header = "day,market,channel,campaign,amount,currency"

  private func bench() throws -> Bench {
    let bench = try Bench()
    bench.configuration.spendFolder = bench.folder + "/spend"
    try Files.makeFolder(bench.folder + "/spend")
    return bench
  }

  private func put(
    _ bench: Bench, _ name: String, _ rows: [String], header: String = header, secondsAgo: Double = 60
  ) throws {
    try bench.writeFile(
      bench.folder + "/spend/" + name, ([header] + rows).map { $0 + "\n" }.joined().utf8, secondsAgo: secondsAgo)
  }

  /// "version operation campaign amount", sorted.
  private func changes(_ bench: Bench) throws -> [String] {
    try bench.events("spend").compactMap { event in
      guard case .spend(let change) = event.payload, let row = change.after ?? change.before else { return nil }
      return "\(event.version.minor) \(event.operation.name) \(row.campaign) \(row.amountMinor)"
    }.sorted()
  }

  @Test("a sheet that is sent again tells only what changed and what is gone")
  func comparison() throws {
    let bench = try bench()
    try put(
      bench, "october.csv",
      ["2026-10-01,CA,search,a,10.00,CAD", "2026-10-01,CA,search,b,11.50,CAD", "2026-10-02,CA,Trade Show,c,9,CAD"])
    #expect(try bench.capture().events == 3)
    try put(
      bench, "october.csv", ["2026-10-01,CA,search,a,10,CAD", "2026-10-01,CA,search,b,12.50,CAD"], secondsAgo: 30)
    #expect(try bench.capture().events == 2)
    #expect(
      try changes(bench) == [
        "1 create a 1000", "1 create b 1150", "1 create c 900", "2 delete c 900", "2 update b 1250",
      ])
    guard case .spend(let change) = try #require(try bench.events("spend").first { $0.operation == .update }).payload
    else { return }
    #expect(change.before?.amountMinor == 1_150)
    #expect(change.after?.market == "CA" && change.after?.currency == "CAD" && change.after?.date.text == "2026-10-01")
    #expect(try bench.capture().events == 0)
  }

  @Test("columns may stand in any order, beside others that are dropped and named")
  func columnOrder() throws {
    let bench = try bench()
    try put(
      bench, "a.csv", ["USD,5.00,x,spring,social,US,2026-10-01"],
      header: "Currency, AMOUNT ,note,campaign,channel,market,day")
    #expect(try bench.capture().events == 1)
    #expect(try changes(bench) == ["1 create spring 500"])
    #expect(try bench.status().droppedColumns == ["spend sheet: note"])
  }

  @Test("a new month is a new file, and leaves the old one's rows alone, as does putting the old file away")
  func severalFiles() throws {
    let bench = try bench()
    try put(bench, "spend-9.csv", ["2026-09-30,US,search,a,1.00,USD"])
    try put(bench, "spend-10.csv", ["2026-10-01,US,search,a,2.00,USD"])
    #expect(try bench.capture().events == 2)
    try FileManager.default.removeItem(atPath: bench.folder + "/spend/spend-9.csv")
    #expect(try bench.capture().events == 0)
    #expect(try changes(bench) == ["1 create a 100", "2 create a 200"])
  }

  @Test("a row that two files have counts once, as it was taken last; when one loses it, the other still has it")
  func sharedRow() throws {
    let bench = try bench()
    try put(bench, "a.csv", ["2026-10-01,US,search,a,1.00,USD"])
    try put(bench, "b.csv", ["2026-10-01,US,search,a,2.00,USD", "2026-10-01,US,search,z,5.00,USD"])
    try bench.capture()
    try put(bench, "b.csv", ["2026-10-01,US,search,z,5.00,USD"], secondsAgo: 30)
    try bench.capture()
    #expect(try changes(bench) == ["1 create a 100", "2 create z 500", "2 update a 200", "3 update a 100"])
  }

  @Test("bad rows are rejected once, each with its reason, and the others count")
  func badRows() throws {
    let bench = try bench()
    let bad = [
      "2026-02-30,US,search,a,1.00,USD", "2026-10-01,US,search,b,1.005,USD", "2026-10-01,US,search,c,-1,USD",
      "2026-10-01,US,search,d,1.00,XXQ", "2026-10-01,US,billboard,e,1.00,USD", "2026-10-01,Mars,search,f,1.00,USD",
      "2026-10-01,US,search,g,,USD", "2026-10-01,US,search,h,\"1,000\",USD",
    ]
    try put(bench, "a.csv", bad + ["2026-10-01,US,search,good,1.00,USD", "2026-10-01,JP,search,yen,100,JPY"])
    #expect(try bench.capture().events == 10)
    #expect(
      try bench.rejections() == [
        "date.impossible", "money.badAmount", "money.badAmount", "money.badAmount", "money.unknownCurrency",
        "row.missingField", "row.unknownValue", "row.unknownValue",
      ])
    #expect(try changes(bench) == ["1 create good 100", "1 create yen 100"])
    try put(
      bench, "a.csv", bad + ["2026-10-01,US,search,good,2.00,USD", "2026-10-01,JP,search,yen,100,JPY"], secondsAgo: 30)
    #expect(try bench.capture().events == 1)
  }

  @Test("a known row whose amount becomes unreadable keeps the amount that it had")
  func unreadableAmount() throws {
    let bench = try bench()
    try put(bench, "a.csv", ["2026-10-01,US,search,a,1.00,USD"])
    try bench.capture()
    try put(bench, "a.csv", ["2026-10-01,US,search,a,one,USD"], secondsAgo: 30)
    try bench.capture()
    #expect(try changes(bench) == ["1 create a 100"])
    #expect(try bench.rejections() == ["money.badAmount"])
  }

  @Test("a sheet without a column rejects its rows and takes nothing away", arguments: ["amount", "day"])
  func missingColumn(column: String) throws {
    let bench = try bench()
    try put(bench, "a.csv", ["2026-10-01,US,search,a,1.00,USD", "2026-10-01,US,search,b,1.00,USD"])
    try bench.capture()
    try put(
      bench, "a.csv", ["2026-10-01,US,search,a,1.00,USD", "2026-10-01,US,search,a,1.00,USD"],
      header: Self.header.replacing(column, with: "other"), secondsAgo: 30)
    try bench.capture()
    #expect(try bench.rejections() == ["sheet.missingColumn", "sheet.missingColumn"])
    #expect(try changes(bench).count == 2)
  }

  @Test("an interrupted comparison goes on where it stood", arguments: [1, 2])
  func smallBatches(size: Int) throws {
    let bench = try bench()
    bench.configuration.batchEvents = size
    try put(bench, "a.csv", (1...5).map { "2026-10-0\($0),US,search,a,\($0).00,USD" } + ["x,US,search,a,1,USD"])
    let log = FailingLog(bench.log, [.none, .before])
    #expect(throws: (any Error).self) { try bench.capture(log) }
    try bench.capture()
    #expect(try changes(bench).count == 5 && bench.rejections() == ["date.impossible"])
    for numbers in try bench.numbers().values { #expect(numbers == Array(1...UInt64(numbers.count))) }
  }

  @Test("an empty folder is a source that is read; one that is not there is not")
  func folders() throws {
    let bench = try bench()
    #expect(try bench.capture().sources["spend"]?.heartbeats == 4)
    #expect(try bench.status().faults(isCapturing: false) == [])
    try FileManager.default.removeItem(atPath: bench.folder + "/spend")
    try bench.capture()
    #expect(
      try bench.status().faults(isCapturing: false) == ["spend: the folder of spend sheets is not there yet"])
  }

  @Test("text that looks like a person's is not kept readable")
  func personalText() throws {
    let bench = try bench()
    try put(bench, "a.csv", ["2026-10-01,US,email,mail to ana@canary.example,1.00,USD"])
    try bench.capture()
    #expect(try changes(bench) == ["1 create mail to [redacted] 100"])
  }
}
