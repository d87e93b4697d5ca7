import Capture
import Enrichment
import Events
import Failures
import Files
import Foundation
import KafkaLog
import Marts
import Privacy
import Projections
import TestSupport
import Testing
import Workspace

/// millrace.yaml, read without a process.
@Suite("The configuration", .temporaryFolder)
struct ConfigurationTests {
  private func read(_ text: String) throws -> Configuration {
    let file = "\(TemporaryFolder.path)/millrace.yaml"
    try Files.replace(file, with: Array(text.utf8))
    return try Configuration(file: file)
  }

  /// Goal: the file that `init` writes explains the defaults and changes none. Method: read it, and an empty one.
  @Test("the template and an empty file both say the defaults") func defaults() throws {
    #expect(try read(Configuration.template) == Configuration())
    #expect(try read("") == Configuration())
  }

  @Test("every key is taken over") func everyKey() throws {
    let found = try read(
      """
      base_currency: EUR
      partitions: 3
      freshness_limit_minutes: 5
      quarantine_threshold_percent: 7
      site:
        hosts: [a.example, b.example]
        sign_in_paths: [/in]
        health_paths: [/up]
        staff_users: [ann]
        staff_networks: ["203.0.113.0/30"]
      robots: ["acme-agent/", "^Inhouse"]
      placeholders: ["@kiosk.example", cash sale]
      channels:
        qr: trade_show
        "spring / flyer": Cold Call
      data:
        user_agents: /ua.yaml
        countries: /countries.mmdb
      batches:
        capture_events: 10
        project_events: 20
      log:
        folder: elsewhere
      """)
    var expected = Configuration()
    expected.baseCurrency = "EUR"
    expected.partitions = 3
    expected.freshnessLimitMinutes = 5
    expected.quarantineThresholdPercent = 7
    expected.ownHosts = ["a.example", "b.example"]
    expected.signInPaths = ["/in"]
    expected.healthPaths = ["/up"]
    expected.staffUsers = ["ann"]
    expected.staffNetworks = [try AddressBlock("203.0.113.0/30")]
    expected.robots = ["acme-agent/", "^Inhouse"]
    expected.placeholders = ["@kiosk.example", "cash sale"]
    expected.channels = ["qr": .tradeShow, "spring / flyer": .coldCall]
    expected.userAgentData = "/ua.yaml"
    expected.countryData = ["/countries.mmdb"]
    expected.captureBatch = 10
    expected.projectBatch = 20
    expected.log = .embedded(folder: "elsewhere")
    #expect(found == expected)
  }

