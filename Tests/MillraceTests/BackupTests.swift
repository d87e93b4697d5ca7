import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// `millrace backup` and `millrace restore --from-backup`, by the real executable.
@Suite("Backup", .temporaryFolder)
struct BackupTests {
  private var folder: String { "\(TemporaryFolder.path)/backup" }

  /// The restored workspace, with the sources of the lost one in place.
  /// `moving`: the very files, so that capture knows each of them again.
  private func restored(
    _ workspace: TestWorkspace, moving: Bool = false, _ words: String...
  ) throws -> TestWorkspace {
    let new = TestWorkspace("restored")
    try FileManager.default.createDirectory(atPath: new.folder, withIntermediateDirectories: true)
    let (from, to) = ("\(workspace.folder)/sources", "\(new.folder)/sources")
    if moving {
      try FileManager.default.moveItem(atPath: from, toPath: to)
    } else {
      try FileManager.default.copyItem(atPath: from, toPath: to)
    }
    let result = try new.answer(["restore", "--from-backup", folder] + words)
    #expect(result.status == 0, "\(result.errors)")
    if Files.exists(workspace.folder + "/truth.json") {
      try FileManager.default.copyItem(atPath: "\(workspace.folder)/truth.json", toPath: "\(new.folder)/truth.json")
    }
    return new
  }

  private func reports(_ workspace: TestWorkspace) throws -> [NSArray] {
    try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", "2026-10-31"]) as NSArray }
  }

  private func refusal(_ status: Int32, _ text: String, location: SourceLocation = #_sourceLocation) throws {
    let new = TestWorkspace("refused")
    let result = try new.answer(["restore", "--from-backup", folder])
    #expect(result.status == status, "\(result.errors)", sourceLocation: location)
    #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: location)
    #expect(!Files.exists("\(new.folder)/millrace.yaml"), sourceLocation: location)
    #expect(!Files.exists("\(new.folder)/capture.sqlite"), "nothing is left behind", sourceLocation: location)
  }

  private func state() throws -> String {
    let names = try Files.names(in: folder).filter { $0.hasPrefix("state-") }
    #expect(names.count == 1)
    return "\(folder)/\(try #require(names.first))"
  }

