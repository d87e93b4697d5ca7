import Foundation
import SQLite
import TestSupport
import Testing

/// `millrace run` over its life: it starts on an empty workspace, follows its sources, is stopped, and what it made is what a
/// rebuild makes.
@Suite("Running live", .temporaryFolder)
struct LifeCycleTests {
  private static let asOf = ["--as-of", "2026-10-31"]

  /// A quick look into the mart; WAL readers see what is committed.
  private func requests(_ workspace: TestWorkspace) throws -> Int64 {
    try Database(workspace.generationFile("traffic"), .readOnly).integer("SELECT sum(requests) FROM status_days") ?? 0
  }

  private func startRun(_ workspace: TestWorkspace) throws -> ChildProcess {
    let process = try workspace.start("run")
    try eventually("run has built the marts") {
      let built = TestWorkspace.marts.allSatisfy { (try? workspace.generationFile($0)) != nil }
      guard built, !process.hasEnded else { return process.hasEnded }
      let marts = try workspace.status()["marts"] as? [[String: Any]] ?? []
      return marts.count == TestWorkspace.marts.count && marts.allSatisfy { ($0["events_in"] as? Int ?? 0) > 0 }
    }
    return process
  }

  private func stop(_ process: ChildProcess, location: SourceLocation = #_sourceLocation) {
    process.signal(SIGTERM)
    let result = process.wait()
    #expect(result.status == 0, "\(result.errors)", sourceLocation: location)
    #expect(result.output.contains("Captured "), "\(result.output)", sourceLocation: location)
  }

  /// Everything captured is in the marts, in balance, and the log is whole.
  private func expectNothingLost(_ workspace: TestWorkspace, location: SourceLocation = #_sourceLocation) throws {
    try workspace.expectBalance(workspace.status(), location: location)
    try workspace.run("log", "verify", location: location)
  }

  /// Goal: reports follow the sources. Method: while `run` runs, write to each source as its owner does and ask reports.
  @Test("lines, rows and sheets that arrive while millrace runs become visible in reports")
  func following() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let process = try startRun(workspace)
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    try eventually("the first lines are in") { try requests(workspace) == 200 }

    for index in 0..<25 {
      try workspace.appendToAccessLog(
        TestWorkspace.line(ip: "198.51.100.\(index)", user: "live-\(index)", agent: "LiveBrowser/1.0"))
    }
    try eventually("25 appended lines are visible") { try requests(workspace) == 225 }
    // A half-written line waits for its end.
    let line = TestWorkspace.line(ip: "198.51.100.77")
    try workspace.appendToAccessLog(String(line.prefix(40)))
    Thread.sleep(forTimeInterval: 0.5)
    #expect(try requests(workspace) == 225)
    try workspace.appendToAccessLog(String(line.dropFirst(40)))
    try eventually("the line is visible when it is whole") { try requests(workspace) == 226 }

    let before = try workspace.rows(["monthly-sales"] + Self.asOf).reduce(0) { $0 + ($1["orders"] as? Int ?? 0) }
    try workspace.onPlatform(
      """
      BEGIN;
      INSERT INTO orders(id, channel, order_type, status, order_date, currency, customer_id, created_at, updated_at, note)
        SELECT 900001, 'b2b', 'sale', 'placed', '2026-10-30', 'USD', min(id), '2026-10-30T10:00:00Z', '2026-10-30T10:00:00Z', 'none'
        FROM customers;
      INSERT INTO order_items VALUES (900001, 900001, (SELECT min(id) FROM products), 3, '1000.00');
      COMMIT
      """)
    try eventually("a new order is visible in monthly-sales") {
      try workspace.rows(["monthly-sales"] + Self.asOf).reduce(0) { $0 + ($1["orders"] as? Int ?? 0) } == before + 1
    }
    func october() throws -> [String: Any] {
      try workspace.rows(["monthly-sales"] + Self.asOf).last {
        $0["month"] as? String == "2026-10" && $0["currency"] as? String == "USD"
      } ?? [:]
    }
    let cancelled = try october()["cancelled_minor"] as? Int ?? 0
    try workspace.onPlatform(
      "UPDATE orders SET status = 'cancelled', cancel_reason = 'customer', updated_at = '2026-10-31T09:00:00Z' WHERE id = 900001"
    )
    try eventually("its cancellation, too") { try october()["cancelled_minor"] as? Int == cancelled + 300_000 }
    try workspace.onPlatform("DELETE FROM order_items WHERE order_id = 900001; DELETE FROM orders WHERE id = 900001")
    try eventually("and that it was deleted") { try october()["cancelled_minor"] as? Int == cancelled }

