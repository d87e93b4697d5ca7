import Foundation
import TestSupport
import Testing

/// What only the executable as a whole can show.
@Suite("Commands", .temporaryFolder)
struct CommandTests {
  private func business() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 5, orders: 40, weblogLines: 100)
    return workspace
  }

  @Test("a report's CSV is rows alone, and its age, position and rejected count stand on standard error")
  func csvStanding() throws {
    let workspace = try business()
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    let csv = try workspace.run("report", "monthly-sales", "--as-of", "2026-10-31", "--format", "csv")
    #expect(csv.output.hasPrefix("month,currency,"))
    #expect(csv.output.split(separator: "\r\n").allSatisfy { $0.split(separator: ",").count == 8 })
    #expect(csv.errors.contains("data are ") && csv.errors.contains(" events in quarantine"))
    #expect(csv.errors.contains("Position: sales catalog/0@"))
    let json = try workspace.run("report", "monthly-sales", "--as-of", "2026-10-31", "--format", "json")
    #expect(json.output.hasSuffix("\n}\n"))
    #expect(json.errors.isEmpty)
  }

  @Test("a mart that fails for good ends `millrace run` with the error's code")
  func runEndsWithAFailedMart() throws {
    let workspace = try business()
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    try "nonsense\n".write(toFile: "\(workspace.folder)/marts/leads/CURRENT", atomically: true, encoding: .utf8)
    let run = try workspace.start("run")
    let deadline = Date(timeIntervalSinceNow: 60)
    while !run.hasEnded, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
    #expect(run.hasEnded, "it goes on without the mart")
    if !run.hasEnded { run.signal(SIGKILL) }
    let result = run.wait()
    #expect(result.status == 69)
    #expect(result.errors.contains("leads"))
    // In order: capture and the other marts say what they did.
    #expect(result.output.contains("Captured ") && result.output.contains("sales: "))
  }

  @Test("a source that is switched off makes its reports stale, and status says which")
  func sourceSwitchedOff() throws {
    let workspace = try business()
    let file = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.contains("access_log:") })
    try text.replacing(line, with: "  access_log: null").write(toFile: file, atomically: true, encoding: .utf8)
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    let report = try workspace.run("report", "site-traffic", expecting: 65)
    #expect(report.output.contains("STALE: source weblog has not said yet how far it was read"))
    try workspace.run("report", "monthly-sales")
    let status = try workspace.run("status", expecting: 73)
    #expect(status.output.contains("- traffic: source weblog has not said yet how far it was read"))
  }

  @Test("a source that is not there makes status unhealthy")
  func sourceGone() throws {
    let workspace = try business()
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    let healthy = try workspace.run("status")
    #expect(healthy.output.hasPrefix("healthy\n"))
    try FileManager.default.moveItem(
      atPath: "\(workspace.folder)/sources/leads", toPath: "\(workspace.folder)/sources/elsewhere")
    try workspace.run("capture", "--once")
    let status = try workspace.run("status", expecting: 73)
    #expect(status.output.contains("  - leads: the folder of lead sheets is not there yet"))
  }
}
