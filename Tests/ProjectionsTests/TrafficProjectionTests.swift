import Auditor
import Enrichment
import Entity
import Events
import Marts
import Money
import Projections
import SQLite
import ShopMarts
import TestSupport
import Testing

@Suite("Sessions and days of web traffic", .temporaryFolder)
struct TrafficProjectionTests {
  private static let minute: Int64 = 60_000
  private static let midnight: Int64 = 20_500 * 86_400_000

  private func mart(_ name: String = "mart") throws -> MartUnderTest {
    try MartUnderTest(.traffic, folder: TemporaryFolder.path + "/" + name)
  }

  private func fold(_ request: PlainRequest, into mart: MartUnderTest, flags: [String] = []) throws {
    let row = WebRequest<PersonToken>(
      method: "GET", path: "/", status: request.status, bytes: request.bytes, referrer: "", userAgent: request.agent,
      country: request.country, ipPrefix: "", countryDataVersion: 1, utmSource: "", utmMedium: "",
      utmCampaign: request.campaign,
      ip: token(request.ip), user: request.user.map { token($0 + 1_000) })
    // The model tells user agents apart by name, so each is a device of its own here.
    let agent = UserAgentFacts(deviceClass: "Desktop", os: "Linux", browser: request.agent, isBot: request.isBot)
    let facts = RequestFacts(
      agent: agent, channel: MarketingChannel(rawValue: Int(request.channel)) ?? .direct, isBot: request.isBot,
      isHealthCheck: request.isHealth, isSignIn: request.isSignIn, campaign: request.campaign)
    try mart.fold(input(event(.webRequest(row), at: request.millis, flags: flags), facts))
  }

  private func request(_ millis: Int64, ip: UInt64 = 1, agent: String = "Firefox", user: UInt64? = nil) -> PlainRequest
  {
    PlainRequest(
      millis: TrafficProjectionTests.midnight + millis, ip: ip, agent: agent, user: user, country: "US", channel: 1,
      status: 200, bytes: 10, isBot: false, isHealth: false, isSignIn: false)
  }

  private func randomRequests(_ random: inout SeededGenerator) -> [PlainRequest] {
    let agents = ["Firefox", "Chrome", "Googlebot"]
    return (0..<260).map { _ in
      let agent = agents[random.below(3)]
      // Times in steps of six minutes collide and bridge often; two days, both ends of midnight.
      let millis = TrafficProjectionTests.midnight + Int64(random.below(480)) * 6 * TrafficProjectionTests.minute
      return PlainRequest(
        millis: millis, ip: UInt64(1 + random.below(3)), agent: agent,
        user: random.chance(60) ? UInt64(1 + random.below(3)) : nil, country: ["US", "CA", ""][random.below(3)],
        channel: Int64(1 + random.below(10)), status: [200, 302, 404, 401][random.below(4)],
        bytes: Int64(random.below(5_000)), isBot: agent == "Googlebot", isHealth: random.chance(20),
        isSignIn: random.chance(10), campaign: ["", "", "spring", "autumn"][random.below(4)])
    }
  }

  /// Goal: sessions do not depend on the order of arrival. Method: random requests, shuffled and flushed at random, against
  /// a model that sorts the whole list; dumps of all runs are equal though surrogate numbers differ.
  @Test("any order of requests and any flush borders give the sessions of the naive model", arguments: 1...12)
  func agreesWithModel(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let requests = randomRequests(&random)
    let model = NaiveTraffic(requests: requests)
    var first: String?
    for run in 0..<4 {
      let mart = try mart("run\(run)")
      for request in run == 0 ? requests : requests.shuffled(using: &random) {
        try fold(request, into: mart)
        if random.chance(run == 1 ? 50 : 3) { try mart.flush() }
        if run == 3, random.chance(2) {
          // What is pending is lost with the failed transaction; so is every number given out in it.
          try mart.flush()
          try mart.flushInVain()
        }
      }
      try mart.flush()
      let dump = try mart.dump()
      #expect(dump == first ?? dump)
      first = dump
      try compare(mart, model)
    }
  }

