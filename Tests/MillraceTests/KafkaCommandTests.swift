import Files
import Foundation
import KafkaLog
import KafkaSupport
import TestSupport
import Testing

@Suite("Millrace with Kafka as its log", .temporaryFolder)
struct KafkaCommandTests {
  /// A port of this machine on which nobody listens.
  private static let nobody = "127.0.0.1:1"

  @Test("init --kafka writes a block that is understood, and never changes an existing file") func initialize() throws {
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", "broker.example:9092", "--topic-prefix", "shop-")
    let file = try String(contentsOfFile: "\(workspace.folder)/millrace.yaml", encoding: .utf8)
    #expect(file.contains("bootstrap: 'broker.example:9092'") && file.contains("topic_prefix: 'shop-'"))
    #expect(try workspace.run("init").output.contains("nothing to do"))
    #expect(try workspace.run("init", "--kafka", "other:1", expecting: 2).errors.contains("not changed"))
    #expect(try TestWorkspace("two").run("init", "--topic-prefix", "x", expecting: 2).errors.contains("--kafka"))
  }

  @Test(
    "a mistake in the log's block is told with its line",
    arguments: [
      ("  kind: kafak\n  bootstrap: h:1\n", 2, "known here: embedded, kafka"),
      ("  kind: kafka\n", 2, "bootstrap is missing"),
      ("  kind: kafka\n  bootstrap: h:1\n  bootsrap: h:1\n", 4, "did you mean 'bootstrap'?"),
      ("  kind: kafka\n  bootstrap: h:1\n  properties:\n    acks: 1\n", 5, "Millrace sets it itself"),
      ("  kind: kafka\n  bootstrap: h:1\n  properties:\n    sasl.password: geheim\n", 5, "secret_files"),
      (
        "  kind: kafka\n  bootstrap: h:1\n  properties:\n    enable.ssl.certificate.verification: false\n", 5,
        "insecure: true"
      ),
      ("  kind: kafka\n  bootstrap: h:1\n  retention: long\n", 4, "forever, 400d or 12h"),
      ("  kind: embedded\n  bootstrap: h:1\n", 3, "kind: kafka only"),
    ] as [(String, Int, String)])
  func mistakes(block: String, line: Int, words: String) throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    try workspace.configure("log:\n" + block)
    let result = try workspace.run("log", "topics", expecting: 66)
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(result.errors.contains(":\(line):"), "\(result.errors)")
    #expect(!result.errors.contains("geheim"))
  }

  @Test("without a broker a single run ends with a code of its own") func unreachable() throws {
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", KafkaCommandTests.nobody)
    #expect(try workspace.run("capture", "--once", expecting: 77).errors.contains("check that the brokers run"))
  }

  /// Goal: a service started before its broker waits for it, says so once, and can be stopped. Method: nobody listens; the
  /// note is awaited, then SIGTERM.
  @Test("without a broker a service waits, says so once, and ends when asked", arguments: ["capture", "project"])
  func waits(command: String) throws {
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", KafkaCommandTests.nobody)
    let service = try workspace.start(command)
    while !service.errorsSoFar.contains("Waiting for the log"), !service.hasEnded { usleep(20_000) }
    service.signal(SIGTERM)
    let result = service.wait()
    #expect(result.status == 77, "\(result.errors)")
    #expect(result.errors.components(separatedBy: "Waiting for the log").count == 2, "\(result.errors)")
  }

  /// Goal: the whole road on a real broker gives the figures that the truth file says. Method: a small simulated business
  /// with faults, captured and projected through Kafka.
  @Test(
    "every report from a real broker equals the truth",
    .enabled(if: RealKafka.givenBootstrap != nil, "MILLRACE_TEST_BOOTSTRAP names no broker"))
  func truth() throws {
    let workspace = TestWorkspace()
    let settings = try #require(RealKafka.givenSettings("truth"))
    try workspace.run("init", "--kafka", settings.bootstrap, "--topic-prefix", settings.topicPrefix)
    if let copies = settings.replicationFactor, let least = settings.minInsyncReplicas {
      let file = "\(workspace.folder)/millrace.yaml"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let line = "  kind: kafka\n"
      #expect(text.contains(line))
      try workspace.configure(
        text.replacingOccurrences(
          of: line, with: line + "  replication_factor: \(copies)\n  min_insync_replicas: \(least)\n"))
    }
    try workspace.prepare(seed: 3, faults: 0.02)
    #expect(try workspace.run("capture", "--once", expecting: 68).errors.contains("millrace log create"))
    #expect(try workspace.run("log", "create").output.contains("orders: made (4 partitions)"))
    #expect(try workspace.run("log", "create").output.contains("orders: exists (4 partitions)"))
    try workspace.run("capture", "--once")
    try workspace.run("project", "--once")
    try workspace.expectTruth()
    #expect(try workspace.run("log", "verify").output.contains("anchors agree"))
    #expect(try workspace.run("log", "tail", "orders", "--limit", "1").output.contains("platform"))
  }
}
