import Foundation
import KafkaSupport
import SQLite
import TestSupport
import Testing

/// Copies, tokenized streams and rebuilds where the log is a real Kafka, through the real executable.
@Suite(
  "Working with a real Kafka", .serialized, .temporaryFolder, .enabled(if: RealKafka.tool != nil, RealKafka.absence))
struct KafkaOperationTests {
  private static let asOf = ["--as-of", "2026-10-31"]

  private func reports(_ workspace: TestWorkspace) throws -> String {
    var text = ""
    for name in ["monthly-sales", "top-devices", "leads", "site-traffic", "product-sales"] {
      let rows = try workspace.rows([name] + (name == "leads" ? [] : Self.asOf))
      text += String(decoding: try JSONSerialization.data(withJSONObject: rows, options: .sortedKeys), as: UTF8.self)
    }
    return text
  }

  private func requests(_ workspace: TestWorkspace) throws -> Int64 {
    try Database(workspace.generationFile("traffic"), .readOnly).integer("SELECT sum(requests) FROM status_days") ?? 0
  }

  private func append(_ count: Int, _ net: String, to workspace: TestWorkspace) throws {
    for number in 0..<count { try workspace.appendToAccessLog(TestWorkspace.line(ip: "\(net).\(number)")) }
  }

  private func offsets(_ workspace: TestWorkspace) throws -> [String: Int] {
    let json = try workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)
    let partitions = try #require(json["partitions"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: partitions.map {
        ("\($0["topic"] ?? "")/\($0["partition"] ?? "")", $0["next_offset"] as? Int ?? -1)
      })
  }

  /// Records of a topic as kcat prints them: key, TAB, value.
  private func kcat(_ kafka: RealKafka, _ topic: String, partition: Int) throws -> [String] {
    let result = try ChildProcess.run(
      [
        "/usr/bin/kcat", "-C", "-q", "-e", "-b", kafka.bootstrap, "-t", topic, "-p", "\(partition)", "-o", "beginning",
        "-f", "%o\t%s\n",
      ], folder: TemporaryFolder.path)
    #expect(result.status == 0, "\(result.errors)")
    return result.output.split(separator: "\n").map(String.init)
  }

  /// Goal: an administrator's `--alter --partitions` stops nothing, and no advice leads in a circle.
  @Test("partitions that are added to a topic while capture and marts go on move no key, and a replay is equal")
  func addedPartitions() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", kafka.bootstrap, "--topic-prefix", "shop-")
    try workspace.prepare(seed: 6, orders: 100, weblogLines: 300)
    try workspace.run("log", "create")
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    try kafka.tool("topics", "--alter", "--topic", "shop-orders", "--partitions", "9")
    try workspace.onPlatform(
      "UPDATE orders SET updated_at = '2026-10-30T10:00:00Z', status = 'cancelled' WHERE id % 3 = 0")
    let captured = try workspace.run("capture", "--once")
    #expect(captured.errors.contains("those that were added stay empty"), "\(captured.errors)")
    try workspace.run("project", "--once")
    #expect(try offsets(workspace).keys.filter { $0.hasPrefix("orders/") }.count == 4)
    let live = try reports(workspace)
    try workspace.run("replay", "--all")
    #expect(try reports(workspace) == live)
    let settings = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: settings, encoding: .utf8)
    try ("partitions: 9\n" + text).write(toFile: settings, atomically: true, encoding: .utf8)
    let refused = try workspace.run("capture", "--once", expecting: 68)
    #expect(refused.errors.contains("set `partitions` back to 4"), "\(refused.errors)")
    try ("partitions: 4\n" + text).write(toFile: settings, atomically: true, encoding: .utf8)
    try workspace.run("capture", "--once")
  }

  /// Goal: others get the stream without personal data, whole, whatever breaks. Method: kill -9 to the copy at random moments
  /// until it ends by itself; read it with kcat, which shares no code with Millrace, and hold it against --stdout.
  @Test(
    "tokenized topics, killed and gone on with, hold every record once and in order, as kcat reads them",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/kcat"), "no kcat: tools/setup --tests"))
  func sanitize() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", kafka.bootstrap, "--topic-prefix", "shop-")
    try workspace.prepare(seed: 4, faults: 0.02, orders: 200, weblogLines: 6_000)
    try workspace.run("log", "create")
    try workspace.run("capture", "--once")
    var random = SeededGenerator(seed: 6)
    var kills = 0
    var spread = 1.5
    while true {
      let process = try workspace.start("sanitize", "--once")
      Thread.sleep(forTimeInterval: Double.random(in: 0..<spread, using: &random))
      if kills < 4 { process.signal(SIGKILL) }
      let result = process.wait()
      if result.status == 128 + SIGKILL {
        kills += 1
        spread += 0.3
        continue
      }
      #expect(result.status == 0, "\(result.errors)")
      break
    }
    #expect(kills > 0)
    var expected: [String: [NSDictionary]] = [:]
    for line in try workspace.run("sanitize", "--stdout", "--once").outputBytes.split(separator: 0x0a) {
      let object = try workspace.json(Data(line))
      expected["\(object["topic"] ?? "")/\(object["partition"] ?? "")", default: []].append(object as NSDictionary)
    }
    var compared = 0
    for topic in ["orders", "weblog", "catalog", "leads"] {
      for partition in 0..<4 {
        let lines = try kcat(kafka, "shop-\(topic).tokenized", partition: partition)
        let found = try lines.map { line -> NSDictionary in
          let value = line.split(separator: "\t", maxSplits: 1).last ?? ""
          return try workspace.json(Data(value.utf8)) as NSDictionary
        }
        #expect(found == expected["\(topic)/\(partition)"] ?? [], "\(topic)/\(partition)")
        compared += found.count
      }
    }
    #expect(compared > 6_000)
    #expect(try workspace.run("sanitize", "--once").output == "Copied 0 records.\n")
    // Marts and capture know nothing of the copies.
    try workspace.catchUp()
    try workspace.expectTruth()
  }

  /// Goal: an archive beyond the broker's retention can be kept and rebuilt from. Method: copy, verify; go on; delete the
  /// beginning in Kafka; the copy goes on, and a replay takes what is missing from it.
  @Test("an archive of Kafka is kept, compared, and rebuilds what the broker has deleted") func archive() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", kafka.bootstrap)
    try workspace.prepareSmall(faults: 0.02, projected: false)
    try workspace.run("log", "create")
    try workspace.catchUp()
    let archive = "\(workspace.scratch)/archive"
    let first = try workspace.run("log", "copy", "--from", "kafka", "--to", archive, "--verify")
    #expect(first.output.contains("all are the same"), "\(first.output)")
    try append(30, "198.51.100", to: workspace)
    try workspace.catchUp()
    let more = try workspace.json(
      workspace.run("log", "copy", "--from", "kafka", "--to", archive, "--verify", "--format", "json").outputBytes)
    #expect(more["records"] as? Int ?? 0 >= 30 && more["complete"] as? Bool == true)

    let expected = try reports(workspace)
    let end = try #require(try offsets(workspace)["weblog/0"])
    let file = "\(TemporaryFolder.path)/delete.json"
    try #"{"partitions": [{"topic": "weblog", "partition": 0, "offset": \#(end / 2)}], "version": 1}"#
      .write(toFile: file, atomically: true, encoding: .utf8)
    try kafka.tool("delete-records", "--offset-json-file", file)
    let refused = try workspace.run("replay", "traffic", expecting: 75)
    #expect((refused.errors + refused.output).contains("--from-archive"))
    try workspace.run("replay", "traffic", "--from-archive", archive)
    #expect(try reports(workspace) == expected)
    try append(10, "198.51.101", to: workspace)
    try workspace.catchUp()
    try workspace.run("log", "copy", "--from", "kafka", "--to", archive)
    try workspace.expectBalance(workspace.status())
  }

  /// Goal: a workspace moves to Kafka and back, and nobody notices in a figure. Method: reports before and after each move;
  /// capture and project go on in between and count exactly; `log verify` after each.
  @Test("a workspace moves from the embedded log to Kafka and back with every figure unchanged") func moves() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02)
    let expected = try reports(workspace)
    let counted = try requests(workspace)
    // Captured and not projected: the marts stand before the log's end.
    try append(10, "198.51.100", to: workspace)
    try workspace.run("capture", "--once")
    let there = try workspace.run(
      "log", "copy", "--from", "embedded", "--to", "kafka", "--bootstrap", kafka.bootstrap, "--verify", "--adopt")
    #expect(there.errors.contains("The workspace uses"), "\(there.errors)")
    try FileManager.default.moveItem(atPath: workspace.folder + "/log", toPath: workspace.scratch + "/former")
    #expect(try reports(workspace) == expected)
    try append(15, "198.51.101", to: workspace)
    try workspace.catchUp()
    #expect(try requests(workspace) == counted + 25)
    try workspace.expectBalance(workspace.status())
    try workspace.run("log", "verify")
    let grown = try reports(workspace)
    try workspace.run("replay", "--all")
    #expect(try reports(workspace) == grown)

    let back = "\(workspace.scratch)/back"
    try workspace.run("log", "copy", "--from", "kafka", "--to", back, "--verify", "--adopt")
    try kafka.stop(kill: true)
    #expect(try reports(workspace) == grown)
    // Nothing has come since, so the marts keep the proofs that Kafka gave; a rebuild gets the embedded log's.
    try workspace.run("replay", "--all")
    #expect(try reports(workspace) == grown)
    try append(5, "198.51.102", to: workspace)
    try workspace.catchUp()
    #expect(try requests(workspace) == counted + 30)
    try workspace.expectBalance(workspace.status())
    try workspace.run("log", "verify")
  }

  /// Goal: a broker that refuses records for their time is told apart from a damaged log and from one that is away, and nothing is
  /// lost. Method: a topic that takes nothing older than a millisecond; then as `log create` makes it.
  @Test("records that the broker refuses for their time end capture as a matter of configuration, and go through later")
  func refusedTimes() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", kafka.bootstrap)
    try workspace.prepareSmall(projected: false)
    try workspace.run("log", "create")
    try workspace.catchUp()
    let counted = try requests(workspace)
    func limit(_ setting: String) throws {
      try kafka.tool(
        "configs", "--alter", "--entity-type", "topics", "--entity-name", "weblog", "--add-config", setting)
    }
    try limit("message.timestamp.before.max.ms=1")
    try append(10, "198.51.100", to: workspace)
    let refused = try workspace.run("capture", "--once", expecting: 66)
    #expect(refused.errors.contains("clock") && refused.errors.contains("INVALID_TIMESTAMP"), "\(refused.errors)")
    // Live as well: to try again and again would hide it.
    let live = try workspace.answer(["capture"])
    #expect(live.status == 66, "\(live.errors)")
    try limit("message.timestamp.before.max.ms=9223372036854775807")
    try workspace.catchUp()
    #expect(try requests(workspace) == counted + 10)
    try workspace.expectBalance(workspace.status())
  }

  /// Goal: a rebuild beside a running service ends in the same figures, and the service goes on with the new generation.
  /// Method: `run` with lines coming all the time, while all marts are replayed.
  @Test("marts are rebuilt from Kafka while a service runs on it") func replay() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", kafka.bootstrap)
    try workspace.prepareSmall(faults: 0.02, projected: false)
    try workspace.run("log", "create")
    try workspace.catchUp()
    let counted = try requests(workspace)
    let service = try workspace.start("run")
    defer { if !service.hasEnded { service.signal(SIGKILL) } }
    try append(20, "198.51.100", to: workspace)
    try eventually("the service works") { try requests(workspace) == counted + 20 }
    let replaying = try workspace.start("replay", "--all")
    for number in 0..<40 {
      try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.101.\(number)"))
      usleep(50_000)
    }
    let replayed = replaying.wait()
    #expect(replayed.status == 0, "\(replayed.errors)\(replayed.output)")
    try append(20, "198.51.102", to: workspace)
    try eventually("the service goes on with the new generation") { try requests(workspace) == counted + 80 }
    #expect(try workspace.generationFile("traffic").hasSuffix("traffic.000002.sqlite"))
    service.signal(SIGTERM)
    let result = service.wait()
    #expect(result.status == 0, "\(result.errors)")
    try workspace.expectBalance(workspace.status())
    // Kafka's own tools show that nobody lags.
    let lag = try kafka.tool("groups", "--describe", "--group", "millrace.traffic")
    let rows = lag.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.contains("weblog") }
    #expect(rows.count == 4 && rows.allSatisfy { $0.count > 5 && $0[5] == "0" }, "\(lag)")
  }
}
