import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// kill -9 at every step of a rebuild and its swap.
@Suite("Sudden death of a replay", .serialized, .temporaryFolder)
struct ReplayKillTests {
  static let steps = [
    "preflight", "announced", "building", "caughtUp", "aligned", "compared", "checkpointed", "verified", "sealed",
    "handedOver", "tailApplied", "controlled", "swapped", "unmarked", "retired",
  ]
  static let rounds = Place.long ? 200 : 20

  private func content(_ workspace: TestWorkspace) throws -> [String] {
    let file = try workspace.generationFile("leads")
    let database = try Database(file, .readOnly)
    #expect(try database.string("PRAGMA integrity_check") == "ok")
    return try database.rows(
      // All but the numbers, which are each generation's own.
      "SELECT version_major, version_minor, email, d.* FROM leads JOIN lead_details d USING (lead_id) ORDER BY lead_id"
    ) { row in
      (0..<row.columnCount).map { "\(row.value($0))" }.joined(separator: "|")
    }
  }

  /// Crashes until one hits: a step that the last attempt has passed already comes again in the next replay only.
  private func kill(at step: String, _ workspace: TestWorkspace) throws {
    for _ in 0..<2 {
      let result = try workspace.crash(at: step, "replay", "leads")
      if result.status == 128 + SIGKILL { return }
      #expect(result.status == 0, "\(step): \(result.errors)")
    }
    Issue.record("no replay came to \(step)")
  }

  /// What may lie in the folder when nobody is at work: three generations at most, their side files, locks.
  private func expectClean(_ workspace: TestWorkspace) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(workspace.folder)/marts/leads")
    let odd = names.filter { name in
      !["CURRENT", "replay.lock", "handover.lock"].contains(name)
        && ![".sqlite", ".sqlite-wal", ".sqlite-shm", ".lock", ".trap"].contains { name.hasSuffix($0) }
    }
    #expect(odd.isEmpty, "\(odd)")
    let generations = Set(names.compactMap { Int($0.split(separator: ".").dropFirst().first ?? "") })
    let files = names.filter { $0.hasSuffix(".sqlite") }
    #expect(files.count <= 3 && generations.count == files.count, "\(names.sorted())")
  }

  /// Goal: after a crash at any step the mart serves its old or its new generation, whole, and nothing stays behind for good.
  /// Method: crash after crash, each going on from what the last one left; now and then one to the end.
  @Test("a replay killed at any of its steps leaves a mart that serves all its rows, and is finished by the next")
  func everyStep() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let expected = try content(workspace)
    #expect(expected.count > 10)
    var random = SeededGenerator(seed: 7)
    let began = Date()
    for round in 0..<Self.rounds {
      for step in Self.steps.shuffled(using: &random) {
        try kill(at: step, workspace)
        try #require(try content(workspace) == expected, "round \(round), \(step)")
      }
      if round.isMultiple(of: 5) {
        try workspace.run("replay", "leads")
        try expectClean(workspace)
        try #require(try content(workspace) == expected)
      }
    }
    try workspace.run("replay", "leads")
    try expectClean(workspace)
    try workspace.catchUp()
    #expect(try content(workspace) == expected)
    print("\(Self.rounds * Self.steps.count) kills in \(Int(Date().timeIntervalSince(began))) s")
  }

  /// Goal: a live projector outlives any death of the replayer, in the generation that CURRENT names. Method: as above, with
  /// `project` at work; after each crash a new lead must become visible.
  @Test("a projector at work outlives a replay killed at any of its steps") func liveProjector() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let projector = try workspace.start("project", "leads")
    defer { if !projector.hasEnded { projector.signal(SIGKILL) } }
    try eventually("the projector is at work") {
      try workspace.runs().contains { $0["state"] as? String == "running" }
    }
    var leads = try content(workspace).count
    for (number, step) in (Self.steps + ["rollback"]).enumerated() {
      if step == "rollback" {
        try workspace.run("rollback", "leads")
      } else {
        try kill(at: step, workspace)
      }
      try workspace.dropSheet(
        "zz-\(number + 10).csv",
        TestWorkspace.leadHeader
          + (0...number).map {
            "LIVE-\($0),2026-10-30T08:00:00Z,Live,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,qualified,2026-10-30T09:00:00Z\n"
          }.joined())
      try workspace.run("capture", "--once")
      leads += 1
      let wanted = leads
      try eventually("after \(step) the projector goes on") { try content(workspace).count == wanted }
      #expect(!projector.hasEnded, "\(step)")
    }
    projector.signal(SIGTERM)
    let result = projector.wait()
    #expect(result.status == 0, "\(result.errors)")
    try workspace.run("replay", "leads")
    try expectClean(workspace)
  }

  @Test("a rollback killed in between leaves one generation or the other") func rollback() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("replay", "leads")
    let expected = try content(workspace)
    for step in ["rollback.handedOver", "rollback.swapped"] {
      #expect(try workspace.crash(at: step, "rollback", "leads").status == 128 + SIGKILL)
      #expect(try content(workspace) == expected)
      #expect(try workspace.generationFile("leads").hasSuffix(step == "rollback.swapped" ? "1.sqlite" : "2.sqlite"))
    }
    try workspace.run("project", "leads", "--once")
  }
}