  @Test("a restored workspace has a sound log, the same reports, captures nothing twice, and agrees with the truth")
  func roundTrip() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02)
    let before = try reports(workspace)
    try workspace.run("backup", folder)
    let new = try restored(workspace, moving: true)
    try new.run("log", "verify")
    try new.run("project", "--once")
    #expect(try reports(new) == before)
    let captured = try new.run("capture", "--once")
    try new.run("project", "--once")
    #expect(try reports(new) == before, "\(captured.output)")
    try new.expectTruth()
    #expect(try new.run("replay", "--all").output.contains("equal"))
  }

  @Test("marts in the backup are served at once, and stand where the restored log does") func marts() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let before = try reports(workspace)
    try workspace.run("backup", folder, "--with-marts")
    let new = try restored(workspace)
    #expect(try reports(new) == before)
    try new.run("project", "--once")
    try new.run("replay", "--all")
    #expect(try reports(new) == before)
  }

  @Test("what came after the backup is captured by the restored workspace, once") func later() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder)
    try workspace.appendToAccessLog(TestWorkspace.line(target: "/one") + TestWorkspace.line(target: "/two"))
    try workspace.dropSheet(
      "zz.csv",
      TestWorkspace.leadHeader
        + "LATE,2026-10-30T08:00:00Z,Live,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,qualified,2026-10-30T09:00:00Z\n"
    )
    // Seen by the lost workspace, and not by its backup.
    try workspace.catchUp()
    let new = try restored(workspace)
    try new.catchUp()
    #expect(try reports(new) == reports(workspace))
    try new.expectBalance(new.status())
    let duplicates = try #require(try new.status()["marts"] as? [[String: Any]]).map { $0["duplicates"] as? Int }
    #expect(duplicates.allSatisfy { $0 == 0 } && duplicates.count == TestWorkspace.marts.count)
  }

  @Test("a second backup into the folder copies only what the log has got since, and one state is kept")
  func incremental() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let first = try workspace.json(workspace.run("backup", folder, "--format", "json").outputBytes)
    #expect((first["new_records"] as? Int ?? 0) > 100)
    #expect(first["new_records"] as? Int == first["records"] as? Int)
    try workspace.appendToAccessLog(TestWorkspace.line(target: "/one"))
    try workspace.catchUp()
    let second = try workspace.json(workspace.run("backup", folder, "--format", "json").outputBytes)
    let new = (second["records"] as? Int ?? 0) - (first["records"] as? Int ?? 0)
    #expect(new > 0 && second["new_records"] as? Int == new)
    #expect(try state().hasSuffix(second["state"] as? String ?? "?"))
    let third = try workspace.json(workspace.run("backup", folder, "--format", "json").outputBytes)
    #expect(third["new_records"] as? Int == 0)
  }

  @Test("every file of a backup is for its owner alone") func permissions() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder, "--with-marts")
    for name in ["keys/master.key", "vault.sqlite", "capture.sqlite", "millrace.yaml", "marts/sales.sqlite"] {
      let mode = try Files.status("\(state())/\(name)").mode & 0o777
      #expect(mode & 0o077 == 0, "\(name) \(String(mode, radix: 8))")
    }
    #expect(try Files.status("\(state())/keys/master.key").mode & 0o777 == 0o600)
  }

  @Test("a backup without keys says so, is refused without them, and is restored with them") func withoutKeys() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let result = try workspace.run("backup", folder, "--without-keys")
    #expect(result.output.contains("nobody can open this backup"))
    #expect(try !Files.exists("\(state())/keys/master.key"))
    try refusal(70, "--keys DIR")
    let other = TestWorkspace("other")
    try other.run("init")
    let wrong = try TestWorkspace("wrong").answer(
      ["restore", "--from-backup", folder, "--keys", "\(other.folder)/keys"])
    #expect(wrong.status == 70 && wrong.errors.contains("another master key"), "\(wrong.errors)")
    let new = try restored(workspace, "--keys", "\(workspace.folder)/keys")
    try new.catchUp()
    #expect(try reports(new) == reports(workspace))
  }

  @Test(
    "a file of the backup that is cut, altered or missing is refused by its name",
    arguments: ["vault.sqlite", "capture.sqlite", "keys/master.key", "runs.sqlite", "millrace.yaml"])
  func damagedFile(_ name: String) throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder)
    let path = "\(try state())/\(name)"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.dropLast().write(to: URL(fileURLWithPath: path))
    try refusal(64, "\(name) has \(bytes.count - 1) bytes")
    var altered = bytes
    altered[bytes.count / 2] ^= 1
    try altered.write(to: URL(fileURLWithPath: path))
    try refusal(64, "\(name) was altered")
    try Files.remove(path)
    try refusal(64, "\(name) is missing")
  }

  @Test("an altered or cut log in the backup is refused with the partition") func damagedLog() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder)
    let log = "\(folder)/log/log.sqlite"
    try Database(log, .readWrite).execute(
      """
      UPDATE batches SET payload = CAST(payload || x'00' AS BLOB) WHERE id = (SELECT max(id) FROM batches)
      """)
    try refusal(68, "does not fit its bytes")
    try Database(log, .readWrite).execute("DELETE FROM batches WHERE id = (SELECT max(id) FROM batches)")
    try refusal(68, "from here on")
    try FileManager.default.removeItem(atPath: "\(folder)/log")
    try refusal(68, "there is no log yet")
  }

  @Test("an altered manifest, none, and a folder that is no backup are refused") func damagedManifest() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder)
    let path = "\(folder)/manifest"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacingOccurrences(of: "file ", with: "file a").write(toFile: path, atomically: true, encoding: .utf8)
    try refusal(64, "cut or altered")
    try String(text.dropLast(10)).write(toFile: path, atomically: true, encoding: .utf8)
    try refusal(64, "cut or altered")
    try Files.remove(path)
    try refusal(64, "no finished backup")
    let none = try TestWorkspace("refused").answer(["restore", "--from-backup", "\(workspace.folder)/sources"])
    #expect(none.status == 64 && none.errors.contains("is no backup"), "\(none.errors)")
  }

  @Test("a backup goes into no folder of others, of another workspace, or inside the workspace") func foreign() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let other = "\(TemporaryFolder.path)/full"
    try Files.makeFolder(other)
    try Files.create("\(other)/letter.txt", with: [1], mode: 0o600)
    let full = try workspace.run("backup", other, expecting: 2)
    #expect(full.errors.contains("letter.txt"), "\(full.errors)")
    #expect(try Files.names(in: other) == ["letter.txt"])
    let inside = try workspace.run("backup", "\(workspace.folder)/backup", expecting: 2)
    #expect(inside.errors.contains("inside the workspace"), "\(inside.errors)")
    try workspace.run("backup", folder)
    let second = TestWorkspace("second")
    try second.prepareSmall(projected: false)
    let early = try second.run("backup", folder, expecting: 64)
    #expect(early.errors.contains("nothing was captured"), "\(early.errors)")
    try second.run("capture", "--once")
    let wrong = try second.run("backup", folder, expecting: 64)
    #expect(wrong.errors.contains("another workspace"), "\(wrong.errors)")
    let missing = TestWorkspace("second-2")
    try FileManager.default.moveItem(atPath: second.folder, toPath: missing.folder)
    try Files.remove(missing.keyFile)
    let keyless = try missing.run("backup", "\(folder)-2", expecting: 70)
    #expect(keyless.errors.contains("master.key"), "\(keyless.errors)")
  }

  @Test("a workspace is restored into no folder with anything but sources") func occupied() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder)
    let same = try workspace.run("restore", "--from-backup", folder, expecting: 2)
    #expect(same.errors.contains("is a workspace already"), "\(same.errors)")
    let new = TestWorkspace("occupied")
    try Files.makeFolder(new.folder)
    try Files.create("\(new.folder)/letter.txt", with: [1], mode: 0o600)
    let occupied = try new.run("restore", "--from-backup", folder, expecting: 2)
    #expect(occupied.errors.contains("letter.txt"), "\(occupied.errors)")
    #expect(try Files.names(in: new.folder) == ["letter.txt"])
  }

  @Test("a log that went another way since the backup is not mixed into it, and the backup stays whole") func fork()
    throws
  {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder)
    let new = try restored(workspace)
    try workspace.appendToAccessLog(TestWorkspace.line(target: "/old"))
    try workspace.catchUp()
    try workspace.run("backup", folder)
    try new.appendToAccessLog(TestWorkspace.line(target: "/new") + TestWorkspace.line(target: "/newer"))
    try new.catchUp()
    let refused = try new.run("backup", folder, expecting: 68)
    #expect(refused.errors.contains("in the copy") || refused.errors.contains("older state"), "\(refused.errors)")
    try FileManager.default.removeItem(atPath: new.folder)
    let again = try restored(workspace)
    try again.run("project", "--once")
    #expect(try reports(again) == reports(workspace))
  }

  static let backupSteps = [
    "claimed", "marts", "outbox", "vault", "logging", "log", "files", "synced", "manifest",
  ].map { "backup.\($0)" }
  static let restoreSteps = ["claimed", "files", "log", "marts"].map { "restore.\($0)" }

  /// Goal: whenever a backup ends, the one before it can be restored, and the same command makes the next. Method: kill -9 at
  /// each step, restore from what is there, run again.
  @Test("a backup killed at any of its steps leaves the one before it whole, and is made by the next run")
  func killedBackup() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let first = try ["marts", "logging"].map {
      try workspace.crash(at: "backup.\($0)", "backup", folder, "--with-marts").status
    }
    #expect(first == [137, 137])
    try refusal(64, "no finished backup")
    try workspace.run("backup", folder)
    var before = try reports(workspace)
    for (number, step) in Self.backupSteps.enumerated() {
      try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(number)", target: "/x\(number)"))
      try workspace.catchUp()
      let after = try reports(workspace)
      #expect(try workspace.crash(at: step, "backup", folder, "--with-marts").status == 137, "\(step)")
      let new = try restored(workspace)
      try new.run("project", "--once")
      #expect(try reports(new) == (step == "backup.manifest" ? after : before), "\(step)")
      try new.run("log", "verify")
      try FileManager.default.removeItem(atPath: new.folder)
      if number.isMultiple(of: 3) { try workspace.run("backup", folder) }
      if number.isMultiple(of: 3) { before = after }
    }
    try workspace.run("backup", folder)
    _ = try state()
  }

  @Test("a restoration killed at any of its steps is no workspace, and is made by the next run") func killedRestore()
    throws
  {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("backup", folder, "--with-marts")
    let new = TestWorkspace("restored")
    for step in Self.restoreSteps {
      #expect(try new.crash(at: step, "restore", "--from-backup", folder).status == 137, "\(step)")
      #expect(try new.answer(["status"]).status == 64, "\(step)")
    }
    try new.run("restore", "--from-backup", folder)
    #expect(try reports(new) == reports(workspace))
    #expect(try !Files.names(in: new.folder).contains("millrace.yaml.restoring"))
  }

  /// Goal: the restore drill. Method: a live business, captured and projected while backups are made; the workspace is destroyed
  /// but for its sources; then restored, and held against its own log and a capture from the beginning.
  @Test("the restore drill: backed up while everything runs, destroyed, restored, and whole again") func drill() throws
  {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let (live, run) = try workspace.startBusiness()
    defer { for process in [live, run] where !process.hasEnded { process.signal(SIGKILL) } }
    var records = 0
    for _ in 0..<5 {
      let made = try workspace.json(workspace.run("backup", folder, "--with-marts", "--format", "json").outputBytes)
      #expect((made["records"] as? Int ?? 0) >= records)
      records = made["records"] as? Int ?? 0
      Thread.sleep(forTimeInterval: 0.3)
    }
    try eventually("more is captured than was backed up") { try self.records(workspace) > records }
    run.signal(SIGKILL)
    _ = run.wait()
    live.signal(SIGTERM)
    _ = live.wait()
    // The lost workspace, as it would have gone on; the sources stay where they are.
    let twin = TestWorkspace("twin")
    try FileManager.default.moveItem(atPath: workspace.folder, toPath: twin.folder)
    try Files.makeFolder(workspace.folder)
    try FileManager.default.moveItem(atPath: "\(twin.folder)/sources", toPath: "\(workspace.folder)/sources")
    try FileManager.default.createSymbolicLink(
      atPath: "\(twin.folder)/sources", withDestinationPath: "\(workspace.folder)/sources")
    try workspace.run("restore", "--from-backup", folder)
    try workspace.run("log", "verify")
    #expect(try self.records(workspace) == records)
    // The marts in the backup are what the restored log makes of itself.
    try workspace.run("replay", "--all")
    try workspace.catchUp()
    try workspace.run("log", "verify")
    try workspace.run("replay", "--all")
    let status = try workspace.status()
    try workspace.expectBalance(status)
    // Nothing lost, nothing twice: the same reports as without the loss.
    try twin.catchUp()
    let day = String(ISO8601DateFormatter().string(from: Date()).prefix(10))
    for name in TestWorkspace.allReports {
      let (rows, expected) = (try workspace.rows([name, "--as-of", day]), try twin.rows([name, "--as-of", day]))
      #expect(rows as NSArray == expected as NSArray, "\(name)")
    }
  }

  private func records(_ workspace: TestWorkspace) throws -> Int {
    let topics = try workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)
    return try #require(topics["partitions"] as? [[String: Any]]).reduce(0) { $0 + ($1["next_offset"] as? Int ?? 0) }
  }
}
