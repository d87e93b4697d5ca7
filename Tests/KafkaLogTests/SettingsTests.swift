import Concurrency
import EventLog
import EventLogContract
import Files
import Foundation
import KafkaLog
import KafkaSupport
import Telemetry
import TestSupport
import Testing

@Suite("Settings of the Kafka log")
struct SettingsTests {
  @Test(
    "a property that Millrace owns is refused with the reason",
    arguments: [
      "acks", "enable.idempotence", "group.id", "auto.offset.reset", "enable.auto.commit", "transactional.id",
      "check.crcs", "bootstrap.servers", "sasl.password", "ssl.key.password", "plugin.library.paths",
      "test.mock.num.brokers",
    ])
  func owned(property: String) {
    var settings = KafkaSettings(bootstrap: "127.0.0.1:1")
    settings.properties[property] = "1"
    let refusals = settings.refusals()
    #expect(refusals.map(\.property) == [property])
    #expect((refusals.first?.reason.count ?? 0) > 20)
    let chosen = settings
    #expect(throws: LogError.self) { try KafkaLog(chosen) }
  }

  @Test("proving the broker can be switched off only by saying so twice")
  func verification() {
    var settings = KafkaSettings(bootstrap: "127.0.0.1:1")
    settings.properties = [
      "security.protocol": "ssl", "enable.ssl.certificate.verification": "False",
      "ssl.endpoint.identification.algorithm": "none",
    ]
    #expect(settings.refusals().count == 2)
    settings.isInsecure = true
    #expect(settings.refusals().isEmpty)
  }

  @Test("a property that librdkafka does not know, or a wrong value, is named") func unknown() throws {
    for (name, value) in [("no.such.property", "1"), ("socket.timeout.ms", "soon")] {
      var settings = KafkaSettings(bootstrap: "127.0.0.1:1")
      settings.properties[name] = value
      let chosen = settings
      let error = try logError { _ = try KafkaLog(chosen) }
      #expect(error.kind == .connection)
      #expect(error.operation.contains(name))
    }
  }

  /// Goal: a secret shows nowhere. Method: a canary as password, all of librdkafka's debug lines, an error on purpose.
  @Test("a secret is read from its file and never shown, not even by librdkafka's debug lines", .temporaryFolder)
  func secret() throws {
    let canary = "kanarie-7731-geheim"
    let path = TemporaryFolder.path + "/password"
    try Files.create(path, with: Array((canary + "\n").utf8), mode: 0o600)
    let cluster = MockCluster()
    var settings = cluster.settings()
    settings.requestSeconds = 2
    settings.properties = [
      "security.protocol": "sasl_plaintext", "sasl.mechanisms": "PLAIN", "sasl.username": "someone", "debug": "all",
    ]
    settings.secretFiles = ["sasl.password": path]
    let lines = Lock<[String]>([])
    let logger = Logger(
      format: .logfmt, level: .debug, nowMillis: { 0 }, write: { line in lines.withLock { $0.append(line) } })
    let chosen = settings
    let error = try logError { _ = try KafkaLog(chosen, logger: logger) }
    let shown = lines.withLock { $0 } + ["\(error)"]
    #expect(shown.count > 5)
    #expect(!shown.contains { $0.contains(canary) })
  }

  @Test("figures are logged where the settings ask for them, and only there", arguments: [true, false])
  func statistics(asked: Bool) throws {
    let cluster = MockCluster()
    var settings = cluster.settings()
    if asked { settings.properties["statistics.interval.ms"] = "50" }
    let lines = Lock<[String]>([])
    let logger = Logger(
      format: .logfmt, level: .info, nowMillis: { 0 }, write: { line in lines.withLock { $0.append(line) } })
    try cluster.open().ensureTopic("orders", partitions: 1)
    let log = try KafkaLog(
      settings, group: nil, logger: logger, counters: nil, administration: cluster.administration,
      stop: StopFlag())
    let partition = TopicPartition("orders", 0)
    for part in 0..<20 {
      _ = try log.append([encoded(part * 10..<(part + 1) * 10, for: partition)])
      _ = try log.bounds(of: partition)
      _ = try log.read(partition, from: 0, maximumBytes: 10)
      _ = try log.topics()
      usleep(20_000)
    }
    let shown = lines.withLock { $0 }.filter { $0.contains("kafka: producer") || $0.contains("kafka: consumer") }
    if asked {
      let sent = shown.filter { $0.contains("kafka: producer") }.compactMap { $0.firstMatch(of: /sent=([0-9]+)/)?.1 }
      #expect(sent.contains { Int($0) ?? 0 > 50 }, "\(shown)")
      #expect(shown.contains { $0.contains("kafka: consumer") && $0.contains("fetched=") }, "\(shown)")
    } else {
      #expect(shown.isEmpty)
    }
  }

  @Test("a secret file that others may read, or that is a link, empty or missing, is refused", .temporaryFolder)
  func secretFiles() throws {
    let folder = TemporaryFolder.path
    try Files.create(folder + "/open", with: Array("x".utf8), mode: 0o644)
    try Files.create(folder + "/empty", with: Array("\n".utf8), mode: 0o600)
    for (name, word) in [("open", "others may read it"), ("empty", "empty"), ("missing", "cannot read")] {
      var settings = KafkaSettings(bootstrap: "127.0.0.1:1")
      settings.secretFiles = ["sasl.password": folder + "/" + name]
      let chosen = settings
      let error = try logError { _ = try KafkaLog(chosen) }
      #expect(error.kind == .connection)
      #expect("\(error)".contains(word), "\(error)")
    }
  }

