import Foundation
import SQLite
import TestSupport
import Testing

/// One source is locked or broken; the real executable goes on with the others and says so.
@Suite("A source in trouble", .temporaryFolder)
struct SourceTroubleTests {
  private func small() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    return workspace
  }

  private func captured(_ workspace: TestWorkspace, _ topic: String) throws -> Int64 {
    try Database(workspace.logFile, .readOnly).integer(
      """
      SELECT sum(next_offset) FROM partitions p JOIN topics t ON t.id = p.topic_id WHERE t.name = ?1
      """, [.text(topic)]) ?? 0
  }

  /// Goal: `capture --once` reads what it can, and its end says what it could not. Method: 100 kB of random bytes in the place
  /// of the platform database, new lines and a new sheet.
  @Test("random bytes as the platform database end capture --once with 71 after web logs and leads were read")
  func broken() throws {
    let workspace = try small()
    let before = (try captured(workspace, "weblog"), try captured(workspace, "leads"))
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: workspace.platformFile + suffix)
    }
    let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
    try Data(noise).write(to: URL(fileURLWithPath: workspace.platformFile))
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.7"))
    try workspace.dropSheet(
      "zz.csv",
      TestWorkspace.leadHeader
        + "T-1,2026-10-30T08:00:00Z,c,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,new,2026-10-30T09:00:00Z\n")

    let capture = try workspace.run("capture", "--once", expecting: 71)
    #expect(capture.errors.contains("\(workspace.platformFile) is no SQLite database, or is damaged"))
    #expect(!capture.errors.contains("rebuild"))
    #expect(capture.output.contains("weblog 1"), "\(capture.output)")
    // Beside the heartbeats, which every capture brings to each of the four partitions.
    #expect(try captured(workspace, "weblog") == before.0 + 4 + 1)
    #expect(try captured(workspace, "leads") > before.1 + 4)

    let status = try workspace.run("status", expecting: 73)
    #expect(status.output.contains("platform: \(workspace.platformFile) is no SQLite database"))
    #expect(status.output.contains("(since 20"))
    let run = try #require(try workspace.runs().first { $0["job"] as? String == "capture" })
    #expect(run["state"] as? String == "failed")
    #expect((run["reason"] as? String)?.contains(workspace.platformFile) == true)
  }

  /// Goal: the same live, with words that go away again. Method: BEGIN EXCLUSIVE in a rollback journal while `millrace run`
  /// runs and lines arrive.
  @Test(
    "while another program locks the platform database, millrace run keeps web traffic fresh and says what it waits for"
  )
  func locked() throws {
    let workspace = try small()
    let shop = try Database(workspace.platformFile, .readWrite)
    try shop.execute("PRAGMA journal_mode=delete")
    let process = try workspace.start("run")
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    func traffic() throws -> Int64 {
      try Database(workspace.generationFile("traffic"), .readOnly).integer("SELECT sum(requests) FROM status_days") ?? 0
    }
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.7"))
    try eventually("it runs") { try traffic() == 201 }
    try eventually("the shop can be locked") { (try? shop.execute("BEGIN EXCLUSIVE")) != nil }
    for index in 0..<9 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(index)")) }
    try eventually("lines become figures beside the lock") { try traffic() == 210 }
    let words = "platform: \(workspace.platformFile) is locked by another program"
    try eventually("status says what is waited for") {
      try (workspace.status()["reasons"] as? [String] ?? []).contains { $0.hasPrefix(words) }
    }
    try eventually("runs, too") {
      try workspace.runs().contains { ($0["reason"] as? String)?.hasPrefix(words) == true && $0["ended_at"] is NSNull }
    }
    #expect(process.errorsSoFar.contains("\(workspace.platformFile) is locked"))
    try shop.execute("COMMIT")
    try eventually("and no longer when it is free") {
      try !(workspace.status()["reasons"] as? [String] ?? []).contains { $0.hasPrefix(words) }
    }
    process.signal(SIGTERM)
    #expect(process.wait().status == 0)
    let run = try #require(try workspace.runs().first { $0["job"] as? String == "capture" })
    #expect(run["state"] as? String == "finished" && run["reason"] is NSNull)
  }
}
