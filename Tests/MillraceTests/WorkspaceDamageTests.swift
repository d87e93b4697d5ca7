import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// What a person finds after an accident: damaged, old, foreign or missing files.
@Suite("Accidents to a workspace", .temporaryFolder)
struct WorkspaceDamageTests {
  private let files = FileManager.default

  /// Goal: a second writer never gets between. Method: while one capture runs, start another, once by itself and once
  /// within `run`.
  @Test("a second capture on the same workspace is refused while the first one runs")
  func secondCapture() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let first = try workspace.start("capture")
    defer { if !first.hasEnded { first.signal(SIGKILL) } }
    try eventually("the first capture runs") {
      try workspace.runs().contains { $0["job"] as? String == "capture" && $0["state"] as? String == "running" }
    }
    for words in [["capture", "--once"], ["run"]] {
      let result = try workspace.answer(words)
      #expect(result.status == 67 && result.errors.contains("another capture"), "\(words): \(result.errors)")
    }
    #expect(!first.hasEnded)
    first.signal(SIGTERM)
    #expect(first.wait().status == 0)
    try workspace.run("capture", "--once")
  }

  /// Goal: a crash shows no memory, also where nobody set anything for it. Method: the signal of a trap for a process that
  /// was started without the variable that tests and `tools/millrace` set; told to report, it reports (and goes on, since
  /// it waits for the instruction to trap again).
  @Test("a crash prints no report unless whoever started the process asks for one", arguments: [false, true])
  func crashReport(_ isAskedFor: Bool) throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let setting = isAskedFor ? ["SWIFT_BACKTRACE=enable=yes,output-to=stderr,symbolicate=off"] : []
    let process = try ChildProcess(
      ["/usr/bin/env", "-u", "SWIFT_BACKTRACE"] + setting
        + [Place.millrace, "capture", "--workspace", workspace.folder], folder: TemporaryFolder.path)
    try eventually("capture runs") {
      try workspace.runs().contains { $0["job"] as? String == "capture" && $0["state"] as? String == "running" }
    }
    process.signal(SIGILL)
    if isAskedFor {
      defer {
        process.signal(SIGKILL)
        // A child that nobody waits for keeps the exit tests of this process from seeing theirs end.
        _ = process.wait()
      }
      try eventually("the report is printed") { process.errorsSoFar.contains("Registers:") }
    } else {
      let result = process.wait()
      #expect(result.status == 128 + SIGILL && !result.errors.contains("Registers:"), "\(result.errors.prefix(500))")
    }
  }

  @Test("a second projector of the same mart is refused while the first one runs")
  func secondProjector() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let file = try workspace.generationFile("sales")
    func owner() throws -> Int64 {
      try #require(try Database(file, .readOnly).integer("SELECT owner_epoch FROM millrace_owner"))
    }
    let before = try owner()
    let first = try workspace.start("project", "sales")
    defer { if !first.hasEnded { first.signal(SIGKILL) } }
    // Until then the second one could be the first to come.
    try eventually("the first projector has taken the mart over") { try owner() > before }
    let second = try ChildProcess.run(
      [Place.millrace, "project", "sales", "--once", "--workspace", workspace.folder], folder: TemporaryFolder.path)
    #expect(second.status == 67 && second.errors.contains("sales"), "\(second.errors)")
    #expect(!first.hasEnded)
    first.signal(SIGTERM)
    #expect(first.wait().status == 0)
  }

  @Test("a mart made by a newer Millrace is refused with a clear sentence, and left alone")
  func newerMart() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let file = try workspace.generationFile("sales")
    try Database(file, .readWrite).setUserVersion(2)
    for words in [
      ["report", "monthly-sales"], ["project", "--once"], ["snapshot", "sales", "\(TemporaryFolder.path)/copy.sqlite"],
      ["status"],
    ] {
      let result = try ChildProcess.run(
        [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
      #expect(result.status == 69, "\(words): \(result.status)")
      #expect(
        result.errors.contains("schema version 2, this program knows up to 1")
          && result.errors.contains("use the newer Millrace"),
        "\(words): \(result.errors)")
    }
    #expect(try Database(file, .readOnly).userVersion == 2)
    // The other marts go on.
    _ = try workspace.report("site-traffic")
  }

  @Test("one changed byte in the log is found by log verify, with its place")
  func changedByte() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    #expect(try workspace.run("log", "verify").output.contains("anchors agree"))
    do {
      let log = try Database(workspace.logFile, .readWrite)
      let row = try #require(
        try log.first("SELECT id, payload FROM batches ORDER BY length(payload) DESC LIMIT 1") {
          ($0.int64(0), $0.blob(1))
        })
      var payload = row.1
      payload[payload.count / 2] ^= 1
      try log.run("UPDATE batches SET payload = ?1 WHERE id = ?2", [.blob(payload), .integer(row.0)])
    }
    let result = try workspace.run("log", "verify", expecting: 68)
    #expect(result.errors.contains("does not fit its bytes"), "\(result.errors)")
  }

  /// Goal: an old copy of the log in place of the newer one does not pass as a log. Method: keep a copy of the log, go on,
  /// put the copy back. By itself the copy is flawless; only anchors tell.
  @Test("a log that lost its tail is found by the anchors of capture and of every mart")
  func cutTail() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let old = "\(TemporaryFolder.path)/old-log"
    try files.copyItem(atPath: "\(workspace.folder)/log", toPath: old)
    for index in 0..<40 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "203.0.113.\(index)")) }
    try workspace.catchUp()
    try files.removeItem(atPath: "\(workspace.folder)/log")
    try files.copyItem(atPath: old, toPath: "\(workspace.folder)/log")

    #expect(try workspace.run("log", "verify", expecting: 68).errors.contains("tail was cut"))
    #expect(try workspace.run("project", "--once", expecting: 68).errors.contains("log"))
    // What capture knows is not what the log holds; going on would make numbers that look like gaps or repeats.
    let capture = try ChildProcess.run(
      [Place.millrace, "capture", "--once", "--workspace", workspace.folder], folder: TemporaryFolder.path)
    #expect(capture.status == 68 || capture.status == 0, "\(capture.errors)")

    // The marts' anchors do it alone, too.
    try files.removeItem(atPath: "\(workspace.folder)/log")
    try files.copyItem(atPath: old, toPath: "\(workspace.folder)/log")
    for name in ["capture.sqlite", "capture.sqlite-wal", "capture.sqlite-shm"] {
      try? files.removeItem(atPath: "\(workspace.folder)/\(name)")
    }
    #expect(try workspace.run("log", "verify", expecting: 68).errors.contains("tail was cut"))
  }

  @Test(
    "a master key file that cannot be trusted is refused",
    arguments: ["readable by others", "a symbolic link", "short", "all zero", "missing"])
  func keyFile(fault: String) throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let key = workspace.keyFile
    switch fault {
    case "readable by others": try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
    case "a symbolic link":
      try files.moveItem(atPath: key, toPath: "\(TemporaryFolder.path)/elsewhere")
      try files.createSymbolicLink(atPath: key, withDestinationPath: "\(TemporaryFolder.path)/elsewhere")
    case "short": try replaceKey(key, Data([1, 2, 3]))
    case "all zero": try replaceKey(key, Data(count: 32))
    default: try files.removeItem(atPath: key)
    }
    for words in [["capture", "--once"], ["project", "--once"], ["run"], ["init"]] {
      let result = try workspace.answer(words)
      #expect(
        result.status == 70 && result.errors.contains("master.key"), "\(words): \(result.status) \(result.errors)")
    }
    #expect(fault != "missing" || !files.fileExists(atPath: key), "a new key could not open what the old one sealed")
  }

  @Test("another workspace's master key is refused before anything is written") func foreignKey() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let other = TestWorkspace("other")
    try other.run("init")
    try replaceKey(workspace.keyFile, Data(contentsOf: URL(fileURLWithPath: other.keyFile)))
    try workspace.appendToAccessLog(TestWorkspace.line())
    #expect(try workspace.run("capture", "--once", expecting: 70).errors.contains("key"))
    #expect(try workspace.run("project", "--once", expecting: 70).errors.contains("key"))
  }

  private func replaceKey(_ path: String, _ bytes: Data) throws {
    try bytes.write(to: URL(fileURLWithPath: path))
    try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  @Test("losing a mart's folder leaves the ledger of runs, and project builds the same mart again")
  func lostMart() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02)
    let before = try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", "2026-10-31"]) as NSArray }
    let runs = try workspace.runs().count
    try files.removeItem(atPath: "\(workspace.folder)/marts/sales")
    #expect(try workspace.runs().count == runs)
    #expect(try workspace.run("report", "monthly-sales", expecting: 69).errors.contains("millrace project"))
    try workspace.run("project", "--once")
    #expect(try workspace.runs().count == runs + 1)
    let after = try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", "2026-10-31"]) as NSArray }
    for (name, pair) in zip(TestWorkspace.allReports, zip(before, after)) { #expect(pair.0 == pair.1, "\(name)") }
    try workspace.expectTruth()
  }

  /// Goal: a crash is history, not a mystery. Method: kill -9 a running job after some heartbeats.
  @Test("after kill -9 the ledger shows a broken run since its last heartbeat, and the next run resumes it")
  func brokenRun() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let process = try workspace.start("capture")
    try eventually("the run has had a heartbeat") {
      try workspace.runs().contains {
        $0["job"] as? String == "capture" && $0["state"] as? String == "running"
          && $0["heartbeat_at"] as? String != $0["started_at"] as? String
      }
    }
    process.signal(SIGKILL)
    #expect(process.wait().status == 128 + SIGKILL)
    let broken = try #require(try workspace.runs().first { $0["job"] as? String == "capture" })
    #expect(broken["state"] as? String == "broken")
    #expect(broken["ended_at"] as? String == broken["heartbeat_at"] as? String)
    #expect(broken["ended_at"] as? String != broken["started_at"] as? String)
    let identifier = try #require(broken["id"] as? Int)
    #expect(try workspace.run("runs").output.contains("broken"))

    let next = try workspace.run("capture", "--once")
    #expect(next.errors.contains("Going on after run \(identifier), which broke."))
    let resumed = try #require(try workspace.runs().first { $0["job"] as? String == "capture" })
    #expect(resumed["state"] as? String == "finished" && resumed["resumes"] as? Int == identifier)
    // Resumed once; the run after that one is an ordinary one.
    try workspace.run("capture", "--once")
    #expect(try workspace.runs().first { $0["job"] as? String == "capture" }?["resumes"] is NSNull)
  }

  @Test("a job that fails is kept with its reason") func failedRun() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    // Without its -wal, which would still hold a whole database.
    for end in ["-wal", "-shm"] { try? files.removeItem(atPath: workspace.platformFile + end) }
    try "not a database at all, and long enough to be looked at".write(
      toFile: workspace.platformFile, atomically: true, encoding: .utf8)
    let result = try ChildProcess.run(
      [Place.millrace, "capture", "--once", "--workspace", workspace.folder], folder: TemporaryFolder.path)
    #expect([71, 72].contains(result.status), "\(result.status) \(result.errors)")
    let run = try #require(try workspace.runs().first)
    #expect(run["state"] as? String == "failed" && run["reason"] is String)
  }
}
