import Capture
import CaptureSupport
import Entity
import Events
import Files
import Foundation
import Money
import SheetSource
import ShopSources
import TestSupport
import Testing

@Suite("Spend sheets", .temporaryFolder)
struct SpendSourceTests {
  private static let header = "day,market,channel,campaign,amount,currency"

  private func bench() throws -> Bench {
    let bench = try Bench()
    bench.configuration.sources = [Bench.source("spend", at: bench.folder + "/spend")]
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

  /// Goal: what is not read is named, and holds up nothing. Method: files of other kinds, one that is being written, one that
  /// waits for a word, and a good one; then a good version of that which waits.
  @Test("files of other kinds are named, and a file that waits holds up no other")
  func bystanders() throws {
    let bench = try bench()
    let rows = (1...5).map { "2026-10-0\($0),CA,search,w\($0),1.00,CAD" }
    try put(bench, "waits.csv", rows)
    try bench.capture()
    try put(bench, "waits.csv", [], secondsAgo: 50)
    for name in ["old.xls", "table.ods", "note.pdf"] { try bench.writeFile(bench.folder + "/spend/" + name, "x".utf8) }
    try put(bench, "good.csv", ["2026-10-01,CA,search,good,2.00,CAD"], secondsAgo: 40)
    #expect(try bench.capture().events == 1)
    let notes = try bench.status().sources.first { $0.name == "spend" }?.notes ?? []
    #expect(
      notes.map(\.text).contains(
        "not read, since spend sheets are csv, tsv, xlsx: note.pdf, old.xls, table.ods"), "\(notes)")
    #expect(notes.contains { $0.kind == .held && $0.text.hasPrefix("waits.csv waits: ") })
    try put(bench, "waits.csv", rows + ["2026-10-06,CA,search,w6,1.00,CAD"], secondsAgo: 30)
    #expect(try bench.capture().events == 1)
    #expect(try bench.status().faults(isCapturing: false) == [])
  }

