import Capture
import CaptureSupport
import Entity
import Events
import Files
import Foundation
import ShopSources
import TestSupport
import Testing

/// Lists of leads as teams and programs send them.
@Suite("Lists of leads", .temporaryFolder)
struct LeadListTests {
  private func bench(_ choices: [String: String] = [:]) throws -> Bench {
    let bench = try Bench()
    var source = Bench.source("leads", at: bench.leadsFolder)
    source.choices = choices
    bench.configuration.sources = [source]
    return bench
  }

  private func row(_ id: String, _ status: String = "new", _ day: String = "2026-10-02") -> String {
    LeadSheetText.row(id, status: status).replacing("2026-10-02T00:00:00Z", with: day)
  }

  private func put(_ bench: Bench, _ name: String, _ rows: [String], secondsAgo: Double = 60) throws {
    try bench.writeFile(bench.leadsFolder + "/" + name, LeadSheetText.csv(rows).utf8, secondsAgo: secondsAgo)
  }

  /// "lead status" of every lead that is there, by the newest event.
  private func state(_ bench: Bench) throws -> [String] {
    var newest: [String: (version: StateVersion, status: String?)] = [:]
    for event in try bench.events("leads") {
      guard case .lead(let change) = event.payload, let lead = change.newest else { continue }
      if let known = newest[lead.leadID], known.version > event.version { continue }
      newest[lead.leadID] = (event.version, event.operation == .delete ? nil : lead.status)
    }
    return newest.compactMap { id, state in state.status.map { "\(id) \($0)" } }.sorted()
  }

  /// Goal: the newest state counts, whatever files are called. Method: names of browsers, with days first, and in alphabet against
  /// time, all files of one age; the leads themselves say which is newer.
  @Test(
    "the leads themselves tell which sheet is newer",
    arguments: [
      ["leads.csv", "leads (1).csv", "leads (2).csv"],
      ["leads 15.09.2026.csv", "leads 01.10.2026.csv", "leads 30.09.2026.csv"],
      ["leads September.csv", "leads October.csv", "leads August.csv"], ["Leads-3.csv", "leads-2.csv", "LEADS 1.csv"],
    ])
  func ownTimes(names: [String]) throws {
    for turn in 0..<3 {
      let bench = try bench()
      let states = [("new", "2026-10-01"), ("contacted", "2026-10-08"), ("qualified", "2026-10-15")]
      for (index, state) in states.enumerated() {
        try put(bench, names[(index + turn) % 3], [row("A", state.0, state.1), row("B", state.0, state.1)])
      }
      try bench.capture()
      #expect(try state(bench) == ["A qualified", "B qualified"])
      #expect(try bench.capture().events == 0)
    }
  }

  @Test("two teams' lists live side by side, and each loses only its own leads")
  func twoLists() throws {
    let bench = try bench()
    try put(bench, "linkedin.csv", [row("L1"), row("L2"), row("both", "contacted", "2026-10-05")])
    try put(bench, "trade show.csv", [row("T1"), row("T2"), row("both", "new", "2026-10-03")])
    try bench.capture()
    #expect(try state(bench) == ["L1 new", "L2 new", "T1 new", "T2 new", "both contacted"])
    try put(bench, "linkedin.csv", [row("L1"), row("L2")], secondsAgo: 50)
    try bench.capture()
    // What the other list says of it is what is left.
    #expect(try state(bench) == ["L1 new", "L2 new", "T1 new", "T2 new", "both new"])
  }