  private func compare(_ mart: MartUnderTest, _ model: NaiveTraffic) throws {
    let ips = Dictionary(uniqueKeysWithValues: (1...3).map { (CanonicalCell.text(.blob(token($0).bytes)), String($0)) })
    let users = Dictionary(
      uniqueKeysWithValues: (1...3).map { (CanonicalCell.text(.blob(token($0 + 1_000).bytes)), String($0)) })
    let sessions = try mart.rows(
      """
      SELECT c.token, d.browser, s.start_millis, s.end_millis, s.channel, s.country, s.bot, s.requests, s.bytes,
        s.sign_ins, s.health_requests
      FROM sessions s JOIN visitors v USING (visitor_id) JOIN clients c USING (client_id) JOIN devices d USING (device_id)
      """
    ).map { [ips[$0[0]] ?? "?"] + $0.dropFirst() }
    #expect(Set(sessions) == model.sessions)
    #expect(sessions.count == model.sessions.count)
    let userDays = try mart.rows(
      """
      SELECT a.day, u.token, a.country, d.browser, a.requests, a.ok_requests, a.human_requests
      FROM user_days a JOIN users u USING (user_id) JOIN devices d USING (device_id)
      """
    ).map { [$0[0], users[$0[1]] ?? "?"] + $0.dropFirst(2) }
    #expect(Set(userDays) == model.userDays)
    #expect(userDays.count == model.userDays.count)
    #expect(Set(try mart.rows("SELECT * FROM status_days")) == model.statusDays)
  }

  @Test("gaps of exactly thirty minutes stay in one session, a millisecond more begins another")
  func gap() throws {
    let mart = try mart()
    let gap = 30 * TrafficProjectionTests.minute
    for millis in [0, gap, 2 * gap + 1] { try fold(request(millis), into: mart) }
    try mart.flush()
    #expect(try mart.rows("SELECT requests FROM sessions ORDER BY start_millis") == [["2"], ["1"]])
  }