    try workspace.dropSheet(
      "zz-live.csv",
      TestWorkspace.leadHeader
        + "LIVE-1,2026-10-30T08:00:00Z,Live campaign,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,qualified,2026-10-30T09:00:00Z\n"
    )
    try eventually("a lead sheet from the inbox is visible") {
      try workspace.rows(["leads"]).contains {
        $0["campaign"] as? String == "Live campaign" && $0["qualified"] as? Int == 1
      }
    }
    #expect(try workspace.report("site-traffic")["stale"] as? Bool == false)
    stop(process)
    try expectNothingLost(workspace)
  }

  /// Goal: the web server may move its log on at any moment. Method: rename; rename with lines on both sides; copy and
  /// truncate; each line counts once.
  @Test("rotation and truncation of the access log lose and repeat nothing while millrace runs")
  func rotation() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let process = try startRun(workspace)
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    try eventually("the first lines are in") { try requests(workspace) == 200 }
    let files = FileManager.default
    let folder = "\(workspace.folder)/sources/weblogs"
    var expected: Int64 = 200
    for round in 1...4 {
      for index in 0..<20 {
        try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(index)", target: "/old/\(round)"))
      }
      expected += 20
      if round == 3 {
        // As logrotate's copytruncate does, which loses lines by itself unless the copy is complete.
        try eventually("all lines before are in") { try requests(workspace) == expected }
        let numbers = try rotations(folder)
        for number in numbers.reversed() {
          try files.moveItem(atPath: "\(folder)/access.log.\(number)", toPath: "\(folder)/access.log.\(number + 1)")
        }
        try files.copyItem(atPath: workspace.accessLog, toPath: "\(folder)/access.log.1")
        let handle = try #require(FileHandle(forWritingAtPath: workspace.accessLog))
        try handle.truncate(atOffset: 0)
        try handle.close()
      } else {
        for number in try rotations(folder).reversed() {
          try files.moveItem(atPath: "\(folder)/access.log.\(number)", toPath: "\(folder)/access.log.\(number + 1)")
        }
        try files.moveItem(atPath: workspace.accessLog, toPath: "\(folder)/access.log.1")
        // The server still writes into the old file until it is told to open the new one.
        let old = try #require(FileHandle(forWritingAtPath: "\(folder)/access.log.1"))
        try old.seekToEnd()
        try old.write(contentsOf: Data(TestWorkspace.line(ip: "198.51.100.200", target: "/late/\(round)").utf8))
        try old.close()
        expected += 1
        #expect(files.createFile(atPath: workspace.accessLog, contents: nil))
      }
      for index in 0..<10 {
        try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(index)", target: "/new/\(round)"))
      }
      expected += 10
      let wanted = expected
      try eventually("round \(round): \(wanted) requests") { try requests(workspace) == wanted }
    }
    Thread.sleep(forTimeInterval: 1)
    #expect(try requests(workspace) == expected, "lines must not come twice")
    stop(process)
    try workspace.catchUp()
    #expect(try requests(workspace) == expected)
    try expectNothingLost(workspace)
  }

  private func rotations(_ folder: String) throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
      $0.split(separator: ".").last.flatMap { Int($0) }
    }.sorted()
  }

  /// Goal: SIGTERM loses nothing. Method: stop capture, project and run in the middle of a large first reading, again and
  /// again; each ends with 0, and at the end the figures equal the truth.
  @Test(
    "SIGTERM ends a job with 0 after the batch in hand, and the next one goes on",
    arguments: ["run", "capture", "project"])
  func termination(command: String) throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 12, faults: 0.01, orders: 800, weblogLines: 3_000)
    let file = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try (text + "\nbatches:\n  capture_events: 500\n  project_events: 500\n").write(
      toFile: file, atomically: true, encoding: .utf8)
    if command == "project" { try workspace.run("capture", "--once") }
    for round in 0..<5 {
      let process = try workspace.start(command)
      try eventually("the job is in the ledger") {
        try process.hasEnded || workspace.runs().contains { $0["state"] as? String == "running" }
      }
      Thread.sleep(forTimeInterval: 0.05 * Double(round))
      process.signal(SIGTERM)
      let result = process.wait()
      #expect(result.status == 0, "round \(round): \(result.status) \(result.errors)")
      #expect(try workspace.runs().allSatisfy { $0["state"] as? String == "finished" })
    }
    try workspace.catchUp()
    try workspace.expectTruth()
    try workspace.run("log", "verify")
  }

  /// Goal: a script can tell an unfinished projection from a finished one. Method: stop it in its middle with SIGINT, as Ctrl-C
  /// does; then let it end.
  @Test("project --once that is stopped before the log's end says so and ends with 76")
  func stoppedProjection() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 12, faults: 0.01, orders: 800, weblogLines: 3_000)
    let file = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try (text + "\nbatches:\n  project_events: 100\n").write(toFile: file, atomically: true, encoding: .utf8)
    try workspace.run("capture", "--once")
    let process = try workspace.start("project", "--once")
    try eventually("the job is in the ledger") {
      try process.hasEnded || workspace.runs().contains { $0["state"] as? String == "running" }
    }
    process.signal(SIGINT)
    let result = process.wait()
    #expect(result.status == 76, "\(result.errors)")
    #expect(result.errors.contains("Stopped before the log's end; the same command goes on from here."))
    try workspace.run("project", "--once")
    try workspace.expectTruth()
  }

  /// Goal: live equals replay. Method: `simulate --live` and `run` side by side until some hundred requests came through;
  /// then every report of the live marts against those of marts built afresh from the log.
  @Test("marts kept live equal marts built again from the log")
  func liveEqualsRebuild() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 21, faults: 0.01, orders: 200, weblogLines: 800, until: Self.today)
    let process = try startRun(workspace)
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    let shop = try workspace.start("simulate", "--live", "--rate", "300")
    try eventually("some hundred requests", within: 300) { (try? requests(workspace)) ?? 0 > 800 + 300 }
    shop.signal(SIGTERM)
    let produced = shop.wait()
    #expect(produced.status == 0, "\(produced.errors)")
    stop(process)
    // What was written in the moment of the stop.
    try workspace.catchUp()

    let live = try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", Self.today]) as NSArray }
    let statusBefore = try workspace.status()
    for mart in TestWorkspace.marts { try FileManager.default.removeItem(atPath: "\(workspace.folder)/marts/\(mart)") }
    try workspace.run("project", "--once")
    let rebuilt = try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", Self.today]) as NSArray }
    for (name, pair) in zip(TestWorkspace.allReports, zip(live, rebuilt)) {
      #expect(pair.0 == pair.1, "\(name)")
      // All words of simulated links name a channel.
      #expect(pair.0.count > 0 || name == "utm-words", "\(name) is empty, which proves nothing")
    }
    let statusAfter = try workspace.status()
    for part in ["quarantine", "flags", "parked"] {
      #expect(statusBefore[part] as? NSDictionary == statusAfter[part] as? NSDictionary, "\(part)")
    }
    try expectNothingLost(workspace)
  }

  private static let today: String = {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "yyyy-MM-dd"
    return format.string(from: Date())
  }()
}
