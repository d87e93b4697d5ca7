import Files
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

  /// Goal: a source that is switched off is not missing. Method: switch off all but the web log in a workspace of which one
  /// source had a fault; look at status, at reports of marts with and without a source, and at what a plan is refused for.
  @Test("a source that is switched off is not missing: status is healthy, and its figures stay as they were")
  func sourceSwitchedOff() throws {
    let workspace = try business()
    try FileManager.default.removeItem(atPath: "\(workspace.folder)/sources/leads")
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    try workspace.run("status", expecting: 73)
    let file = "\(workspace.folder)/millrace.yaml"
    var text = try String(contentsOfFile: file, encoding: .utf8)
    for name in ["platform", "leads", "spend"] {
      let line = try #require(text.split(separator: "\n").first { $0.contains("- {name: \(name),") })
      text = text.replacing(line, with: "  # not now: \(name)")
    }
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    #expect(try workspace.run("status").output.hasPrefix("healthy\n"))
    let sales = try workspace.run("report", "monthly-sales")
    #expect(sales.output.contains("its sources are switched off: the figures stay as they were"))
    #expect(try workspace.run("report", "site-traffic").output.contains("data are "))
    let plan = try workspace.run(
      "budget", "plan", "--total", "1000", "--period", "2026-12", expecting: 78)
    #expect(!plan.errors.contains("has not said yet"))
  }

  /// Goal: nobody reads healthy while capture or project cannot work. Method: break what each needs, look at status, mend it,
  /// look again; another capture that only finds the lock taken changes nothing.
  @Test("status is red while the last capture or project ended with an error, and green once a later one ended well")
  func lastRunFailed() throws {
    let workspace = try business()
    func catchUp() throws {
      try workspace.run("capture", "--once")
      try workspace.run("project", "--once")
    }
    try catchUp()
    #expect(try workspace.run("status").output.hasPrefix("healthy\n"))
    let key = "\(workspace.folder)/keys/master.key"
    try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
    #expect(try workspace.answer(["capture", "--once"]).status != 0)
    #expect(try workspace.answer(["project", "--once"]).status != 0)
    var status = try workspace.run("status", expecting: 73)
    #expect(status.output.contains("  - capture: its last run ("))
    #expect(status.output.contains("  - project: its last run (") && status.output.contains("master.key"))
    try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
    try catchUp()
    #expect(try workspace.run("status").output.hasPrefix("healthy\n"))

    let platform = "\(workspace.folder)/sources/platform.sqlite"
    let suffixes = ["", "-wal", "-shm"].filter { FileManager.default.fileExists(atPath: platform + $0) }
    for suffix in suffixes {
      try FileManager.default.moveItem(atPath: platform + suffix, toPath: platform + ".away" + suffix)
    }
    try Data(repeating: 0x5a, count: 40_000).write(to: URL(fileURLWithPath: platform))
    #expect(try workspace.answer(["capture", "--once"]).status != 0)
    status = try workspace.run("status", expecting: 73)
    #expect(status.output.contains("  - capture: its last run (") && !status.output.contains("project: its last run"))
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: platform + suffix) }
    for suffix in suffixes {
      try FileManager.default.moveItem(atPath: platform + ".away" + suffix, toPath: platform + suffix)
    }
    try catchUp()
    #expect(try workspace.run("status").output.hasPrefix("healthy\n"))

    let lock = try LockFile.tryLock("\(workspace.folder)/capture.lock")
    #expect(try workspace.answer(["capture", "--once"]).status != 0)
    _ = consume lock
    #expect(try workspace.run("status").output.hasPrefix("healthy\n"))
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
    #expect(
      status.output.contains(
        "  - leads: the folder of lead sheets, \(workspace.folder)/sources/leads, is not there yet"))
    // The note beside is whole, however long the path, on lines that a terminal has room for.
    let text =
      "the folder of lead sheets, \(workspace.folder)/sources/leads, is not there yet; make it, or mend the path in "
      + "millrace.yaml"
    let note = try #require(status.output.split(separator: "\n\n").last { $0.hasPrefix("leads: unread: ") })
    #expect(note.replacing("\n  ", with: " ").hasPrefix("leads: unread: \(text) (since "))
    for line in note.split(separator: "\n") { #expect(line.count <= 102 || line.contains(workspace.folder)) }
    let leads = try #require(
      (try workspace.status()["sources"] as? [[String: Any]])?.first { $0["name"] as? String == "leads" })
    let notes = try #require(leads["notes"] as? [[String: Any]])
    #expect(notes.map { $0["text"] as? String } == [text] && notes[0]["kind"] as? String == "unread")
    #expect((notes[0]["since"] as? String)?.hasSuffix("Z") == true)
  }
}