  /// Goal: a number in a file's name is a name where the rows say so. Method: lists that share no rows, sent again with days in
  /// their names, beside one whose numbers count on; then one of which nobody can tell.
  @Test("lists that differ in a number only live side by side when they share no rows")
  func numberedLists() throws {
    let bench = try bench()
    try put(bench, "team1.csv", [row("A1"), row("A2"), row("A3")])
    try put(bench, "team2 2026-10-02.csv", [row("B1"), row("B2"), row("B3")], secondsAgo: 50)
    try put(bench, "leads-1.csv", [row("L1"), row("L2"), row("L3")], secondsAgo: 50)
    try bench.capture()
    try put(bench, "leads-2.csv", [row("L1", "contacted", "2026-10-09"), row("L2"), row("L4")], secondsAgo: 40)
    try put(bench, "team2 2026-10-09.csv", [row("B1"), row("B2", "contacted", "2026-10-09")], secondsAgo: 40)
    try put(bench, "team1.csv", [row("A1"), row("A2")], secondsAgo: 40)
    try bench.capture()
    let found = try state(bench)
    #expect(found == ["A1 new", "A2 new", "B1 new", "B2 contacted", "L1 contacted", "L2 new", "L4 new"])
    #expect(try bench.status().faults(isCapturing: false) == [])
    #expect(try bench.capture().events == 0)

    try put(bench, "leads-3.csv", [row("L1"), row("N1"), row("N2"), row("N3")], secondsAgo: 30)
    try bench.capture()
    let faults = try bench.status().faults(isCapturing: false)
    #expect(faults.count == 1 && faults[0].hasPrefix("leads: leads-3.csv waits: it shares 1 of its 4 rows with a list"))
    #expect(try state(bench).count == 7)
    bench.configuration.accepted = ["leads-3.csv"]
    try bench.capture()
    #expect(
      try state(bench).filter { !$0.hasPrefix("A") && !$0.hasPrefix("B") } == [
        "L1 contacted", "N1 new", "N2 new", "N3 new",
      ])
  }

  /// Goal: a failed export deletes nothing. Method: an empty one, one that lost most, and what ends the waiting: a word, a good
  /// version under the same name, one under another.
  @Test("an export that is empty or has lost most of its rows asks, and holds up no other list")
  func lossy() throws {
    let all = ["A", "B", "C", "D"].map { row($0) }
    for (lost, said) in [([], 4), ([all[0]], 3)] as [([String], Int)] {
      let bench = try bench()
      try put(bench, "leads-1.csv", all)
      try bench.capture()
      try put(bench, "leads-2.csv", lost)
      try put(bench, "other.csv", [row("X")])
      try bench.capture()
      #expect(try state(bench) == ["A new", "B new", "C new", "D new", "X new"])
      for _ in 0..<2 {
        let faults = try bench.status().faults(isCapturing: false)
        #expect(faults.count == 1)
        #expect(
          faults.first?.hasPrefix("leads: leads-2.csv waits: it lacks \(said) of the 4 rows that it had before") == true
        )
        #expect(try bench.capture().events == 0)
      }
      try put(bench, "leads-3.csv", all + [row("E")], secondsAgo: 30)
      try bench.capture()
      #expect(try state(bench).count == 6)
      #expect(try bench.status().faults(isCapturing: false) == [])
      try put(bench, "leads-4.csv", [all[0]], secondsAgo: 20)
      try bench.capture()
      #expect(try state(bench).count == 6)
      bench.configuration.accepted = ["leads-4.csv"]
      try bench.capture()
      #expect(try state(bench) == ["A new", "X new"])
      #expect(try bench.status().faults(isCapturing: false) == [])
    }
  }

  @Test("where sheets are additions nothing vanishes; where all files are one list, the newest is the list")
  func configured() throws {
    let additions = try bench(["sheets": "additions"])
    try put(additions, "leads-1.csv", [row("A"), row("B"), row("C")])
    try put(additions, "leads-2.csv", [row("D")], secondsAgo: 50)
    try additions.capture()
    #expect(try state(additions) == ["A new", "B new", "C new", "D new"])
    let one = try bench(["sheets": "one-list"])
    try put(one, "anna.csv", [row("A"), row("B"), row("C")])
    try put(one, "bert.csv", [row("A"), row("B")])
    try one.capture()
    #expect(try state(one) == ["A new", "B new"])
  }

  /// Goal: no row is bent or lost because of a line that nobody can read. Method: a stray quote that swallows; a row with a cell too
  /// many; an error of a formula.
  @Test("a line that cannot be read costs itself, and takes no lead away")
  func brokenLines() throws {
    let bench = try bench()
    try put(bench, "leads-1.csv", ["A", "B", "C", "D"].map { row($0) })
    try bench.capture()
    let stray = row("B", "contacted", "2026-10-06").replacing("Acme SA", with: "\"Acme SA")
    let moved = row("C", "contacted", "2026-10-06").replacing("Acme SA", with: "Acme, SA")
    try put(
      bench, "leads-2.csv", [row("A", "contacted", "2026-10-06"), stray, moved, row("D", "contacted", "2026-10-06")],
      secondsAgo: 50)
    try bench.capture()
    #expect(try state(bench) == ["A contacted", "B new", "C new", "D contacted"])
    #expect(try bench.rejections() == ["sheet.badQuotes", "sheet.extraCells"])
  }

  /// Goal: an upgraded workspace goes on with its list. Method: kept rows as earlier builds kept them, with one list in a folder.
  @Test("rows that earlier builds kept belong to the first list that has most of them")
  func upgrade() throws {
    let bench = try bench(["sheets": "one-list"])
    try put(bench, "leads-1.csv", ["A", "B", "C"].map { row($0) })
    try bench.capture()
    bench.configuration.sources[0].choices = [:]
    try put(bench, "fair.csv", [row("X")], secondsAgo: 50)
    try put(bench, "leads-2.csv", [row("A"), row("B", "contacted", "2026-10-06")], secondsAgo: 40)
    try bench.capture()
    #expect(try state(bench) == ["A new", "B contacted", "X new"])
    #expect(try bench.events("leads").count == 6)
    #expect(try bench.capture().events == 0)
  }

  /// Goal: what people type because a form wants an address makes nobody one person. Method: such words and real addresses; the
  /// lead has the address or the finding.
  @Test("addresses that are nobody's are left out and counted, real ones stay")
  func placeholders() throws {
    let bench = try bench()
    let nobody = [
      "n/a", "N/A", "none", "-", "0000000", "test@test.com", "TEST@gmail.com", "no-email@shop.example", "aaa@aaa.com",
      "x@x", "none@none.com", "a@b.invalid", "unknown", "noreply@firm.example",
    ]
    let people = [
      "ana@canary.example", "jj@firm.example", "testa.rossi@firm.example", "x@firm.example", "info@contest.example",
    ]
    let rows = (nobody + people).enumerated().map { index, email in
      row("L\(index)").replacing("L\(index)@canary.example", with: email)
    }
    try put(bench, "leads.csv", rows)
    try bench.capture()
    for event in try bench.events("leads") {
      guard case .lead(let change) = event.payload, let lead = change.after else { continue }
      let isNobody = (Int(lead.leadID.dropFirst()) ?? 0) < nobody.count
      #expect((lead.contactEmail == nil) == isNobody, "\(lead.leadID)")
      #expect(event.flags == (isNobody ? ["email.placeholder"] : []), "\(lead.leadID)")
    }
    #expect(try bench.events("leads").count == rows.count)
  }

  @Test("a workspace's own placeholders are addresses, domains and words, in any case") func ownPlaceholders() {
    let own = PlaceholderIdentity(own: ["Walk-In@Shop.example", " @kiosk.example", "Cash sale"])
    for nobody in [
      "walk-in@shop.EXAMPLE", "till7@Kiosk.example", "cash.sale@firm.example", "cash-sale@x.example", "n/a",
      "test@firm.example",
    ] {
      #expect(own.isEmail(nobody), "\(nobody)")
    }
    for somebody in ["walk-in@firm.example", "ann@kiosk.example.org", "sale@firm.example", "ann@firm.example", ""] {
      #expect(!own.isEmail(somebody), "\(somebody)")
    }
    #expect(!PlaceholderIdentity().isEmail("walk-in@shop.example"))
  }
}
