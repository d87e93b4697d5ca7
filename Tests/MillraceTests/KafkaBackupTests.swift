import Files
import Foundation
import KafkaSupport
import TestSupport
import Testing

/// `millrace backup` and `restore --from-backup` where the log is a real Kafka.
@Suite("Backup with Kafka", .serialized, .temporaryFolder, .enabled(if: RealKafka.tool != nil, RealKafka.absence))
struct KafkaBackupTests {
  private var folder: String { "\(TemporaryFolder.path)/backup" }

  private func open(_ kafka: RealKafka, captured: Bool = true) throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", kafka.bootstrap, "--topic-prefix", "shop-")
    try workspace.prepareSmall(faults: 0.02, projected: false)
    try workspace.run("log", "create")
    if captured { try workspace.catchUp() }
    return workspace
  }

  private func reports(_ workspace: TestWorkspace, asOf: String = "2026-10-31") throws -> [NSArray] {
    try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", asOf]) as NSArray }
  }

  /// Moves the workspace away and its sources back: the machine is new, the shop's systems are as they were.
  private func lose(_ workspace: TestWorkspace) throws -> TestWorkspace {
    let lost = TestWorkspace("lost")
    try FileManager.default.moveItem(atPath: workspace.folder, toPath: lost.folder)
    try Files.makeFolder(workspace.folder)
    try FileManager.default.moveItem(atPath: "\(lost.folder)/sources", toPath: "\(workspace.folder)/sources")
    try FileManager.default.createSymbolicLink(
      atPath: "\(lost.folder)/sources", withDestinationPath: "\(workspace.folder)/sources")
    return lost
  }

  private func refusal(_ status: Int32, _ words: [String], contains text: String) throws {
    let new = TestWorkspace("refused")
    let result = try new.answer(["restore", "--from-backup", folder] + words)
    #expect(result.status == status && result.errors.contains(text), "\(result.errors)\(result.output)")
    #expect(!Files.exists("\(new.folder)/millrace.yaml") && !Files.exists("\(new.folder)/keys"))
  }

  /// Goal: the restore drill. Method: a live business captured through Kafka and projected while backups are made; the workspace
  /// is destroyed with records in the log that no backup has; what is restored is held against the lost workspace, which goes
  /// on for comparison, and moves to topics of its own at last.
  @Test("the restore drill: backed up with its log while everything runs, destroyed, restored, and whole again")
  func drill() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = try open(kafka)
    let (live, run) = try workspace.startBusiness()
    defer { for process in [live, run] where !process.hasEnded { process.signal(SIGKILL) } }
    var records = 0
    for number in 0..<5 {
      let made = try workspace.json(
        workspace.run("backup", folder, "--with-log", "--with-marts", "--format", "json").outputBytes)
      #expect(made["log_included"] as? Bool == true)
      let (all, new) = (made["records"] as? Int ?? 0, made["new_records"] as? Int ?? 0)
      // Later backups copy what is new only.
      #expect(all == records + new, "\(number): \(records) and \(new) are \(all)")
      records = all
      // The business goes on meanwhile, so that the next backup finds something new.
      Thread.sleep(forTimeInterval: 0.3)
    }
    #expect(records > 100)
    try eventually("more is captured than was backed up") { try self.records(workspace) > records }
    run.signal(SIGKILL)
    _ = run.wait()
    live.signal(SIGTERM)
    _ = live.wait()
    let lost = try lose(workspace)
    try refusal(68, [], contains: "records that were captured after this backup")

    let restored = try workspace.run("restore", "--from-backup", folder, "--log-from-backup")
    #expect(restored.output.contains("To bring it to Kafka again"), "\(restored.output)")
    try workspace.run("log", "verify")
    #expect(try self.records(workspace) == records)
    // The marts in the backup are what the restored log makes of itself.
    try workspace.run("replay", "--all")
    try workspace.catchUp()
    try workspace.expectBalance(workspace.status())
    // Nothing lost, nothing twice: the same reports as without the loss.
    try lost.catchUp()
    let day = String(ISO8601DateFormatter().string(from: Date()).prefix(10))
    #expect(try reports(workspace, asOf: day) == reports(lost, asOf: day))

    let block = "\(TemporaryFolder.path)/kafka.yaml"
    try "log:\n  kind: kafka\n  bootstrap: \(kafka.bootstrap)\n".write(toFile: block, atomically: true, encoding: .utf8)
    try workspace.run(
      "log", "copy", "--from", "embedded", "--to", "kafka", "--kafka-file", block, "--topic-prefix", "again-",
      "--verify",
      "--adopt")
    try workspace.appendToAccessLog(TestWorkspace.line(target: "/again"))
    try workspace.catchUp()
    try workspace.run("log", "verify")
    try workspace.run("replay", "--all")
    try workspace.expectBalance(workspace.status())
  }

  /// Goal: with its log still there, a workspace goes on from keys, vault and capture's position alone, and is refused where it
  /// could not. Method: restore on the untouched topics and go on; then with newer records, with the broker away, and with the
  /// topics made anew.
  @Test("without its log a backup is restored on the broker's, when that stands as it was, and refused otherwise")
  func broker() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = try open(kafka)
    let before = try reports(workspace)
    let made = try workspace.run("backup", folder)
    #expect(made.output.contains("--with-log"), "\(made.output)")
    #expect(!Files.exists("\(folder)/log"))
    try refusal(2, ["--log-from-backup"], contains: "made without --with-log")
    _ = try lose(workspace)
    try workspace.run("restore", "--from-backup", folder)
    try workspace.run("project", "--once")
    #expect(try reports(workspace) == before)
    let counted = try records(workspace)
    try workspace.appendToAccessLog(TestWorkspace.line(target: "/one") + TestWorkspace.line(target: "/two"))
    try workspace.catchUp()
    #expect(try records(workspace) > counted)
    let status = try workspace.status()
    try workspace.expectBalance(status)
    #expect(try #require(status["marts"] as? [[String: Any]]).allSatisfy { $0["duplicates"] as? Int == 0 })

    try refusal(68, [], contains: "captured after this backup")
    try kafka.stop(kill: true)
    try refusal(77, [], contains: "check that the brokers run")
    // The earlier backup stays when the broker is away.
    try workspace.run("backup", folder, expecting: 77)
    try kafka.resume()
    try refusal(68, [], contains: "captured after this backup")
    try workspace.run("backup", folder)
    try kafka.tool("topics", "--delete", "--topic", "shop-weblog")
    try eventually("the topic is gone") { try !kafka.tool("topics", "--list").contains("shop-weblog") }
    try refusal(68, [], contains: "no longer holds what the backup saw in weblog")
  }

  private func records(_ workspace: TestWorkspace) throws -> Int {
    let topics = try workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)
    return try #require(topics["partitions"] as? [[String: Any]]).reduce(0) { $0 + ($1["next_offset"] as? Int ?? 0) }
  }
}