  @Test(
    "a pattern of robots that cannot be used, or fits all, a channel that is none, and an empty placeholder are refused with their line",
    arguments: [
      ("robots: [\"a(\"]", ":1:", "cannot be used"), ("robots: [\".*\"]", ":1:", "every user agent"),
      ("channels:\n  qr: billboard", ":2:", "no channel"), ("channels: [qr]", ":1:", "words are expected"),
      ("channels:\n  \" / \": email", ":2:", "no word"), ("placeholders: [\"@-\"]", ":1:", "names nothing"),
    ])
  func traffic(text: String, place: String, cause: String) throws {
    let error = #expect(throws: Failure.self) { try read(text) }
    #expect(error.map { "\($0)".contains(place) && "\($0)".contains(cause) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  /// Goal: several systems of a kind, each under its own name. Method: two shops, three web logs, one of them switched off.
  @Test("several sources of a kind are listed, web logs name the shop of their log-ins, null switches one off")
  func severalOfAKind() throws {
    let found = try read(
      """
      sources:
        - {name: webshop, kind: sqlite, path: a.sqlite}
        - {name: stores, kind: sqlite, path: null}
        - {name: weblog, kind: weblog, path: a.log}
        - {name: kiosk, kind: weblog, path: b.log, logins: stores, rotated: old/b}
        - {name: old, kind: weblog, path: null, logins: webshop}
        - {name: fair, kind: leads, folder: fair}
      """)
    #expect(found.sources.map(\.name) == ["webshop", "weblog", "kiosk", "fair"])
    #expect(found.switchedOff.map(\.name) == ["stores", "old"])
    #expect(found.sources.map(\.logins)[1...2] == ["platform", "stores"])
    #expect(found.sources.map(\.folders)[1...2] == [[:], ["rotated": "old/b"]])
    #expect(found.loginSystems == ["platform", "stores", "webshop"])
    let sales = MartDefinition(
      name: "sales", meaning: "", sources: [MartSource("platform", topics: [Topic.orders, Topic.catalog])],
      projections: { [] })
    let traffic = MartDefinition(
      name: "traffic", meaning: "", sources: [MartSource("weblog", topics: [Topic.weblog])], projections: { [] })
    let spend = MartDefinition(
      name: "spend", meaning: "", sources: [MartSource("spend", topics: [Topic.spend])], projections: { [] })
    let sources = found.sourcesByMart(MartRegistry([sales, traffic, spend]))
    #expect(sources["sales"] == [MartSource("webshop", topics: [Topic.orders, Topic.catalog])])
    #expect(sources["traffic"] == ["weblog", "kiosk"].map { MartSource($0, topics: [Topic.weblog]) })
    // Nobody is to bring it news.
    #expect(sources["spend"] == [])
  }

  /// Goal: ages depend on the topics that sources really write to. Method: one of each kind, opened.
  @Test("each kind names the topics of its sources") func topics() throws {
    try Files.makeFolder("\(TemporaryFolder.path)/keys")
    let file = "\(TemporaryFolder.path)/keys/master.key"
    try Keyring.create(at: file)
    let tools = SourceKind.Tools(keyring: try Keyring(masterKeyFile: file), installsTriggers: true)
    for kind in SourceRegistry.shop.kinds {
      let source = try SourceRegistry.shop { nil }.open(SourceDescription(kind), tools)
      #expect(source.topics.sorted() == kind.topics.sorted(), "\(kind.name)")
    }
  }

  @Test(
    "what is not understood is refused with its place and a remedy",
    arguments: [
      ("partitions: 0\n", ":1:13: a whole number is expected here; anything from 1 to 64"),
      ("partitions: many\n", ":1:13: a whole number is expected here"),
      ("freshness_limit_minutes: 61\n", "anything from 1 to 60"),
      ("base_curency: EUR\n", ":1:1: unknown key 'base_curency'; did you mean 'base_currency'?"),
      ("data: 5\n", ":1:7: here stands"), ("site:\n  hosts: one\n", ":2:10: here stands"),
      ("site:\n  staff_networks: [10.0.0.0/8]\n", "more than 65536 addresses"),
      ("log:\n  kind: carrier-pigeon\n", ":2:9: unknown kind of log 'carrier-pigeon'; known here: embedded, kafka"),
      ("log:\n  bootstrap: h:1\n", ":2:14: 'bootstrap' means something for kind: kafka only"),
      ("log:\n  kind: kafka\n", "bootstrap is missing"),
      ("log:\n  kind: kafka\n  bootstrap: h:1\n  topic_prefix: 'a b'\n", ":4:17: a prefix has up to 100 letters"),
      ("log:\n  kind: kafka\n  bootstrap: h:1\n  retention: soon\n", "write forever, 400d or 12h"),
      ("log:\n  kind: kafka\n  bootstrap: h:1\n  insecure: maybe\n", "true or false is expected here"),
      (
        "log:\n  kind: kafka\n  bootstrap: h:1\n  properties:\n    enable.idempotence: 'false'\n",
        ":5:25: the property enable.idempotence is refused"
      ), ("a: [\n", "millrace.yaml:"),
    ])
  func refusals(text: String, answer: String) throws {
    let failure = try #require(throws: Failure.self) { try read(text) }
    #expect(failure.kind == .configuration)
    #expect(failure.message.contains("millrace.yaml") && failure.message.contains(answer), "\(failure.message)")
  }

  /// Goal: `log copy --adopt` writes what it means. Method: settings of every kind, written as a block and read again.
  @Test("a log's block says what the settings were") func blocks() throws {
    var kafka = KafkaSettings(bootstrap: "one.example:9092,two.example:9092")
    kafka.topicPrefix = "shop-"
    kafka.replicationFactor = 3
    kafka.minInsyncReplicas = 2
    kafka.retention = .millis(720 * 60_000)
    kafka.appendSeconds = 45
    kafka.isInsecure = true
    kafka.properties = ["client.rack": "a \"quoted\" name"]
    kafka.secretFiles = ["sasl.password": "keys/kafka.password"]
    for place in [
      LogPlace.embedded(folder: LogPlace.ownFolder), .embedded(folder: "/srv/a log"), .kafka(kafka),
      .kafka(KafkaSettings(bootstrap: "h:1")),
    ] {
      #expect(try read(place.block.joined(separator: "\n") + "\n").log == place)
    }
  }

  /// Goal: people's comments survive a change of the log. Method: the block in the middle of a file that has them, with and
  /// without carriage returns.
  @Test("replacing the log's block keeps every other line, and the old block as comments", arguments: ["\n", "\r\n"])
  func replacing(end: String) throws {
    let lines = [
      "# mine", "base_currency: EUR", "log:", "  kind: embedded   # here", "", "  folder: old", "# after",
      "partitions: 2",
      "",
    ]
    let text = LogBlock.replacing(in: lines.joined(separator: end), with: ["log:", "  folder: new"])
    let expected = [
      "# mine", "base_currency: EUR", "log:", "  folder: new", "# log:", "#   kind: embedded   # here", "# ",
      "#   folder: old", "# after", "partitions: 2", "",
    ]
    #expect(text.components(separatedBy: end) == expected)
    let found = try read(text)
    #expect(found.log == .embedded(folder: "new") && found.partitions == 2 && found.baseCurrency == "EUR")
  }
}
