import Capture
import Foundation
import Meters
import Pipeline
import SQLite
import TestSupport
import Testing

/// The engine with a domain that it does not know: `Tests/Meters`.
@Suite("A domain of its own", .temporaryFolder) struct MetersTests {
  private let workspace: MeterWorkspace
  private let database: Database

  init() throws {
    workspace = try MeterWorkspace(TemporaryFolder.path)
    database = try Database(workspace.database, .readWriteCreate)
    try database.execute(
      """
      PRAGMA journal_mode = WAL;
      CREATE TABLE households(id TEXT PRIMARY KEY, email TEXT);
      CREATE TABLE readings(id INTEGER PRIMARY KEY, household TEXT NOT NULL, day TEXT, watt_hours INTEGER);
      INSERT INTO households VALUES ('north', 'Ada@Example.org'), ('south', 'bo@example.org');
      """)
  }

  /// What the database says itself.
  private func truth() throws -> [String: Int64] {
    var usage: [String: Int64] = [:]
    try database.query("SELECT household, sum(watt_hours) FROM readings GROUP BY 1") { usage[$0.text(0)] = $0.int64(1) }
    return usage
  }

  private func change(_ random: inout SeededGenerator) throws {
    let id = Int64.random(in: 1...60, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: try database.run("DELETE FROM readings WHERE id = ?1", [.integer(id)])
    case 1:
      try database.run("UPDATE households SET email = ?1 WHERE id = 'south'", [.text("bo\(id)@example.org")])
    default:
      try database.run(
        "INSERT OR REPLACE INTO readings VALUES (?1, ?2, '2026-11-30', ?3)",
        [.integer(id), .text(id.isMultiple(of: 2) ? "north" : "south"), .integer(id * 10)])
    }
  }

  /// Goal: nothing of the engine is the shop's. Method: the whole way of another domain's rows, held against the database.
  @Test("rows of another domain are captured, folded, replayed and copied without a name of the shop")
  func wholeWay() throws {
    var random = SeededGenerator(seed: 12)
    for round in 0..<4 {
      for _ in 0..<60 { try change(&random) }
      let counts = try workspace.capture()
      #expect(counts.events > 0, "round \(round)")
      try workspace.project()
      #expect(try workspace.usage() == truth(), "round \(round)")
    }
    let live = try workspace.dump()
    #expect(live.contains("north"))
    let outcome = try workspace.replay()
    #expect(outcome.isSwapped)
    #expect(try workspace.dump() == live)

    let copy = try workspace.sanitized()
    #expect(copy.contains(#""household""#) && copy.contains(#""heartbeat""#))
    #expect(!copy.lowercased().contains("example.org") && !live.lowercased().contains("example.org"))
  }

  /// Goal: a rule of the domain keeps an event out and counts it. Method: a reading below zero, which the rule refuses.
  @Test("a row that breaks a rule of its domain is left out, and what replaces it is taken")
  func refused() throws {
    try database.execute("INSERT INTO readings VALUES (1, 'north', '2026-11-30', -5)")
    _ = try workspace.capture()
    try workspace.project()
    #expect(try workspace.usage() == [:])
    #expect(try workspace.sanitized().contains("reading.negative"))
    try database.execute("UPDATE readings SET watt_hours = 7 WHERE id = 1")
    _ = try workspace.capture()
    try workspace.project()
    #expect(try workspace.usage() == ["north": 7])
  }

  /// Goal: exactly once holds for any domain. Method: real processes that capture and project, killed again and again while rows
  /// change; at the end the mart says what the database says, and a replay agrees.
  @Test("after many kills of capture and projection the figures are the database's")
  func kills() throws {
    let tool = Place.tool("millrace-meters")
    var random = SeededGenerator(seed: 7)
    for round in 0..<(Place.long ? 100 : 8) {
      let kind = round.isMultiple(of: 2) ? "capture" : "project"
      if round == 1 { _ = try workspace.capture() }
      let process = try ChildProcess([tool, kind, workspace.folder], folder: TemporaryFolder.path)
      let end = ContinuousClock.now + .milliseconds(Int.random(in: 100...400, using: &random))
      while ContinuousClock.now < end { try change(&random) }
      // It was at work until now, not dead of a fault of its own.
      #expect(!process.hasEnded, "\(kind): \(process.errorsSoFar)")
      process.signal(SIGKILL)
      #expect(process.wait().status == 128 + SIGKILL)
    }
    _ = try workspace.capture()
    try workspace.project()
    #expect(try workspace.usage() == truth())
    let live = try workspace.dump()
    _ = try workspace.replay()
    #expect(try workspace.dump() == live)
  }
}
