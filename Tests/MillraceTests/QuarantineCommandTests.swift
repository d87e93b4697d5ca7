import Files
import Foundation
import SQLite
import TestSupport
import Testing

@Suite("millrace quarantine", .temporaryFolder)
struct QuarantineCommandTests {
  private static let header = "day,market,channel,campaign,amount,currency\n"

  /// A workspace with spend sheets alone.
  private func workspace() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.run("init")
    try Data("sources:\n  - {name: spend, kind: spend, folder: sources/spend}\n".utf8)
      .write(to: URL(fileURLWithPath: workspace.folder + "/millrace.yaml"))
    return workspace
  }

  private func put(_ workspace: TestWorkspace, _ name: String, _ rows: String, secondsAgo: Double = 60) throws {
    let path = workspace.folder + "/sources/spend/" + name
    try Data((Self.header + rows).utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -secondsAgo)], ofItemAtPath: path)
  }

  private func list(_ workspace: TestWorkspace, _ action: String = "list") throws -> [[String: Any]] {
    let output = try workspace.run("quarantine", action, "--format", "json").outputBytes
    return try #require(try JSONSerialization.jsonObject(with: output) as? [[String: Any]])
  }

  /// Goal: what was refused is named with its place and a way out, and goes away by itself. Method: a sheet with two bad
  /// rows and a good one, then the same sheet mended in one of them.
  @Test("refused rows are listed with place and remedy, and no longer count once they were mended")
  func mended() throws {
    let workspace = try workspace()
    let good = "2026-10-01,CA,search,a,10.00,CAD\n"
    try put(workspace, "a.csv", good + "2026-10-02,CA,qwertz,b,5,CAD\n2026-10-03,CA,search,c,lots,CAD\n")
    let capture = try workspace.run("capture", "--once")
    #expect(capture.output.contains("1 × row.unknownValue (channel), source spend: a.csv, row 3; write a word"))
    try workspace.run("project", "--once")
    let first = try list(workspace)
    #expect(first.map { $0["place"] as? String } == ["a.csv, row 4", "a.csv, row 3"])
    #expect(first.allSatisfy { ($0["remedy"] as? String)?.contains("save it under its name") == true })
    #expect(try workspace.run("status", expecting: 73).output.contains("2 of 7 events are in quarantine"))

    try put(
      workspace, "a.csv", good + "2026-10-02,CA,search,b,5,CAD\n2026-10-03,CA,search,c,lots,CAD\n", secondsAgo: 30)
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    #expect(try list(workspace).map { $0["reason"] as? String } == ["money.badAmount"])
    let status = try workspace.run("status", "--format", "json").outputBytes
    #expect(try workspace.json(status)["quarantine"] as? [String: Int] == ["money.badAmount": 1])

    try workspace.run("quarantine", "discard", expecting: 2)
    try workspace.run("quarantine", "discard", "--reason", "row.unknownValue", expecting: 2)
    #expect(try workspace.run("quarantine", "discard", "--reason", "money.badAmount").output.hasPrefix("Discarded 1 "))
    #expect(try list(workspace).isEmpty && list(workspace, "show").isEmpty)
    #expect(!(try workspace.run("status").output.contains("in quarantine")))
    // What comes later counts again.
    try put(workspace, "b.csv", "2026-10-01,CA,search,e,10.00,CAD\n2026-10-03,CA,search,d,lots,CAD\n")
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    #expect(try list(workspace, "show").map { $0["place"] as? String } == ["b.csv, row 3"])
  }

  /// Goal: what a mart refused no longer counts once the shop has mended it. Method: two lines of a real-looking shop get absurd
  /// quantities; one is mended, the other's line is deleted.
  @Test("an absurd quantity that the shop has mended, or deleted, no longer counts")
  func correctedRow() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let shop = try Database(workspace.platformFile, .readWrite)
    let lines = try shop.rows("SELECT id FROM order_items ORDER BY id LIMIT 3") { $0.int64(0) }
    func look() throws -> [String] {
      try workspace.run("capture", "--once")
      try workspace.run("project", "--once")
      return try list(workspace, "show").map { "\($0["reason"] ?? "") \($0["stage"] ?? "")" }
    }
    try shop.execute("UPDATE order_items SET quantity = 50000 WHERE id IN (\(lines[0]), \(lines[1]), \(lines[2]))")
    let absurd = "order.absurdQuantity validate"
    #expect(try look() == [absurd, absurd, absurd])
    try shop.execute("UPDATE order_items SET quantity = 2 WHERE id = \(lines[0])")
    #expect(try look() == [absurd, absurd])
    try shop.execute("DELETE FROM order_items WHERE id = \(lines[1])")
    #expect(try look() == [absurd])
    try shop.execute("UPDATE order_items SET quantity = 60000 WHERE id = \(lines[2])")
    // Refused again, it counts once.
    #expect(try look() == [absurd])
    try shop.execute("UPDATE order_items SET quantity = 3 WHERE id = \(lines[2])")
    #expect(try look() == [])
    let status = try workspace.run("status", "--format", "json").outputBytes
    #expect(try (workspace.json(status)["quarantine"] as? [String: Int])?.isEmpty == true)
  }

  /// Goal: money that never came in is not forgotten. Method: two refused rows of spend, one whose amount can be read.
  @Test("plans name spend that was refused when it was read, with its sum")
  func refusedSpend() throws {
    let workspace = try workspace()
    let yaml = URL(fileURLWithPath: workspace.folder + "/millrace.yaml")
    try Data((String(contentsOf: yaml, encoding: .utf8) + "base_currency: CAD\n").utf8).write(to: yaml)
    let good = "2026-10-01,CA,search,a,10.00,CAD\n"
    try put(workspace, "a.csv", good + "2026-10-02,CA,qwertz,b,1234.5,CAD\n2026-10-03,CA,search,c,lots,CAD\n")
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    let plan = ["budget", "plan", "--total", "1000", "--period", "2027-01"]
    let refusal = try ChildProcess.run(
      [Place.millrace] + plan + ["--workspace", workspace.folder], folder: workspace.scratch)
    let words = refusal.output + refusal.errors
    #expect(words.contains("1,234.50 CAD of spend in 1 rows was refused when its sheet was read"), "\(words)")
    #expect(
      words.contains("1 rows of spend were refused when their sheets were read, and their amounts cannot be told"))
  }

  /// Goal: `millrace … | head` is no broken run. Method: a reader that goes away before the first byte.
  @Test("a reader that goes away breaks no run")
  func closedPipe() throws {
    let workspace = try workspace()
    try put(workspace, "a.csv", "2026-10-01,CA,search,a,10.00,CAD\n2026-10-02,CA,qwertz,b,5,CAD\n")
    for words in ["capture --once", "project --once", "report site-traffic --as-of 2026-10-31", "runs"] {
      let script = "'\(Place.millrace)' \(words) --workspace '\(workspace.folder)' | true; echo ${PIPESTATUS[0]}"
      let result = try ChildProcess.run(["/bin/bash", "-c", script], folder: workspace.scratch)
      #expect(["0", "65"].contains(result.output.trimmingCharacters(in: .newlines)), "\(words): \(result.output)")
    }
    let runs = try workspace.run("runs").output
    #expect(!runs.contains("broken") && !runs.contains("failed"), "\(runs)")
  }

  @Test("a file that was refused as a whole ends capture --once with 79, and is named") func refused() throws {
    let workspace = try workspace()
    try put(workspace, "bad.csv", "2026-10-02,CA,qwertz,canary-campaign,5,CAD\n")
    let capture = try workspace.run("capture", "--once", expecting: 79)
    #expect(capture.errors.contains("No record of bad.csv could be read."))
    try workspace.run("project", "--once")
    let export = try workspace.run("quarantine", "export").output
    #expect(export.contains("spend,capture,row.unknownValue,channel,\"bad.csv, row 2\""))
    #expect(!export.contains("canary-campaign"))
    try FileManager.default.removeItem(atPath: workspace.folder + "/sources/spend/bad.csv")
    try workspace.run("capture", "--once")
    #expect(try workspace.run("quarantine", "list").output == "Nothing is in quarantine that counts.\n")
  }
}
