import Foundation
import TestSupport
import Testing

@Suite("The main job")
struct TruthTests {
  /// Goal: the whole road is right, not only consistent with itself. Method: simulated businesses of 20 seeds, captured,
  /// projected and reported by the real executable; every report equals the simulator's own truth.
  @Test("reports equal the truth", .temporaryFolder, arguments: 1...20)
  func reportsEqualTheTruth(seed: Int) throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: seed)
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    try workspace.expectTruth()
  }

  /// Goal: each planted fault becomes what the fault table says, and nothing else changes. Method: as above, with one row
  /// in fifty faulty.
  @Test("reports equal the truth with faults planted", .temporaryFolder, arguments: 1...20)
  func reportsEqualTheTruthWithFaults(seed: Int) throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: seed, faults: 0.02)
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    let truth = try workspace.truth
    let quarantined = try #require(truth["quarantine"] as? [String: Int])
    #expect(quarantined.count >= 5, "a lucky seed without faults proves nothing: \(quarantined)")
    let spend = try #require(truth["advertising"] as? [String: Any])
    #expect((spend["rejected"] as? [String: Int])?.count == 6, "each reason for which a row of spend is rejected")
    try workspace.expectTruth()
  }

  /// Goal: running everything again changes nothing.
  @Test("a second capture and projection change nothing", .temporaryFolder)
  func secondRunChangesNothing() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 77, faults: 0.02)
    for _ in 1...2 {
      try workspace.run("capture", "--once")
      try workspace.run("project", "--once")
    }
    try workspace.expectTruth()
  }
}
