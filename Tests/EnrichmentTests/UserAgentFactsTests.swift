import Foundation
import TestSupport
import Testing

@testable import Enrichment

private let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)"

@Suite("Facts of a user agent")
struct UserAgentFactsTests {
  @Test(
    "name kind of device, system and browser",
    arguments: [
      (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webkit) Chrome/126.0.0.0 Safari/537.36", "Desktop", "Windows",
        "Chrome"
      ),
      (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webkit) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Desktop",
        "Windows", "Edge"
      ),
      (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
          + "Version/17.5 Safari/605.1.15",
        "Desktop", "Mac OS X", "Safari"
      ),
      ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Desktop", "Linux", "Firefox"),
      (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) \(webkit) Chrome/126.0.0.0 Safari/537.36", "Desktop", "Chrome OS",
        "Chrome"
      ),
      (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
          + "Mobile/15E148 Safari/604.1", "Phone", "iOS", "Mobile Safari"
      ),
      (
        "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 "
          + "Mobile/15E148 Safari/604.1", "Tablet", "iOS", "Mobile Safari"
      ),
      (
        "Mozilla/5.0 (Linux; Android 10; K) \(webkit) Chrome/126.0.0.0 Mobile Safari/537.36", "Phone", "Android",
        "Chrome Mobile"
      ),
      ("Mozilla/5.0 (Linux; Android 10; K) \(webkit) Chrome/126.0.0.0 Safari/537.36", "Tablet", "Android", "Chrome"),
      ("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "Phone", "Android", "Firefox Mobile"),
      ("Mozilla/5.0 (Android 14; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0", "Tablet", "Android", "Firefox Mobile"),
      ("Dalvik/2.1.0 (Linux; U; Android 9; SM-G960F Build/PPR1.180610.011)", "Phone", "Android", "Android"),
      (
        "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) \(webkit) Chrome/90.0.0.0 Mobile Safari/537.36", "Phone",
        "Android", "Chrome Mobile"
      ),
      (
        "Nokia6230/2.0 (04.44) Profile/MIDP-2.0 Configuration/CLDC-1.1", "Phone", "Other",
        "Nokia Services (WAP) Browser"
      ),
      (
        "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR3) \(webkit) Chrome/80.0.0.0 Safari/537.36", "Unknown", "Android",
        "Chrome"
      ),
      ("Mozilla/5.0 (PlayStation 4 5.05) AppleWebKit/601.2 (KHTML, like Gecko)", "Unknown", "Other", "Other"),
      ("", "Unknown", "Other", "Other"),
      ("-", "Unknown", "Other", "Other"),
    ])
  func humans(userAgent: String, deviceClass: String, os: String, browser: String) throws {
    let facts = try TestData.enricher().agent(userAgent)
    #expect(facts.deviceClass == deviceClass)
    #expect(facts.os == os)
    #expect(facts.browser == browser)
    #expect(!facts.isBot)
  }

  @Test(
    "know robots",
    arguments: [
      "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
      "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) \(webkit) Chrome/126.0.0.0 Mobile Safari/537.36 "
        + "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
      "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
      "Mozilla/5.0 (X11; Linux x86_64) \(webkit) HeadlessChrome/126.0.0.0 Safari/537.36", "curl/7.88.1",
      "python-requests/2.31.0", "Wget/1.21.3", "Go-http-client/1.1", "Java/17.0.1", "UniversalFeedParser/4.2-pre",
      "Tiny Tiny RSS/1.11 (http://tt-rss.org/)", "Mozilla/5.0 (compatible; archive.org_bot)", "ExampleBot",
      "UptimeRobot/2.0",
    ])
  func robots(userAgent: String) throws {
    let facts = try TestData.enricher().agent(userAgent)
    #expect(facts.isBot)
    #expect(facts.deviceClass == "Bot")
  }

  /// Goal: the device rules hold for devices of all ages, not just for the examples above. Method: uap-core's device
  /// cases are nearly all of phones and tablets; few may come out as anything else.
  @Test("call nearly all of uap-core's devices phones or tablets") func manyDevices() throws {
    let agents = try TestData.agents.get()
    let text = try String(contentsOfFile: TestData.cases + "/test_device.yaml", encoding: .utf8)
    var counts: [String: Int] = [:]
    for line in text.split(separator: "\n").filter({ $0.hasPrefix("  - user_agent_string: '") }).prefix(4_000) {
      var userAgent = String(line.dropFirst(24).dropLast())
      counts[userAgent.withUTF8 { agents.facts($0).deviceClass }, default: 0] += 1
    }
    let mobile = counts["Phone", default: 0] + counts["Tablet", default: 0]
    print("uap-core's first 4,000 devices by kind: \(counts.sorted { $0.key < $1.key })")
    #expect(mobile > 3_600)
  }

  @Test("do not carry what a stranger wrote into a name") func names() throws {
    let enricher = try TestData.enricher()
    #expect(enricher.agent("Paper/1.0 CFNetwork/1.0").browser == "Paper")
    #expect(enricher.agent(String(repeating: "x", count: 150) + "/1.0 CFNetwork/1.0").browser == "Other")
    #expect(enricher.agent("a\u{1b}[31mb/1.0 CFNetwork/1.0").browser == "Other")
  }

  /// Goal: no user agent stalls the consumer. Method: shapes that made backtracking parsers hang for seconds
  /// (CVE-2018-20164, CVE-2020-5243, CVE-2021-21317), a megabyte each; only the first 512 bytes count.
  @Test("come in time for hostile text") func hostile() throws {
    let enricher = try TestData.enricher()
    let many = { (part: String) in String(repeating: part, count: 1_048_576 / part.utf8.count) }
    let corpus = [
      many("a"), many(" "), many("("), many("/"), many("\u{0}"), many("\u{1f600}"), many("Android 1.1; "),
      "Mozilla/5.0 (Linux; Android 4.0; " + many("a-") + " Build/", "SmartWatch(" + many(" ") + "z",
      many("HbbTV/1.1.1 ("),
      "; " + many("SM-") + "!", many("(a+)+$"), many("bingbot"), many("Windows NT 6."), many("1.1.1.1.1.1/"),
    ]
    let start = ContinuousClock.now
    for text in corpus {
      let facts = enricher.agent(text)
      #expect(facts === enricher.agent(String(text.utf8.prefix(512)) ?? text))
    }
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test("survive random bytes") func randomBytes() throws {
    let agents = try TestData.agents.get()
    var generator = SeededGenerator(seed: 72)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...600, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let facts = bytes.withUnsafeBufferPointer { agents.facts($0) }
      #expect(facts.browser.utf8.count <= 64 && facts.os.utf8.count <= 64)
    }
  }

  /// Goal: what the enricher remembers changes no answer. Method: a cache of eight entries sees 400 agents in random
  /// order, many of them differing in one byte; a fresh look at the data must agree every time.
  @Test("stay the same when the cache gives entries up") func eviction() throws {
    let agents = try TestData.agents.get()
    let enricher = try TestData.enricher(cachedAgents: 8)
    let texts = (0..<400).map { index in
      index % 2 == 0
        ? "Mozilla/5.0 (Windows NT 10.0) \(webkit) Chrome/\(index).0.0.0 Safari/537.36"
        : "Mozilla/5.0 (Android \(index); Mobile; rv:9) Gecko/9 Firefox/9.0"
    }
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<3_000 {
      var text = texts[Int.random(in: texts.indices, using: &generator)]
      let facts = enricher.agent(text)
      #expect(facts == text.withUTF8 { agents.facts($0) })
    }
    #expect(enricher.cachedAgents == 8)
  }

  @Test("are shared by agents that say the same") func sharing() throws {
    let enricher = try TestData.enricher()
    let one = enricher.agent("Mozilla/5.0 (Windows NT 10.0) \(webkit) Chrome/125.0.0.0 Safari/537.36")
    let other = enricher.agent("Mozilla/5.0 (Windows NT 10.0) \(webkit) Chrome/126.0.0.0 Safari/537.36")
    #expect(one === other)
  }

  @Test("need uap-core's file, and say where to get it", .temporaryFolder) func loading() throws {
    let missing = #expect(throws: EnrichmentError.self) {
      try UserAgentDatabase(regexes: TemporaryFolder.path + "/none.yaml")
    }
    #expect(missing?.hint.contains("Debian package uap-core") == true)
    let path = TemporaryFolder.path + "/regexes.yaml"
    let documents = [
      "": "no list", "user_agent_parsers: []\n": "no list",
      "user_agent_parsers:\n  - regex: 'a('\n": ":2:5: the pattern cannot be used",
      "user_agent_parsers:\n  - family_replacement: 'a'\n": ":2:5: a rule without regex",
      "user_agent_parsers:\n  - regex: 'a'\n    regex_flag: 'x'\n": "regex_flag", "a: [\n": "regexes.yaml:2:1",
    ]
    for (text, cause) in documents {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: EnrichmentError.self) { try UserAgentDatabase(regexes: path) }
      #expect(error?.cause.contains(cause) == true, "\(error?.cause ?? "")")
    }
  }
}
