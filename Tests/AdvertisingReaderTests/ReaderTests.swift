import Advertising
import Enrichment
import Entity
import Events
import Money
import TestSupport
import Testing

@Suite("Advertising's history from the marts", .temporaryFolder)
struct ReaderTests {
  private let october = ("2026-10-01", "2026-10-31")

  @Test("a visit leads to the order of the customer who signed in there")
  func visitorToOrder() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.visit("2026-10-02T10:00:00Z", user: 7, country: "CA", channel: .search)
    try marts.visit("2026-10-04T10:00:00Z", user: 7, country: "CA", channel: .email)
    try marts.order(1, "2026-10-05T10:00:00Z", customer: 1)
    // Somebody else's visit, and one after the order.
    try marts.visit("2026-10-05T09:00:00Z", ip: 2, user: 8, channel: .display)
    try marts.visit("2026-10-06T10:00:00Z", user: 7, country: "CA", channel: .social)
    let history = try marts.read("2026-10-31", days: october)
    #expect(history.shownJourneys == ["CA search, CA email = 10000", "CA social", "US display"])
    #expect(history.sum("CA", "email").orders == 1)
    #expect(history.sum("CA", "email").revenueMinor == 10_000)
    #expect(history.sum("CA", "search").orders == 0)
    #expect(history.quality.ordersWithTouch == 1)
  }

  @Test("visits before signing in count for the one who then signs in there")
  func anonymousVisit() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.visit("2026-10-02T10:00:00Z", channel: .affiliate)
    try marts.visit("2026-10-09T10:00:00Z", user: 7)
    try marts.order(1, "2026-10-09T10:30:00Z", customer: 1)
    #expect(try marts.read("2026-10-31", days: october).shownJourneys == ["US affiliate = 10000"])
  }

  @Test("a lead leads to the order of the same person or company")
  func leadToOrder() throws {
    let marts = try MartsUnderTest()
    try marts.company("30712345671", "Acme SA")
    try marts.customer(1, email: 5)
    try marts.lead("L-1", "2026-10-02T10:00:00Z", source: "trade show", email: 5, country: "GB")
    try marts.lead("L-2", "2026-10-03T10:00:00Z", source: "webinar", company: " ACME sa ", country: "DE")
    try marts.order(1, "2026-10-05T10:00:00Z", customer: 1)
    try marts.order(2, "2026-10-05T11:00:00Z", company: "30712345671", price: "7.00")
    let history = try marts.read("2026-10-31", days: october)
    #expect(history.shownJourneys == ["DE webinar = 700", "GB trade_show = 10000"])
    #expect(history.sum("GB", "trade_show").leads == 1)
    // No web server sees a fair: its leads stand for visitors.
    #expect(history.sum("GB", "trade_show").visitors == 1)
  }

  @Test("a company's own account brings its people's orders")
  func companyLogin() throws {
    let marts = try MartsUnderTest()
    try marts.company("30712345671", "Acme SA", login: 9)
    try marts.visit("2026-10-02T10:00:00Z", user: 9, channel: .social)
    try marts.order(1, "2026-10-05T10:00:00Z", company: "30712345671")
    #expect(try marts.read("2026-10-31", days: october).shownJourneys == ["US social = 10000"])
  }

  /// Goal: two systems with the same keys are two, and what they tell of one campaign adds up. Method: order 1 of customer 1
  /// in both; a company, whose one account both know, ordered in both; both have a sheet of spend.
  @Test("orders of two systems lead back to their own customers, and spend of both adds up")
  func twoSystems() throws {
    let marts = try MartsUnderTest()
    try marts.visit("2026-10-02T10:00:00Z", user: 7, channel: .search)
    try marts.visit("2026-10-02T10:00:00Z", ip: 2, user: 8, country: "CA", channel: .email)
    try marts.visit("2026-10-02T10:00:00Z", ip: 3, user: 9, country: "DE", channel: .social)
    for (system, user, price) in [("web", 7, "2.00"), ("stores", 8, "3.00")] as [(String, UInt64, String)] {
      marts.system = system
      try marts.customer(1, user: user)
      try marts.company("30712345671", "Acme of \(system)", login: 9)
      try marts.rate("2026-10-05", "EUR", system == "web" ? "9" : "2")
      try marts.order(1, "2026-10-05T10:00:00Z", customer: 1, price: price, currency: "EUR")
      try marts.order(2, "2026-10-05T10:00:00Z", company: "30712345671", price: price)
      try marts.spend("2026-10-03", 100)
    }
    // The first system by name says what the company is called.
    try marts.lead("L-1", "2026-10-04T10:00:00Z", company: "Acme of web")
    let history = try marts.read("2026-10-31", days: october)
    #expect(
      history.shownJourneys
        == ["CA email = 600", "DE social = 200", "DE social = 300", "US search = 400"])
    #expect(history.sum("US", "search").spendMinor == 200)
    #expect(history.quality.spendRows == 2 && history.quality.orders == 4)
  }

  @Test("touches older than thirty days lead nowhere, and direct visits only where nothing else did")
  func lookback() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.customer(2, user: 8)
    try marts.visit("2026-09-04T10:00:00Z", user: 7, channel: .search)
    try marts.visit("2026-10-03T10:00:00Z", user: 7)
    try marts.order(1, "2026-10-05T10:00:00Z", customer: 1)
    try marts.visit("2026-10-03T10:00:00Z", ip: 2, user: 8, channel: .email)
    try marts.visit("2026-10-04T10:00:00Z", ip: 2, user: 8)
    try marts.order(2, "2026-10-05T10:00:00Z", customer: 2, price: "5.00")
    #expect(
      try marts.read("2026-10-31", days: october).shownJourneys == ["US direct = 10000", "US email = 500"])
  }

  @Test(
    "cancelled and returned orders and purchases are no conversions; an order without a touch is credited to nobody")
  func whatConverts() throws {
    let marts = try MartsUnderTest()
    try marts.order(1, "2026-10-05T10:00:00Z", status: .cancelled)
    try marts.order(2, "2026-10-05T10:00:00Z", status: .returned)
    try marts.order(3, "2026-10-05T10:00:00Z", type: .purchase)
    try marts.order(4, "2026-10-05T10:00:00Z", price: "3.00")
    let history = try marts.read("2026-10-31", days: october)
    #expect(history.shownJourneys == [" = 300"])
    #expect(history.quality.orders == 1 && history.quality.ordersWithTouch == 0)
  }

  /// Goal: late events move sessions, and what follows from them. Method: a request that comes days later turns out to be
  /// the first of a known session.
  @Test("a late request changes its session's channel and market, and with it the path to an order")
  func lateRequest() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.visit("2026-10-02T10:20:00Z", user: 7, country: "US", channel: .email)
    try marts.order(1, "2026-10-05T10:00:00Z", customer: 1)
    let before = try marts.read("2026-10-31", days: october)
    #expect(before.shownJourneys == ["US email = 10000"])
    try marts.visit("2026-10-02T10:00:00Z", user: 7, country: "CA", channel: .search, campaign: "spring")
    let after = try marts.read("2026-10-31", days: october)
    #expect(after.shownJourneys == ["CA search = 10000"])
    #expect(after.sum("US", "email") == AdvertisingHistory.Cell())
    #expect(after.campaigns.map(\.campaign) == ["spring"] && after.campaigns[0].orders == 1)
  }

  @Test("programs, health checks and the site's own staff are no visitors")
  func cleanTraffic() throws {
    let marts = try MartsUnderTest()
    try marts.visit("2026-10-02T10:00:00Z", ip: 1, channel: .search)
    try marts.visit("2026-10-02T10:00:00Z", ip: 2, channel: .search, bot: true)
    try marts.visit("2026-10-02T10:00:00Z", ip: 3, channel: .search, health: true)
    try marts.visit("2026-10-02T10:00:00Z", ip: 4, channel: .search)
    try marts.visit("2026-10-03T10:00:00Z", ip: 4, user: 66)
    #expect(try marts.read("2026-10-31", days: october).sum("US", "search").visitors == 2)
    let cleaned = try marts.read("2026-10-31", days: october, staff: .init(users: [token(66).bytes]))
    #expect(cleaned.sum("US", "search").visitors == 1)
    #expect(cleaned.sum("US", "direct").visitors == 0)
  }

  @Test("who comes from a network of the staff is left out, with what led to orders from there; others stay")
  func staffAddresses() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.customer(2, user: 8)
    try marts.visit("2026-10-02T10:00:00Z", ip: 1, user: 7, channel: .search, campaign: "spring")
    try marts.visit("2026-10-02T10:00:00Z", ip: 2, user: 8, channel: .search, campaign: "spring")
    // The same person at home.
    try marts.visit("2026-10-03T10:00:00Z", ip: 3, user: 8, channel: .email)
    try marts.order(1, "2026-10-05T10:00:00Z", customer: 1)
    try marts.order(2, "2026-10-05T10:00:00Z", customer: 2, price: "5.00")
    let all = try marts.read("2026-10-31", days: october)
    #expect(all.shownJourneys == ["US search = 10000", "US search, US email = 500"])
    #expect(all.campaigns[0].sessions == 2 && all.campaigns[0].orders == 1)
    // Tokens that nobody has change nothing.
    let none = try marts.read("2026-10-31", days: october, staff: .init(addresses: [token(9).bytes]))
    #expect(none.shownJourneys == all.shownJourneys)
    let cleaned = try marts.read(
      "2026-10-31", days: october, staff: .init(addresses: [token(1).bytes, token(2).bytes, token(9).bytes]))
    #expect(cleaned.shownJourneys == [" = 10000", "US email = 500"])
    #expect(cleaned.sum("US", "search") == AdvertisingHistory.Cell())
    #expect(cleaned.campaigns.allSatisfy { $0.sessions == 0 && $0.orders == 0 })
    #expect(cleaned.quality.orders == 2 && cleaned.quality.ordersWithTouch == 1)
  }

  @Test("weeks are full weeks from Monday to Sunday that visits and spend cover; visitors are counted once a week")
  func weeks() throws {
    let marts = try MartsUnderTest()
    // 2026-10-05 is a Monday.
    for day in ["02", "05", "06", "12", "13", "21"] { try marts.visit("2026-10-\(day)T10:00:00Z", channel: .search) }
    try marts.spend("2026-10-05", 1_000)
    try marts.spend("2026-10-18", 3_000)
    try marts.spend("2026-10-20", 50)
    let history = try marts.read("2026-10-31")
    #expect(history.firstWeek == date("2026-10-05") && history.weeks == 2)
    let row = try #require(history.rows.firstIndex(of: .init(market: "US", channel: "search")))
    #expect((0..<2).map { history.cell(row, $0).spendMinor } == [1_000, 3_000])
    #expect((0..<2).map { history.cell(row, $0).visitors } == [1, 1])
    #expect((0..<2).map { history.cell(row, $0).sessions } == [2, 2])
  }

  @Test("spend and revenue come in the base currency at their own day's rate; what has none is counted as left out")
  func currencies() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.rate("2026-10-05", "EUR", "1.20")
    try marts.spend("2026-10-05", 1_000, currency: "EUR")
    try marts.spend("2026-10-06", 1_000, currency: "EUR")
    try marts.visit("2026-10-05T09:00:00Z", user: 7, channel: .search)
    try marts.order(1, "2026-10-05T10:00:00Z", customer: 1, price: "10.00", currency: "EUR")
    try marts.order(2, "2026-10-06T10:00:00Z", customer: 1, price: "10.00", currency: "EUR")
    let history = try marts.read("2026-10-31", days: october)
    #expect(history.sum("US", "search").spendMinor == 1_200)
    #expect(history.sum("US", "search").revenueMinor == 1_200)
    #expect(history.quality.unconvertedSpendRows == 1 && history.quality.unconvertedOrders == 1)
  }

  @Test("campaigns of sheets, landings and leads are one when people would call them one")
  func campaigns() throws {
    let marts = try MartsUnderTest()
    try marts.customer(1, user: 7)
    try marts.spend("2026-10-05", 9_000, campaign: "Spring Sale")
    try marts.visit("2026-10-05T09:00:00Z", user: 7, channel: .search, campaign: "spring sale")
    try marts.lead(
      "L-1", "2026-10-06T09:00:00Z", source: "Google Search", status: "qualified", campaign: " SPRING SALE ")
    try marts.order(1, "2026-10-07T10:00:00Z", customer: 1)
    let history = try marts.read("2026-10-31", days: october)
    #expect(
      history.campaigns == [
        AdvertisingHistory.CampaignFigures(
          campaign: "spring sale", channel: "search", spendMinor: 9_000, visitors: 1, sessions: 1, leads: 1,
          qualifiedLeads: 1, orders: 1, revenueMinor: 10_000)
      ])
  }

  @Test("marts whose tokens have different key versions are not joined")
  func keyVersions() throws {
    let marts = try MartsUnderTest(identity: ["leads": "2"])
    #expect(throws: AdvertisingError.self) { try marts.read("2026-10-31") }
  }
}
