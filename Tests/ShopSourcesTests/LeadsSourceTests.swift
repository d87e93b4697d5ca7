import Capture
import CaptureSupport
import Entity
import Events
import Files
import Foundation
import Money
import Spreadsheet
import TestSupport
import Testing

@Suite("Lead sheets", .temporaryFolder)
struct LeadsSourceTests {
  private func put(_ bench: Bench, _ name: String, _ text: String, secondsAgo: Double = 60) throws {
    try bench.writeFile(bench.leadsFolder + "/" + Self.sheet(name), text.utf8, secondsAgo: secondsAgo)
  }

  /// "a.csv", "b.csv", … are one list at different times.
  private static func sheet(_ name: String) -> String {
    guard name.utf8.first.map({ $0 &- 0x61 < 26 }) == true, name.utf8.dropFirst().first == UInt8(ascii: ".") else {
      return name
    }
    return "leads-\(name.utf8.first.map { Int($0) - 0x60 } ?? 0)\(name.dropFirst())"
  }

  /// Lead and operation, in the order of the partitions.
  private func changes(_ bench: Bench) throws -> [String] {
    try bench.events("leads").compactMap { event in
      guard case .lead(let change) = event.payload, let id = (change.after ?? change.before)?.leadID else { return nil }
      return "\(event.version.minor) \(id) \(event.operation.rawValue)"
    }.sorted()
  }

