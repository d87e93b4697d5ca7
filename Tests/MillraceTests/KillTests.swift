import Foundation
import TestSupport
import Testing

/// Real processes, killed with SIGKILL at random moments, again and again, until the work is done all the same.
@Suite("Sudden death", .serialized)
struct KillTests {
  /// Kills that must have hit a process at work. The long form multiplies them.
  static let wanted = Place.long ? 2_000 : 200

  /// Goal: no event is lost or applied twice when capture dies at any moment. Method: kill -9 at random points until enough
  /// kills hit, finishing each workspace and holding its counts and reports against the truth.
  @Test("capture survives kill -9 at random points", .temporaryFolder)
  func capture() throws {
    try campaign(victim: "capture", seed: 1)
  }

  /// Goal and method as above, for the projector.
  @Test("project survives kill -9 at random points", .temporaryFolder)
  func project() throws {
    try campaign(victim: "project", seed: 2)
  }

  private func campaign(victim: String, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var kills = 0
    var workspaces = 0
    while kills < Self.wanted {
      workspaces += 1
      try #require(workspaces <= 40, "seed \(seed): processes end before they can be killed; make the work larger")
      let workspace = TestWorkspace("workspace-\(victim)-\(workspaces)")
      try workspace.prepare(seed: workspaces, faults: 0.01, orders: 1_500, weblogLines: 6_000)
      try smallBatches(workspace)
      if victim == "project" { try workspace.run("capture", "--once") }
      let began = Date()
      // How long an undisturbed run takes is unknown on this machine; kills spread over what the last ones survived.
      var spread = 0.15
      for attempt in 1... {
        let process = try workspace.start(victim, "--once")
        Thread.sleep(forTimeInterval: Double.random(in: 0..<spread, using: &random))
        process.signal(SIGKILL)
        let result = process.wait()
        if result.status == 128 + SIGKILL {
          kills += 1
        } else {
          // Among planted faults are sheets of which nothing can be read.
          let isDone = result.status == 0 || victim == "capture" && result.status == 79
          #expect(isDone, "\(victim) attempt \(attempt): \(result.errors)")
          break
        }
        spread = min(spread * 1.05, 3)
        if kills >= Self.wanted || attempt > 60 { break }
      }
      try workspace.run("capture", "--once")
      try workspace.run("project", "--once")
      try workspace.expectTruth()
      try workspace.run("log", "verify")
      print("\(victim): workspace \(workspaces), \(kills) kills so far, \(Int(Date().timeIntervalSince(began))) s")
      try FileManager.default.removeItem(atPath: workspace.folder)
    }
  }

  /// Small batches make many commits, hence many different moments to die in.
  private func smallBatches(_ workspace: TestWorkspace) throws {
    let file = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try (text + "\nbatches:\n  capture_events: 200\n  project_events: 300\n").write(
      toFile: file, atomically: true, encoding: .utf8)
  }
}