  /// Goal: a topic that would lose records is never used silently. Method: each setting that decides that, changed behind the
  /// log's back.
  @Test(
    "an existing topic with this setting is refused, and the words say how to mend it",
    arguments: [
      ("cleanup.policy", "compact"), ("cleanup.policy", "compact,delete"), ("retention.ms", "604800000"),
      ("retention.bytes", "1000000"), ("message.timestamp.type", "LogAppendTime"), ("max.message.bytes", "500000"),
    ])
  func existingTopic(name: String, value: String) throws {
    let cluster = MockCluster()
    let log = try cluster.open(cluster.settings(prefix: "p-"))
    try log.ensureTopic("orders", partitions: 2)
    cluster.administration.set("p-orders", name, value)
    let error = try logError { try log.ensureTopic("orders", partitions: 2) }
    #expect(error.kind == .configuration)
    #expect(error.cause.contains("\(name)=\(value)"))
    #expect(error.hint.contains("p-orders") && error.hint.contains("\(name)="))
  }

  @Test("partitions that were added to a topic stay empty, and the advice for any other number can be followed")
  func addedPartitions() throws {
    let cluster = MockCluster()
    for (topic, partitions) in [("wide", Int32(5)), ("narrow", 1)] {
      _ = try cluster.administration.create(
        TopicPlan(name: topic, partitions: partitions, replicationFactor: nil, settings: [:]))
    }
    let log = try cluster.open()
    try log.ensureTopic("orders", partitions: 2)
    try log.ensureTopic("wide", partitions: 2)
    #expect(try log.partitions(of: "wide").count == 2)
    let again = try cluster.open()
    try again.ensureTopic("wide", partitions: 2)
    #expect(try again.partitions(of: "wide").count == 2 && again.topics() == ["orders", "wide"])
    #expect(try logError { _ = try again.bounds(of: TopicPartition("wide", 2)) }.kind == .configuration)
    // The number of the log, never that of a topic.
    for topic in ["wide", "orders"] {
      let error = try logError { try again.ensureTopic(topic, partitions: 5) }
      #expect(error.cause.contains("made with 2 partitions") && error.hint.contains("back to 2"), "\(error)")
    }
    let error = try logError { try again.ensureTopic("narrow", partitions: 2) }
    #expect(error.hint.contains("--alter --topic narrow --partitions 2"), "\(error)")
  }

  @Test("a finite retention is accepted when the settings say the same") func retention() throws {
    let cluster = MockCluster()
    var settings = cluster.settings()
    settings.retention = .millis(86_400_000)
    let log = try cluster.open(settings)
    try log.ensureTopic("orders", partitions: 1)
    #expect(try cluster.administration.settings(of: "orders")["retention.ms"] == "86400000")
    try log.ensureTopic("orders", partitions: 1)
    #expect(throws: LogError.self) { try cluster.open().ensureTopic("orders", partitions: 1) }
    // The identity is kept for ever in any case.
    #expect(try cluster.administration.settings(of: "millrace.log")["retention.ms"] == "-1")
  }

  @Test("a new topic keeps 13 months whatever the broker's own defaults are") func newTopic() throws {
    let cluster = MockCluster()
    try cluster.open().ensureTopic("orders", partitions: 1)
    let settings = try cluster.administration.settings(of: "orders")
    #expect(settings["retention.ms"] == "-1")
    #expect(settings["retention.bytes"] == "-1")
    #expect(settings["cleanup.policy"] == "delete")
    #expect(settings["message.timestamp.type"] == "CreateTime")
    #expect(settings["message.timestamp.after.max.ms"] == "\(Int64.max)")
  }

  @Test("logs under two prefixes of one cluster do not see each other") func prefixes() throws {
    let cluster = MockCluster()
    let one = try cluster.open(cluster.settings(prefix: "one-"))
    let two = try cluster.open(cluster.settings(prefix: "two."))
    try one.ensureTopic("orders", partitions: 1)
    #expect(one.logID != two.logID)
    #expect(try one.topics() == ["orders"])
    #expect(try two.topics() == [])
    #expect(throws: LogError.self) { try one.ensureTopic("millrace.log", partitions: 1) }
  }

  @Test("topics of others are not the log's, until they are asked for") func foreign() throws {
    let cluster = MockCluster()
    let log = try cluster.open()
    _ = try cluster.administration.create(
      TopicPlan(name: "invoices", partitions: 2, replicationFactor: nil, settings: [:]))
    try log.ensureTopic("orders", partitions: 1)
    #expect(try log.topics() == ["orders"])
    #expect(try log.partitions(of: "invoices").isEmpty)
    #expect(try logError { _ = try log.bounds(of: TopicPartition("invoices", 0)) }.kind == .configuration)
    try log.ensureTopic("invoices", partitions: 2)
    #expect(try cluster.open().topics() == ["invoices", "orders"])
  }

  @Test("a log is made once, and a copy gets the id that it is given") func identity() throws {
    let cluster = MockCluster()
    let settings = cluster.settings(prefix: "copy-")
    func create(_ id: String?) throws -> (id: String, isNew: Bool) {
      try KafkaLog.create(settings, id: id, nowMillis: 0, administration: cluster.administration)
    }
    let first = try create("0123456789abcdef")
    #expect(first.isNew && first.id == "0123456789abcdef")
    let second = try create(nil)
    #expect(!second.isNew && second.id == first.id)
    #expect(try logError { _ = try create("fedc") }.kind == .configuration)
  }
}