  @Test("sheets tell what is new, what changed and what is gone")
  func comparison() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv(["A", "B", "C"].map { LeadSheetText.row($0) }))
    #expect(try bench.capture().events == 3)
    try put(
      bench, "b.csv",
      LeadSheetText.csv([LeadSheetText.row("A"), LeadSheetText.row("B", status: "contacted"), LeadSheetText.row("D")]))
    #expect(try bench.capture().events == 3)
    #expect(try changes(bench) == ["1 A 1", "1 B 1", "1 C 1", "2 B 2", "2 C 3", "2 D 1"])
    let update = try bench.events().first { $0.operation == .update }
    guard case .lead(let change) = try #require(update).payload else { return }
    #expect(change.before?.status == "new" && change.after?.status == "contacted" && change.before?.contactEmail != nil)
    let delete = try bench.events().first { $0.operation == .delete }
    guard case .lead(let gone) = try #require(delete).payload else { return }
    #expect(gone.before?.leadID == "C" && gone.after == nil)
  }

  @Test("the same sheet twice changes nothing, under whatever name and in whatever run")
  func sameSheet() throws {
    let bench = try Bench(leads: true)
    let sheet = LeadSheetText.csv(["A", "B"].map { LeadSheetText.row($0) })
    try put(bench, "a.csv", sheet)
    try put(bench, "b.csv", sheet)
    #expect(try bench.capture().events == 2)
    try put(bench, "c.csv", sheet)
    try put(bench, "a.csv", sheet, secondsAgo: 30)
    #expect(try bench.capture().events == 0)
    // Other bytes, same rows.
    try put(bench, "d.csv", sheet.replacing("\n", with: "\r\n"))
    #expect(try bench.capture().events == 0)
  }

  @Test(
    "a sheet without a required column rejects its rows and is not compared with", arguments: ["status", "lead_id"])
  func missingColumn(_ column: String) throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv(["A", "B"].map { LeadSheetText.row($0) }))
    try put(
      bench, "b.csv",
      LeadSheetText.csv([LeadSheetText.row("A")], header: LeadSheetText.header.replacing(column, with: "other")))
    try put(bench, "c.csv", LeadSheetText.csv(["A", "B", "C"].map { LeadSheetText.row($0) }))
    try bench.capture()
    #expect(try bench.rejections() == ["sheet.missingColumn"])
    #expect(try changes(bench) == ["1 A 1", "1 B 1", "3 C 1"])
    #expect(try bench.capture().events == 0)
  }

  @Test("the tenth sheet of a day comes after the ninth")
  func numericOrder() throws {
    let bench = try Bench(leads: true)
    try put(bench, "leads-10.csv", LeadSheetText.csv([LeadSheetText.row("A", status: "converted")]))
    try put(bench, "leads-9.csv", LeadSheetText.csv([LeadSheetText.row("A", status: "contacted")]))
    try put(bench, "leads-009.csv", LeadSheetText.csv([LeadSheetText.row("A")]))
    try bench.capture()
    let statuses = try bench.events("leads").sorted { $0.number < $1.number }.compactMap { event -> String? in
      if case .lead(let change) = event.payload { change.after?.status } else { nil }
    }
    #expect(statuses == ["new", "contacted", "converted"])
  }

  /// Goal: a bad row counts once. Method: a sheet without a column of more rows than a batch has, and a log that fails in
  /// the middle of it.
  @Test("a bad sheet is not rejected again from its start after a crash")
  func badSheetInterrupted() throws {
    let bench = try Bench(leads: true)
    bench.configuration.batchEvents = 100
    try put(
      bench, "a.csv",
      LeadSheetText.csv(
        (0..<350).map { LeadSheetText.row("L\($0)") }, header: LeadSheetText.header.replacing("status,", with: "other,")
      ))
    #expect(throws: (any Error).self) { try bench.capture(FailingLog(bench.log, [.none, .before])) }
    try bench.capture()
    #expect(try bench.rejections().count == 350)
    #expect(try bench.capture().events == 0)
  }

  @Test("added columns are dropped and named")
  func addedColumn() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv([LeadSheetText.row("A") + ",7"], header: LeadSheetText.header + ",score"))
    #expect(try bench.capture().events == 1)
    #expect(try bench.status().droppedColumns == ["lead sheet: score"])
  }

  @Test("addresses and card numbers typed into clear columns are taken out")
  func scrubbed() throws {
    let bench = try Bench(leads: true)
    let row = LeadSheetText.row("A").replacing("Spring", with: "Spring ana@canary.example 4111 1111 1111 1111")
    try put(bench, "a.csv", LeadSheetText.csv([row]))
    #expect(try bench.capture().events == 1)
    let event = try #require(try bench.events("leads").first)
    guard case .lead(let change) = event.payload else { return }
    #expect(change.after?.campaign == "Spring [redacted] [redacted]" && change.after?.companyName == "Acme SA")
  }

  @Test("a lead that is numbered by an address or a card is named by a token in clear")
  func personalID() throws {
    let bench = try Bench(leads: true)
    let ids = ["ana@canary.example", "4111111111111111", "L-17"]
    try put(bench, "a.csv", LeadSheetText.csv(ids.map { LeadSheetText.row($0) }))
    try put(bench, "b.csv", LeadSheetText.csv(ids.map { LeadSheetText.row($0, status: "contacted") }))
    #expect(try bench.capture().events == 6)
    var seen: [String: Int] = [:]
    for logged in try bench.logged() {
      guard case .lead(let change) = logged.event.payload, let lead = change.after else { continue }
      #expect(change.before == nil || change.before?.leadID == lead.leadID)
      #expect(lead.leadID == "L-17" || (lead.leadID.hasPrefix("~") && lead.leadID.utf8.count == 33))
      let text = String(decoding: logged.value, as: UTF8.self)
      #expect(!text.contains("canary.example") && !text.contains("4111111111111111"))
      seen[lead.leadID, default: 0] += 1
    }
    #expect(seen.values.sorted() == [2, 2, 2])
  }

  @Test("a sheet without a header does not put its first row into the notes")
  func noHeader() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.row("A", contact: "Ana Canary") + "\n" + LeadSheetText.row("B") + "\n")
    #expect(try bench.capture().events == 1)
    #expect(try bench.rejections() == ["sheet.missingColumn"])
    #expect(!"\(try bench.status())".lowercased().contains("canary"))
  }

  @Test("a bad row is rejected once and keeps the lead it belongs to")
  func badRows() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv(["A", "B"].map { LeadSheetText.row($0) }))
    try bench.capture()
    let bad = LeadSheetText.csv([
      LeadSheetText.row("A", created: "2026-02-30"), LeadSheetText.row("B", status: "odd"), LeadSheetText.row(""),
    ])
    try put(bench, "b.csv", bad)
    #expect(try bench.capture().events == 3)
    try put(bench, "c.csv", bad + LeadSheetText.row("C") + "\n")
    #expect(try bench.capture().events == 1)
    #expect(try bench.rejections() == ["date.impossible", "row.missingField", "row.unknownValue"])
    #expect(try changes(bench) == ["1 A 1", "1 B 1", "3 C 1"])
  }

  @Test("a workbook and a CSV file of the same rows are the same sheet")
  func workbook() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv(["A", "B"].map { LeadSheetText.row($0) }))
    let rows = ["A", "C"].map { id in LeadSheetText.row(id).split(separator: ",").map { Cell.text(String($0)) } }
    let header = LeadSheetText.header.split(separator: ",").map(String.init)
    try bench.writeFile(
      bench.leadsFolder + "/leads-2.xlsx", try XLSXWriter.bytes(of: SheetTable(header: header, rows: rows)))
    try bench.capture()
    #expect(try changes(bench) == ["1 A 1", "1 B 1", "2 B 3", "2 C 1"])
  }

  @Test("a file that is no sheet is rejected once")
  func unreadable() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.xlsx", "this is no workbook")
    #expect(try bench.capture().events == 1)
    #expect(try bench.capture().events == 0)
    #expect(try bench.rejections() == ["sheet.unreadable"])
  }

  @Test("files still being written and temporary names wait, and hold up no other list")
  func settling() throws {
    let bench = try Bench(leads: true)
    try put(bench, "~$a.xlsx", "lock")
    try put(bench, "a.csv.tmp", LeadSheetText.csv([LeadSheetText.row("T")]))
    try put(bench, "b.csv", LeadSheetText.csv([LeadSheetText.row("A")]), secondsAgo: -5)
    try put(bench, "trade show.csv", LeadSheetText.csv([LeadSheetText.row("C")]))
    #expect(try bench.capture().events == 1)
    #expect(try bench.status().sources.first?.notes.first?.kind == .waiting)
    try put(bench, "b.csv", LeadSheetText.csv([LeadSheetText.row("A")]))
    try bench.capture()
    #expect(try changes(bench) == ["1 C 1", "2 A 1"])
  }

  @Test("an interrupted comparison goes on where it was")
  func interrupted() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv((0..<21_000).map { LeadSheetText.row("L\($0)") }))
    #expect(throws: (any Error).self) { try bench.capture(FailingLog(bench.log, [.none, .before])) }
    try bench.capture()
    #expect(try bench.events().count == 21_000)
    #expect(Set(try bench.events().map(\.position.record)).count == 21_000)
  }

  /// Goal: the newest sheet wins. Method: interrupt a comparison, put another sheet in its place, and compare the versions
  /// of a lead that both sheets have.
  @Test("a sheet in the place of a half-compared one has newer versions")
  func replacedWhileCompared() throws {
    let bench = try Bench(leads: true)
    try put(bench, "a.csv", LeadSheetText.csv((0..<21_000).map { LeadSheetText.row("L\($0)") }))
    #expect(throws: (any Error).self) { try bench.capture(FailingLog(bench.log, [.none, .before])) }
    let changed = (0..<21_000).map { LeadSheetText.row("L\($0)", status: $0 == 0 ? "contacted" : "new") }
    try put(bench, "a.csv", LeadSheetText.csv(changed), secondsAgo: 30)
    try bench.capture()
    let versions = try bench.events("leads").compactMap { event -> StateVersion? in
      guard case .lead(let change) = event.payload, change.after?.leadID == "L0" else { return nil }
      return event.version
    }
    #expect(versions.count == 2 && versions.first != versions.last)
  }
}