  /// Goal: an export of the last days that is sent again under its name loses no old day. Method: three such exports, one of
  /// them with a corrected day; the same with `sheets: whole`; a day that comes back counts once.
  @Test("days before an export begins stay where its time has moved on", arguments: [nil, "whole"])
  func rolling(sheets: String?) throws {
    let bench = try bench()
    if let sheets { bench.configuration.sources[0].choices["sheets"] = sheets }
    func days(_ range: ClosedRange<Int>) -> [String] { range.map { "2026-10-0\($0),CA,search,d\($0),\($0).00,CAD" } }
    func spent() throws -> [String] {
      var state: [String: Int64] = [:]
      for event in try bench.events("spend").sorted(by: { $0.version < $1.version }) {
        guard case .spend(let change) = event.payload, let row = change.newest else { continue }
        state[row.campaign] = change.after?.amountMinor
      }
      return state.map { "\($0.key) \($0.value)" }.sorted()
    }
    try put(bench, "last days.csv", days(1...4))
    try bench.capture()
    try put(bench, "last days.csv", days(3...6), secondsAgo: 50)
    try bench.capture()
    let old = sheets == nil ? ["d1 100", "d2 200"] : []
    #expect(try spent() == old + ["d3 300", "d4 400", "d5 500", "d6 600"])
    // Sent once more, with a correction: the days before stay, and a row inside goes.
    try put(bench, "last days.csv", days(3...4) + days(6...6), secondsAgo: 40)
    try bench.capture()
    #expect(try spent() == old + ["d3 300", "d4 400", "d6 600"])
    try put(bench, "last days.csv", days(1...4) + days(6...7), secondsAgo: 30)
    try bench.capture()
    #expect(try spent() == ["d1 100", "d2 200", "d3 300", "d4 400", "d6 600", "d7 700"])
    try put(bench, "last days.csv", days(2...4) + days(6...7), secondsAgo: 20)
    try bench.capture()
    #expect(try spent() == ["d2 200", "d3 300", "d4 400", "d6 600", "d7 700"])
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

  @Test("a row that two files have adds up; when one loses it, the other still has it")
  func sharedRow() throws {
    let bench = try bench()
    try put(bench, "a.csv", ["2026-10-01,US,search,a,1.00,USD"])
    try put(bench, "b.csv", ["2026-10-01,US,search,a,2.00,USD", "2026-10-01,US,search,z,5.00,USD"])
    try bench.capture()
    try put(bench, "b.csv", ["2026-10-01,US,search,z,5.00,USD"], secondsAgo: 30)
    try bench.capture()
    #expect(try changes(bench) == ["1 create a 100", "2 create z 500", "2 update a 300", "3 update a 100"])
  }

  @Test("bad rows are rejected once, each with its reason, and the others count")
  func badRows() throws {
    let bench = try bench()
    let bad = [
      "2026-02-30,US,search,a,1.00,USD", "2026-10-01,US,search,b,1.0x,USD", "2026-10-01,US,search,c,-1,USD",
      "2026-10-01,US,search,d,1.00,XXQ", "2026-10-01,US,billboard,e,1.00,USD", "2026-10-01,Mars,search,f,1.00,USD",
      "2026-10-01,US,search,g,,USD", "2026-10-01,US,search,h,\"1,00,0\",USD",
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
      try bench.status().faults(isCapturing: false) == [
        "spend: the folder of spend sheets, \(bench.folder)/spend, is not there yet; make it, or mend the path in millrace.yaml"
      ])
  }

  @Test("text that looks like a person's is not kept readable")
  func personalText() throws {
    let bench = try bench()
    try put(bench, "a.csv", ["2026-10-01,US,email,mail to ana@canary.example,1.00,USD"])
    try bench.capture()
    #expect(try changes(bench) == ["1 create mail to [redacted] 100"])
  }

  /// What people and programs put into a folder of spend sheets that is none.
  static let hostile: [(name: String, bytes: [UInt8])] = [
    ("empty", []), ("blank lines", Array("\n\n".utf8)), ("one byte", [0xff]),
    ("UTF-16", [0xff, 0xfe, 0x64, 0x00, 0x61, 0x00]),
    ("another header", Array("tag;markt;kanal;kampagne;betrag;währung\n".utf8)),
    ("two columns", Array("day,market\n".utf8)),
    ("a long field", Array("\(header)\n2026-11-01,US,search,\(String(repeating: "x", count: 70_000)),1,USD\n".utf8)),
    ("a container", [0x50, 0x4b, 3, 4]), ("an old workbook", [0xd0, 0xcf, 0x11, 0xe0]),
    ("NULs", [UInt8](repeating: 0, count: 99)),
  ]

  /// Goal: a sheet that cannot be read stops nothing. Method: put it before a good one, beside a lead sheet and a web log; look
  /// at what was captured, at the note, and at the note after a restart, after mending, and after taking the file away.
  @Test("a sheet that cannot be read is set aside by name, and everything else goes on", arguments: hostile.map(\.name))
  func setAside(what: String) throws {
    let bench = try bench()
    bench.configuration.sources.append(Bench.source("leads", at: bench.leadsFolder))
    bench.configuration.sources.append(Bench.source("weblog", at: bench.weblogPath))
    let bytes = try #require(Self.hostile.first { $0.name == what }).bytes
    let path = bench.folder + "/spend/a-\(what.count).csv"
    try bench.writeFile(path, bytes)
    try put(bench, "b.csv", ["2026-10-01,US,search,good,1.00,USD"])
    try bench.writeFile(bench.leadsFolder + "/a.csv", bytes)
    try bench.writeFile(bench.leadsFolder + "/b.csv", LeadSheetText.csv([LeadSheetText.row("A")]).utf8)
    try bench.appendToLog(Lines.request(1))
    try bench.capture()
    #expect(try changes(bench).map { $0.dropFirst(2) } == ["create good 100"])
    #expect(try bench.rejections().filter { $0 == "sheet.unreadable" }.count == 2)
    #expect(try bench.requests().count == 1)
    #expect(try bench.events("leads").filter { $0.operation == .create }.count == 1)

    for _ in 0..<2 {
      let faults = try bench.status().faults(isCapturing: false)
      #expect(faults.count == 2)
      #expect(faults.contains { $0.hasPrefix("spend: a-\(what.count).csv was set aside: ") })
      #expect(faults.contains { $0.hasPrefix("leads: a.csv was set aside: ") })
      #expect(try bench.capture().events == 0)
    }
    try FileManager.default.removeItem(atPath: bench.leadsFolder + "/a.csv")
    try put(bench, "a-\(what.count).csv", ["2026-10-02,US,search,mended,1.00,USD"], secondsAgo: 30)
    try bench.capture()
    #expect(try bench.status().faults(isCapturing: false) == [])
    #expect(try changes(bench).contains { $0.hasSuffix("mended 100") })
  }

  /// Goal: no bytes of a sheet trap, whatever they say of days, amounts and markets. Method: seeded mutations of good sheets of
  /// both kinds, each polled by a source of its own.
  @Test("mutated sheets are read, rejected or set aside, and never trap")
  func mutations() throws {
    let bench = try bench()
    let tokens = [
      "\"", ",", "\n", "\r", ";", "99999999999999999999", "-0", "1e308", "2026-02-30", "0000-00-00", "+", "\u{0}",
      "USD", "T24:60",
      "9999-12-31T23:59:59.999999999Z", "92233720368547758.08", "Ω", " ",
    ].map { Array($0.utf8) }
    let spend = Array(
      (Self.header + "\n2026-10-01,US,search,a,1.00,USD\n2026-10-02T00:00:00Z,de,\"Trade Show\",é,2.5,JPY\n").utf8)
    let leads = Array(LeadSheetText.csv([LeadSheetText.row("A"), LeadSheetText.row("B")]).utf8)
    var generator = SeededGenerator(seed: 30)
    for round in 0..<600 {
      var bytes = round % 2 == 0 ? spend : leads
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.insert(contentsOf: tokens.randomElement(using: &generator) ?? [], at: place)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...30, using: &generator)))
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        default:
          bytes.replaceSubrange(
            place..<min(bytes.count, place + 3), with: tokens.randomElement(using: &generator) ?? [])
        }
      }
      let folder = bench.folder + "/fuzz"
      try Files.makeFolder(folder)
      try bench.writeFile(folder + "/a.csv", bytes)
      let source: any CaptureSource =
        round % 2 == 0
        ? try SheetFolderSource(
          name: "spend", folder: folder, mapping: SpendSheets(keyring: bench.keyring, system: "spend"),
          keyring: bench.keyring)
        : try SheetFolderSource(
          name: "leads", folder: folder, mapping: LeadSheets(keyring: bench.keyring, system: "leads"),
          keyring: bench.keyring)
      try source.resume(from: SourceCheckpoint(position: nil, epoch: 1, state: NothingKept()))
      while try !source.poll(limit: BatchLimit(), now: Timestamp(millis: 0)).isCaughtUp {}
    }
  }

  @Test(
    "a folder that may not be listed is unread, and the other sources go on",
    .enabled(if: getuid() != 0, "root may list all"))
  func barredFolder() throws {
    let bench = try bench()
    bench.configuration.sources.append(Bench.source("weblog", at: bench.weblogPath))
    try bench.appendToLog(Lines.request(1))
    try FileManager.default.setAttributes([.posixPermissions: 0o300], ofItemAtPath: bench.folder + "/spend")
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: bench.folder + "/spend") }
    try bench.capture()
    #expect(try bench.requests().count == 1)
    #expect(try bench.status().faults(isCapturing: false).count == 1)
  }

  @Test("a file in place of a folder is unread, and the other sources go on")
  func fileForFolder() throws {
    let bench = try bench()
    bench.configuration.sources.append(Bench.source("weblog", at: bench.weblogPath))
    bench.configuration.sources.append(Bench.source("leads", at: bench.leadsFolder))
    try bench.appendToLog(Lines.request(1))
    for folder in [bench.folder + "/spend", bench.leadsFolder] {
      try FileManager.default.removeItem(atPath: folder)
      try bench.writeFile(folder, [1])
    }
    try bench.capture()
    #expect(try bench.requests().count == 1)
    #expect(
      try bench.status().faults(isCapturing: false) == [
        "leads: the folder of lead sheets cannot be listed; check its permissions",
        "spend: the folder of spend sheets cannot be listed; check its permissions",
      ])
  }
}

private struct NothingKept: SourceStateReader {
  func digests() throws -> [(key: [UInt8], digest: [UInt8])] { [] }
  func content(of key: [UInt8]) throws -> PersonalData? { nil }
}
