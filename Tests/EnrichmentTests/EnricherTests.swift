import Testing

@testable import Enrichment

@Suite("The enricher")
struct EnricherTests {
  @Test(
    "knows health checks and sign-ins",
    arguments: [
      ("/health", Int32(200), true, false), ("/health/x", 200, false, false), ("/healthy", 200, false, false),
      ("/login", 200, false, true), ("/login", 302, false, true), ("/login", 401, false, false),
      ("/login", 400, false, false),
      ("/login", 500, false, false), ("/loginx", 200, false, false), ("/", 200, false, false), ("", 200, false, false),
    ])
  func paths(path: String, status: Int32, isHealthCheck: Bool, isSignIn: Bool) throws {
    let facts = try TestData.enricher().request(path: path, status: status)
    #expect(facts.isHealthCheck == isHealthCheck)
    #expect(facts.isSignIn == isSignIn)
  }

  @Test("is a bot's when the user agent is one") func bots() throws {
    let enricher = try TestData.enricher()
    let bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    let facts = enricher.request(userAgent: bot, path: "/login", referrer: "https://t.co/x")
    #expect(facts.isBot && facts.agent.isBot && facts.isSignIn)
    #expect(facts.agent.browser == "Googlebot")
    #expect(facts.channel == .social)
  }

  /// Goal: a generation notices every change of what its facts depend on. Method: change one rule at a time, and move
  /// text between neighbours that a careless concatenation would not tell apart.
  @Test("has an identity of data and rules") func identity() throws {
    let agents = try TestData.agents.get()
    let base = SiteRules(ownHosts: ["a", "b"], signInPaths: ["/login"], healthPaths: ["/health"])
    let others = [
      SiteRules(ownHosts: ["ab"], signInPaths: ["/login"], healthPaths: ["/health"]),
      SiteRules(ownHosts: ["a"], signInPaths: ["b", "/login"], healthPaths: ["/health"]),
      SiteRules(ownHosts: ["a", "b"], signInPaths: ["/login", "/health"], healthPaths: []),
      SiteRules(ownHosts: ["b", "a"], signInPaths: ["/login"], healthPaths: ["/health"]),
      SiteRules(ownHosts: ["a", "b"], channels: ["qr": .display]),
      SiteRules(ownHosts: ["a", "b"], channels: ["qr": .email]),
    ]
    let identity = Enricher(agents: agents, rules: base).identity
    #expect(Set(identity.keys) == ["user_agents", "enrichment_rules", "site_rules"])
    #expect(identity["user_agents"]?.count == 64)
    #expect(Enricher(agents: agents, rules: base).identity == identity)
    let hashes = Set(others.map { Enricher(agents: agents, rules: $0).identity["site_rules"] })
    #expect(hashes.count == others.count)
    #expect(!hashes.contains(identity["site_rules"]))
    let robots = try UserAgentDatabase(regexes: TestData.regexes, robots: ["acme-agent/"])
    #expect(
      !hashes.union([identity["site_rules"]]).contains(Enricher(agents: robots, rules: base).identity["site_rules"]))
  }

  /// Goal: browsers open connections that they never use, and servers log them; nobody asked for anything there.
  @Test("takes a connection without a request for nobody's") func noRequest() throws {
    let enricher = try TestData.enricher()
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
    for agent in ["", browser] {
      let facts = enricher.request(userAgent: agent, method: "", path: "", status: 408, referrer: "https://t.co/")
      #expect(facts.isNobodys && facts.isBot && facts.agent.deviceClass == "Bot")
    }
    #expect(!enricher.request(userAgent: browser, status: 408).isNobodys)
    // Asked of the server itself: another protocol's greeting, the server's own connections.
    for method in ["PRI", "OPTIONS"] {
      #expect(enricher.request(userAgent: browser, method: method, path: "*", status: 400).isNobodys)
    }
    #expect(!enricher.request(userAgent: browser, path: "/*").isNobodys)
  }
}
