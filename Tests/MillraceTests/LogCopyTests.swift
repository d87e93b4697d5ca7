import Foundation
import SQLite
import TestSupport
import Testing

/// `millrace log copy` through the real executable.
@Suite("Copying the log", .temporaryFolder)
struct LogCopyTests {
  private static let asOf = ["--as-of", "2026-10-31"]

  private func reports(_ workspace: TestWorkspace) throws -> String {
    var text = ""
    for name in ["monthly-sales", "top-devices", "leads", "site-traffic"] {
      let rows = try workspace.rows([name] + (name == "leads" ? [] : Self.asOf))
      text += String(decoding: try JSONSerialization.data(withJSONObject: rows, options: .sortedKeys), as: UTF8.self)
    }
    return text
  }

  private func requests(_ workspace: TestWorkspace) throws -> Int64 {
    try Database(workspace.generationFile("traffic"), .readOnly).integer("SELECT sum(requests) FROM status_days") ?? 0
  }

  /// Every partition's chain as it ends: equal ends mean equal bytes in equal batches.
  private func ends(_ folder: String) throws -> [String] {
    try Database(folder + "/log.sqlite", .readOnly).rows(
      "SELECT t.name, p.number, p.next_offset, hex(p.chain) FROM partitions p JOIN topics t ON t.id = topic_id ORDER BY 1, 2"
    ) { "\($0.text(0))/\($0.int64(1)) \($0.int64(2)) \($0.text(3))" }
  }