  @Test("a late request joins two stored sessions into one, and the first request names channel and country")
  func bridge() throws {
    let mart = try mart()
    var early = request(0)
    early.channel = 5
    early.country = "DE"
    try fold(early, into: mart)
    try fold(request(50 * TrafficProjectionTests.minute), into: mart)
    try mart.flush()
    #expect(try mart.rows("SELECT count(*) FROM sessions") == [["2"]])
    try fold(request(25 * TrafficProjectionTests.minute), into: mart)
    try mart.flush()
    #expect(
      try mart.rows("SELECT channel, country, requests, bytes, end_millis - start_millis FROM sessions") == [
        ["5", "DE", "3", "30", String(50 * TrafficProjectionTests.minute)]
      ])
  }

  @Test("midnight cuts a session")
  func midnight() throws {
    let mart = try mart()
    try fold(request(-1_000), into: mart)
    try fold(request(1_000), into: mart)
    try mart.flush()
    #expect(try mart.rows("SELECT requests FROM sessions") == [["1"], ["1"]])
  }

  /// Goal: servers log connections on which nobody asked for anything, under the address of a person. Method: one of them
  /// between two requests of a person without a user agent.
  @Test("a connection without a request is a program's, and joins nobody's session")
  func noRequest() throws {
    let mart = try mart()
    try fold(request(0, agent: ""), into: mart)
    try fold(request(2_000, agent: ""), into: mart)
    let row = WebRequest<PersonToken>(
      method: "", path: "", status: 408, bytes: 0, referrer: "", userAgent: "", country: "US", ipPrefix: "",
      countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "", ip: token(1))
    let facts = RequestFacts(
      agent: UserAgentFacts(deviceClass: "Bot", os: "Other", browser: "Other", isBot: true), channel: .direct,
      isBot: true, isHealthCheck: false, isSignIn: false, isNobodys: true)
    try mart.fold(input(event(.webRequest(row), at: TrafficProjectionTests.midnight + 1_000), facts))
    try mart.flush()
    #expect(try mart.rows("SELECT bot, requests FROM sessions ORDER BY bot") == [["0", "2"], ["1", "1"]])
  }

  @Test("words that name no channel are counted per day, people's only, and their visits have none")
  func unknownWords() throws {
    let mart = try mart()
    for (millis, words, isBot) in [
      (0, "spring / qr", false), (1, "spring / qr", false), (2, "flyer / ", false), (3, "spring / qr", true),
      (86_400_000, "spring / qr", false),
    ] as [(Int64, String, Bool)] {
      let agent = UserAgentFacts(deviceClass: "Desktop", os: "Linux", browser: "Firefox", isBot: isBot)
      let row = WebRequest<PersonToken>(
        method: "GET", path: "/", status: 200, bytes: 0, referrer: "", userAgent: isBot ? "b" : "a", country: "US",
        ipPrefix: "", countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "", ip: token(1))
      let facts = RequestFacts(
        agent: agent, channel: nil, isBot: isBot, isHealthCheck: false, isSignIn: false, unknownWords: words)
      try mart.fold(input(event(.webRequest(row), at: TrafficProjectionTests.midnight + millis), facts))
      if millis == 1 { try mart.flush() }
    }
    try mart.flush()
    #expect(
      try mart.rows("SELECT * FROM utm_words ORDER BY day, words") == [
        ["20500", "flyer / ", "1"], ["20500", "spring / qr", "2"], ["20501", "spring / qr", "1"],
      ])
    #expect(try mart.rows("SELECT DISTINCT channel FROM session_details") == [["unknown"]])
  }

  @Test("two browsers at one address are two visitors of one client")
  func visitors() throws {
    let mart = try mart()
    try fold(request(0), into: mart)
    try fold(request(0, agent: "Chrome"), into: mart)
    try fold(request(0, ip: 2), into: mart)
    try mart.flush()
    #expect(try mart.rows("SELECT (SELECT count(*) FROM clients), (SELECT count(*) FROM visitors)") == [["2", "3"]])
  }

  @Test("a restart knows the numbers that an earlier run gave out")
  func restart() throws {
    let folder = TemporaryFolder.path + "/mart"
    do {
      let mart = try MartUnderTest(.traffic, folder: folder)
      try fold(request(0, user: 1), into: mart)
      try mart.flush()
    }
    let mart = try MartUnderTest(.traffic, folder: folder)
    try fold(request(TrafficProjectionTests.minute, user: 1), into: mart)
    try fold(request(0, ip: 2, user: 2), into: mart)
    try mart.flush()
    #expect(try mart.rows("SELECT requests FROM sessions ORDER BY visitor_id") == [["2"], ["1"]])
    #expect(try mart.rows("SELECT count(*) FROM users") == [["2"]])
  }

  @Test("what cannot be summed or has no facts is refused, and nothing is kept of it")
  func refusals() throws {
    let mart = try mart()
    var huge = request(0)
    huge.bytes = .max
    #expect(throws: QuarantineReason.self) { try fold(huge, into: mart) }
    #expect(throws: QuarantineReason.self) { try fold(request(.min / 2), into: mart) }
    #expect(mart.projections[0].pendingCount == 0)
  }

  @Test(
    "a session has the campaign of its first request, also when that one comes last, and users are linked to visitors")
  func campaigns() throws {
    let mart = try mart()
    var second = request(10 * TrafficProjectionTests.minute, user: 4)
    second.campaign = "autumn"
    try fold(second, into: mart)
    try mart.flush()
    #expect(try mart.rows("SELECT campaign FROM session_details") == [["autumn"]])
    var first = request(0)
    first.campaign = "spring"
    try fold(first, into: mart)
    try mart.flush()
    #expect(try mart.rows("SELECT campaign, requests FROM session_details") == [["spring", "2"]])
    #expect(try mart.rows("SELECT count(*) FROM visitor_users") == [["1"]])
    #expect(try mart.rows("SELECT name FROM campaigns ORDER BY name") == [["autumn"], ["spring"]])
  }

  @Test("a country that is no code counts as unknown, and findings are counted per day")
  func oddities() throws {
    let mart = try mart()
    var odd = request(0)
    odd.country = "usa"
    try fold(odd, into: mart, flags: ["userAgent.invalidBytes"])
    try fold(odd, into: mart, flags: ["userAgent.invalidBytes"])
    try mart.flush()
    #expect(try mart.rows("SELECT country, channel FROM session_details") == [["", "search"]])
    #expect(
      try mart.rows("SELECT code, id, occurrences FROM flagged_rows") == [
        ["userAgent.invalidBytes", "2026-02-16", "2"]
      ])
  }
}
