import Enrichment
import Entity
import Events
import Money
import Reports
import ShopMarts
import TestSupport
import Testing

@Suite("Traffic and joined reports by hand", .temporaryFolder)
struct TrafficReportTests {
  private let asOf = date("2026-10-31")

  @Test("top devices count companies' users only, people's requests only, and break ties by name")
  func topDevices() throws {
    let workspace = try Workspace()
    try workspace.customer(1, user: 1, company: "30111111111")
    try workspace.customer(2, user: 2, company: "30111111111")
    try workspace.customer(3, user: 3)
    try workspace.company(.open("30111111111"), .open("ACME"), login: 4)
    for user in [1, 2] as [UInt64] { try workspace.request("2026-10-01T10:00:00Z", ip: user, user: user) }
    try workspace.request("2026-10-01T10:00:00Z", ip: 4, user: 4, device: "Phone", os: "iOS", browser: "Mobile Safari")
    try workspace.request(
      "2026-10-02T10:00:00Z", ip: 1, user: 1, device: "Phone", os: "Android", browser: "Chrome Mobile", status: 500)
    // Not counted: a shop customer, a stranger, a program, a health check, a day before the window.
    try workspace.request("2026-10-01T10:00:00Z", ip: 3, user: 3)
    try workspace.request("2026-10-01T10:00:00Z", ip: 9)
    try workspace.request(
      "2026-10-01T10:00:00Z", ip: 1, user: 1, device: "Bot", os: "Other", browser: "curl", bot: true)
    try workspace.request("2026-10-01T10:00:00Z", ip: 1, user: 1, health: true)
    try workspace.request("2025-10-31T10:00:00Z", ip: 1, user: 1)
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.topDevices, asOf: asOf)) == [
        "1 Desktop Windows Chrome 2 2", "2 Phone Android Chrome Mobile 1 1", "3 Phone iOS Mobile Safari 1 1",
      ])
    #expect(
      try workspace.rows(ReportRequest(.topDevices, asOf: asOf, ["from": .day(date("2025-10-31")), "top": 1])) == [
        "1 Desktop Windows Chrome 2 3"
      ])
  }

  @Test("utm-words lists what names no channel, the most frequent first, with what to do")
  func utmWords() throws {
    let workspace = try Workspace()
    for (day, words) in [("01", "spring / qr"), ("02", "flyer / "), ("03", "flyer / "), ("03", "a / b")] {
      try workspace.request("2026-10-\(day)T10:00:00Z", channel: nil, unknownWords: words)
    }
    try workspace.request("2026-10-04T10:00:00Z", channel: .search)
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.utmWords, asOf: asOf)) == [
        "flyer /  2 2026-10-02 2026-10-03", "a / b 1 2026-10-03 2026-10-03", "spring / qr 1 2026-10-01 2026-10-01",
      ])
    #expect(
      try workspace.rows(ReportRequest(.utmWords, asOf: asOf, ["from": .day(date("2026-10-03"))])) == [
        "a / b 1 2026-10-03 2026-10-03", "flyer /  1 2026-10-03 2026-10-03",
      ])
  }

  /// Goal: an order counts where its customer's user logs in most. Method: one user who is mostly in DE and once in US, one
  /// in US; a tie in DE and CA goes to CA by code.
  @Test("popular products follow the countries of log-ins, or of profiles when asked")
  func popularProducts() throws {
    let workspace = try Workspace()
    try workspace.product(1, "Phone")
    try workspace.product(2, "Lamp")
    try workspace.customer(1, user: 1, country: "US")
    try workspace.customer(2, user: 2, country: "US")
    try workspace.customer(3, user: 3, country: "CA")
    for country in ["DE", "DE", "US"] {
      try workspace.request("2026-10-01T10:00:00Z", ip: 1, user: 1, country: country)
    }
    try workspace.request("2026-10-01T10:00:00Z", ip: 2, user: 2, country: "US")
    try workspace.request("2026-10-01T10:00:00Z", ip: 3, user: 3, country: "DE")
    try workspace.request("2026-10-01T10:00:00Z", ip: 4, user: 3, country: "CA")
    try workspace.request("2026-10-01T10:00:00Z", ip: 5, user: 2, country: "CA", status: 401)
    try workspace.request("2026-10-01T10:00:00Z", ip: 5, user: 2, country: "")
    try workspace.order(1, "2026-10-01", customer: 1, lines: [(1, 5, "1"), (2, 5, "9")])
    try workspace.order(2, "2026-10-01", customer: 2, lines: [(2, 2, "1")])
    try workspace.order(3, "2026-10-01", "EUR", status: .returned, customer: 3, lines: [(7, 1, "10")])
    try workspace.order(4, "2026-10-01", status: .cancelled, customer: 2, lines: [(1, 100, "1")])
    try workspace.rate("2026-10-01", "EUR", "1.5")
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.popularProducts, asOf: asOf)) == [
        "DE 1 2 1 1 Phone 5 500 USD", "DE 1 2 2 2 Lamp 5 4500 USD", "US 2 2 1 2 Lamp 2 200 USD",
        "CA 3 1 1 7 unknown 1 1500 USD",
      ])
    #expect(
      try workspace.rows(
        ReportRequest(.popularProducts, asOf: asOf, ["top": 1, "countries": 1, "rank-by": "revenue"])) == [
          "DE 1 2 1 2 Lamp 5 4500 USD"
        ])
    let byProfile = try workspace.report(ReportRequest(.popularProducts, asOf: asOf, ["top": 1, "by": "profile"]))
    #expect(shown(byProfile.table) == ["US 1 2 1 2 Lamp 7 4700 USD", "CA 2 1 1 7 unknown 1 1500 USD"])
    #expect(
      byProfile.notes == [
        "1 of 3 customers who logged in did so mostly from another country than that of their profile."
      ])
  }

  @Test("site traffic keeps programs apart and gives a session to its first request's channel")
  func siteTraffic() throws {
    let workspace = try Workspace()
    try workspace.request("2026-10-30T10:00:00Z", channel: .search)
    try workspace.request("2026-10-30T10:10:00Z", signIn: true, channel: .direct)
    try workspace.request("2026-10-30T12:00:00Z", health: true, channel: .search)
    try workspace.request("2026-10-30T10:00:00Z", ip: 2, channel: .search)
    try workspace.request("2026-10-30T10:00:00Z", ip: 3, browser: "bot", bot: true, channel: .direct)
    try workspace.request("2026-10-01T10:00:00Z", ip: 3)
    try workspace.request("2026-10-02T10:00:00Z", ip: 3, country: "")
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.siteTraffic, asOf: asOf)) == [
        "2026-10-02  direct 1 100 1 1 0 0", "2026-10-30 US direct 0 0 0 0 0 1", "2026-10-30 US search 4 400 2 3 1 0",
      ])
  }

  @Test("shares add up to ten thousand, and of equal countries the first code gets the odd point")
  func shares() throws {
    let workspace = try Workspace()
    for (ip, country) in [(1, "US"), (2, "DE"), (3, "CA")] as [(UInt64, String)] {
      try workspace.request("2026-10-30T10:00:00Z", ip: ip, country: country)
    }
    // Not counted: a health check, a program, an unknown country, a day before the window.
    try workspace.request("2026-10-30T11:00:00Z", ip: 1, country: "US", health: true)
    try workspace.request("2026-10-30T11:00:00Z", ip: 4, country: "US", browser: "bot", bot: true)
    try workspace.request("2026-10-30T11:00:00Z", ip: 5, country: "")
    try workspace.request("2026-10-01T11:00:00Z", ip: 1, country: "US")
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.advertisingShares, asOf: asOf)) == ["CA 1 3334", "DE 1 3333", "US 1 3333"])
    #expect(
      try workspace.rows(ReportRequest(.advertisingShares, asOf: asOf, ["from": .day(date("2026-10-01"))])) == [
        "US 2 5000", "CA 1 2500", "DE 1 2500",
      ])
  }

  @Test("a conversion is proved by a later order of the same person or company")
  func leads() throws {
    let workspace = try Workspace()
    try workspace.customer(1, email: 50)
    try workspace.company(.open("30111111111"), .open("  ACME Ltd "))
    try workspace.order(1, "2026-05-01", customer: 1, lines: [(1, 1, "1")])
    try workspace.order(2, "2026-06-01", company: .open("30111111111"), lines: [(1, 1, "1")])
    try workspace.order(3, "2026-09-01", status: .cancelled, customer: 1, lines: [(1, 1, "1")])
    try workspace.lead("1", "converted", email: 50)
    try workspace.lead("2", "converted", created: "2026-05-02", email: 50)
    try workspace.lead("3", "converted", company: "acme LTD")
    try workspace.lead("4", "converted", company: "", email: 51)
    try workspace.lead("5", "lost")
    try workspace.lead("6", "new", vanished: true)
    try workspace.lead("7", "qualified", campaign: "autumn", source: "pigeon")
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.leads, asOf: asOf)) == [
        "unknown autumn 1 1 1 0 0 0 0", "webinar spring 6 4 4 4 1 1 2",
      ])
  }

  /// Goal: an address or a name that many have proves nobody's conversion. Method: six customers, then six companies' leads, with
  /// one address; companies called "n/a".
  @Test("an address of many people, and a name that is none, prove no conversion")
  func sharedIdentities() throws {
    let workspace = try Workspace()
    for id in 1...6 { try workspace.customer(Int64(id), email: 50) }
    try workspace.customer(7, email: 51)
    try workspace.customer(8, email: 52)
    try workspace.company(.open("30111111111"), .open("N/A"))
    for id in 1...8 { try workspace.order(Int64(id), "2026-06-01", customer: Int64(id), lines: [(1, 1, "1")]) }
    try workspace.order(9, "2026-06-01", company: .open("30111111111"), lines: [(1, 1, "1")])
    try workspace.lead("1", "converted", company: "Alpha", email: 50)
    for id in 2...7 { try workspace.lead("\(id)", "converted", company: "Beta \(id)", email: 51) }
    try workspace.lead("8", "converted", company: "Gamma", email: 52)
    try workspace.lead("9", "converted", company: "n/a")
    try workspace.flush()
    #expect(try workspace.rows(ReportRequest(.leads, asOf: asOf)) == ["webinar spring 9 9 9 9 0 0 1"])
  }

  @Test("a company's name that this workspace calls nobody's proves no conversion") func ownPlaceholders() throws {
    let workspace = try Workspace()
    try workspace.company(.open("30111111111"), .open("Cash Sale"))
    try workspace.order(1, "2026-06-01", company: .open("30111111111"), lines: [(1, 1, "1")])
    try workspace.lead("1", "converted", company: "cash sale")
    try workspace.flush()
    func proved(_ placeholders: [String]) throws -> [String] {
      shown(try workspace.report(ReportRequest(.leads, asOf: asOf), placeholders: placeholders).table)
    }
    #expect(try proved([]) == ["webinar spring 1 1 1 1 0 0 1"])
    #expect(try proved(["CASH-SALE"]) == ["webinar spring 1 1 1 1 0 0 0"])
    #expect(try proved(["@cashsale"]) == ["webinar spring 1 1 1 1 0 0 1"], "a domain is no name")
  }
}