  @Test("an archive is made, kept current, compared, and may not be captured into")
  func archive() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let archive = "\(workspace.scratch)/archive"
    let first = try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--verify")
    #expect(first.output.contains("all are the same"), "\(first.output)")
    let again = try workspace.json(
      workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--format", "json").outputBytes)
    #expect(again["records"] as? Int == 0)

    for index in 0..<25 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(index)")) }
    try workspace.catchUp()
    let more = try workspace.json(
      workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--verify", "--format", "json").outputBytes)
    #expect(more["records"] as? Int ?? 0 >= 25)
    #expect(more["compared"] as? Int ?? 0 > (more["records"] as? Int ?? 0))
    #expect(more["complete"] as? Bool == true)

    // A copy of the copy, of one topic.
    let second = "\(workspace.scratch)/second"
    try workspace.run("log", "copy", "--from", archive, "--to", second, "--topic", "weblog,leads")
    #expect(
      try Database(second + "/log.sqlite", .readOnly).rows("SELECT name FROM topics ORDER BY 1") { $0.text(0) }
        == ["leads", "weblog"])

    // The archive in the log's place, without adoption.
    let configuration = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: configuration, encoding: .utf8)
    try workspace.configure("log:\n  folder: \(archive)\n")
    for index in 0..<5 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.101.\(index)")) }
    let refused = try workspace.run("capture", "--once", expecting: 68)
    #expect(refused.errors.contains("--adopt"), "\(refused.errors)")
    try text.write(toFile: configuration, atomically: false, encoding: .utf8)
    try workspace.catchUp()
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--verify")
  }

  @Test("wrong places and options are refused with a sentence")
  func usage() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    try workspace.run("capture", "--once")
    let archive = "\(workspace.scratch)/archive"
    try workspace.run("log", "copy", expecting: 2)
    try workspace.run("log", "copy", "--from", "embedded", expecting: 2)
    try workspace.run("log", "copy", "--from", "embedded", "--to", "embedded", expecting: 2)
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--adopt", "--follow", expecting: 2)
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--adopt", "--topic", "leads", expecting: 2)
    try workspace.run("log", "copy", "--from", archive, "--to", archive + "2", "--adopt", expecting: 2)
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--bootstrap", "a:1", expecting: 2)
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--topic", "weblogs", expecting: 68)
    try workspace.run("log", "copy", "--from", archive + "-none", "--to", archive, expecting: 68)
    // Onto the log itself, by its folder.
    try workspace.run("log", "copy", "--from", "embedded", "--to", workspace.folder + "/log", expecting: 2)
    let other = TestWorkspace("other")
    try other.prepareSmall(seed: 6, projected: false)
    try other.run("capture", "--once")
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive)
    let foreign = try other.run("log", "copy", "--from", "embedded", "--to", archive, expecting: 68)
    #expect(foreign.errors.contains("belongs to log"), "\(foreign.errors)")
  }

  /// Goal: the workspace goes on from the copy as if nothing had happened. Method: adopt an archive, compare reports; capture
  /// and project more, and rebuild the marts from the archive alone.
  @Test("after adopting an archive, capture and project go on and reports are unchanged")
  func adoption() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02)
    let configuration = "\(workspace.folder)/millrace.yaml"
    let before = try String(contentsOfFile: configuration, encoding: .utf8)
    let expected = try reports(workspace)
    let counted = try requests(workspace)
    // Captured and not projected: the marts stand before the log's end.
    for index in 0..<10 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(index)")) }
    try workspace.run("capture", "--once")
    let archive = "\(workspace.scratch)/the archive"
    let adopted = try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--verify", "--adopt")
    #expect(adopted.errors.contains("The workspace uses"), "\(adopted.errors)")
    let after = try String(contentsOfFile: configuration, encoding: .utf8)
    #expect(after.hasPrefix(before))
    #expect(after.dropFirst(before.count) == "\nlog:\n  kind: embedded\n  folder: \"\(archive)\"\n")

    // The former log is really not needed.
    try FileManager.default.moveItem(atPath: workspace.folder + "/log", toPath: workspace.scratch + "/former")
    #expect(try reports(workspace) == expected)
    try workspace.run("log", "verify")
    for index in 0..<15 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.101.\(index)")) }
    try workspace.catchUp()
    try workspace.expectBalance(workspace.status())
    try workspace.run("log", "verify")
    #expect(try requests(workspace) == counted + 25)
    let grown = try reports(workspace)
    try FileManager.default.removeItem(atPath: workspace.folder + "/marts")
    try workspace.run("project", "--once")
    #expect(try reports(workspace) == grown)
    // An adopted log is an original now.
    try workspace.run("log", "copy", "--from", "\(workspace.scratch)/former", "--to", archive, expecting: 68)

    // And on to a second archive: the block is replaced, the old one kept as a comment.
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive + "-2", "--adopt")
    let again = try String(contentsOfFile: configuration, encoding: .utf8)
    #expect(again.hasPrefix(before))
    #expect(
      again.dropFirst(before.count)
        == "\nlog:\n  kind: embedded\n  folder: \"\(archive)-2\"\n# log:\n#   kind: embedded\n#   folder: \"\(archive)\"\n"
    )
    try workspace.catchUp()
    #expect(try reports(workspace) == grown)
    try workspace.run("log", "verify")
  }

  @Test("nothing is adopted while capture or a projector runs, and the copy stays a copy")
  func adoptionWhileRunning() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let configuration = "\(workspace.folder)/millrace.yaml"
    let before = try String(contentsOfFile: configuration, encoding: .utf8)
    let archive = "\(workspace.scratch)/archive"
    for word in ["capture", "project"] {
      let process = try workspace.start(word)
      defer {
        process.signal(SIGTERM)
        _ = process.wait()
      }
      let lock = word == "capture" ? "\(workspace.folder)/capture.lock" : ""
      try eventually("\(word) has its lock") {
        let result = try ChildProcess.run(
          [
            Place.millrace, "log", "copy", "--from", "embedded", "--to", archive, "--adopt", "--workspace",
            workspace.folder,
          ], folder: workspace.scratch)
        return result.status == 67 || (lock.isEmpty && result.status == 0)
      }
    }
    #expect(try String(contentsOfFile: configuration, encoding: .utf8).hasPrefix(before))
  }

  /// Goal: an adoption that was broken off can be repeated. Method: adopt, take back the last steps one by one, adopt again.
  @Test("an adoption that broke off is repeated and leads to the same")
  func repeatedAdoption() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    try workspace.catchUp()
    let expected = try reports(workspace)
    let configuration = "\(workspace.folder)/millrace.yaml"
    let before = try Data(contentsOf: URL(fileURLWithPath: configuration))
    let archive = "\(workspace.scratch)/archive"
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--adopt")
    // As if it had ended before the mark was lifted.
    try before.write(to: URL(fileURLWithPath: configuration))
    try Database(archive + "/log.sqlite", .readWrite).run("INSERT INTO metadata VALUES ('copied_from', 'embedded')")
    #expect(try reports(workspace) == expected)
    try workspace.catchUp()
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--adopt")
    // As if it had ended before millrace.yaml was changed.
    try before.write(to: URL(fileURLWithPath: configuration))
    let result = try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--adopt")
    #expect(result.errors.contains("The workspace uses"), "\(result.errors)")
    try workspace.catchUp()
    #expect(try reports(workspace) == expected)
    // The adopted log has gone on by itself: its former original is not its source any more.
    try before.write(to: URL(fileURLWithPath: configuration))
    let late = try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--adopt", expecting: 68)
    #expect(late.errors.contains("before its copy"), "\(late.errors)")
    try workspace.run("capture", "--once", expecting: 68)
  }

  /// Goal: a copy that dies at any moment goes on to the same result. Method: kill -9 at random moments until it ends by
  /// itself; hold it against a copy that was left in peace, chain hash for chain hash.
  @Test("a copy survives kill -9 at random points")
  func kills() throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    try workspace.run(
      "simulate", "--days", "60", "--seed", "3", "--until", "2026-10-31", "--orders", "2000", "--weblog-lines", "25000")
    try workspace.run("capture", "--once")
    let peace = "\(workspace.scratch)/peace"
    let began = Date()
    try workspace.run("log", "copy", "--from", "embedded", "--to", peace)
    let whole = Date().timeIntervalSince(began)
    let expected = try ends(peace)
    var random = SeededGenerator(seed: 4)
    var kills = 0
    for round in 1...(Place.long ? 60 : 6) {
      let archive = "\(workspace.scratch)/archive-\(round)"
      while true {
        let process = try workspace.start("log", "copy", "--from", "embedded", "--to", archive)
        Thread.sleep(forTimeInterval: Double.random(in: 0..<whole, using: &random))
        process.signal(SIGKILL)
        let result = process.wait()
        if result.status == 128 + SIGKILL {
          kills += 1
          continue
        }
        #expect(result.status == 0, "\(result.errors)")
        break
      }
      try workspace.run("log", "copy", "--from", "embedded", "--to", archive, "--verify")
      #expect(try ends(archive) == expected)
      try FileManager.default.removeItem(atPath: archive)
    }
    #expect(kills >= 3)
  }

  @Test("a copy that follows has what was captured meanwhile, and stops when asked")
  func following() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    try workspace.run("capture", "--once")
    let archive = "\(workspace.scratch)/archive"
    let process = try workspace.start("log", "copy", "--from", "embedded", "--to", archive, "--follow", "--verify")
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    func count() throws -> Int64 {
      guard FileManager.default.fileExists(atPath: archive + "/log.sqlite") else { return -1 }
      return try Database(archive + "/log.sqlite", .readOnly).integer(
        "SELECT sum(next_offset) FROM partitions") ?? 0
    }
    func captured() throws -> Int64 {
      try Database(workspace.folder + "/log/log.sqlite", .readOnly).integer("SELECT sum(next_offset) FROM partitions")
        ?? 0
    }
    for round in 0..<3 {
      for index in 0..<20 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.10\(round).\(index)")) }
      try workspace.run("capture", "--once")
      try eventually("round \(round) is in the copy") { (try? count()) == (try captured()) }
    }
    // A second copier is kept away.
    try workspace.run("log", "copy", "--from", "embedded", "--to", archive, expecting: 67)
    process.signal(SIGTERM)
    let result = process.wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("all are the same"), "\(result.output)")
  }
}
