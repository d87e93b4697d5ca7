import Money
import Reports
import ShopMarts
import TestSupport
import Testing

/// What an empty report says: none happened, it happened on other days, or nobody can know.
@Suite("Empty reports", .temporaryFolder)
struct EmptyReportTests {
  private let asOf = date("2026-10-31")

  private func answer(_ workspace: Workspace, _ report: ReportDefinition, _ values: [String: ReportOptionValue] = [:])
    throws -> (Emptiness?, String)
  {
    let report = try workspace.report(ReportRequest(report, asOf: asOf, values))
    return (report.emptiness, report.notes.last ?? "")
  }

  @Test("without a single user name top-devices cannot be known, and offers visitors, who can")
  func noUsers() throws {
    let workspace = try Workspace()
    try workspace.customer(1, user: 1, company: "30111111111")
    for ip in 1...3 as ClosedRange<UInt64> { try workspace.request("2026-10-01T10:00:00Z", ip: ip) }
    try workspace.request("2026-10-01T10:00:00Z", ip: 4, browser: "bot", bot: true)
    try workspace.request("2026-10-01T10:05:00Z", ip: 1, health: true)
    try workspace.flush()
    let (why, words) = try answer(workspace, .topDevices)
    #expect(why == .unknowable)
    #expect(
      words.hasPrefix("This cannot be known: no request carries a user name (5 requests were looked at); let the web"))
    #expect(words.hasSuffix("there is `millrace report top-devices --by visitor`."))
    let request = ReportRequest(.topDevices, asOf: asOf, ["by": "visitor"])
    #expect(try workspace.rows(request) == ["1 Desktop Windows Chrome 3 3"])
    #expect(try workspace.report(request).table.columns.map(\.name).contains("visitors"))
    #expect(throws: ReportError.self) {
      try workspace.report(ReportRequest(.topDevices, asOf: asOf, ["by": "profile"]))
    }
  }

  @Test("popular products without log-ins are those of the customers' own countries when asked")
  func noLogIns() throws {
    let workspace = try Workspace()
    try workspace.product(1, "Phone")
    try workspace.customer(1, user: 1, country: "US")
    try workspace.customer(2, country: "US")
    try workspace.customer(3, country: "CA")
    try workspace.order(1, "2026-10-01", customer: 2, lines: [(1, 5, "1")])
    try workspace.request("2026-10-01T10:00:00Z", ip: 1, country: "DE")
    try workspace.flush()
    let (why, words) = try answer(workspace, .popularProducts)
    #expect(why == .unknowable && words.contains("`millrace report popular-products --by profile`"))
    let report = try workspace.report(ReportRequest(.popularProducts, asOf: asOf, ["by": "profile"]))
    #expect(shown(report.table) == ["US 1 2 1 1 Phone 5 500 USD"] && report.emptiness == nil)
    #expect(report.notes == ["No log-in is known in this window: users are the customers of a country."])
  }

  @Test("data of other days are named with the options that show them")
  func otherDays() throws {
    let workspace = try Workspace()
    try workspace.request("2015-05-17T10:00:00Z")
    try workspace.request("2015-05-20T10:00:00Z")
    try workspace.order(1, "2024-02-03", lines: [(1, 1, "1")])
    try workspace.flush()
    let (why, words) = try answer(workspace, .siteTraffic)
    #expect(why == .elsewhere)
    #expect(
      words == "There are none of 2026-10-02 to 2026-10-31; data are there of 2015-05-17 to 2015-05-20: "
        + "try --from 2015-05-17 --to 2015-05-20.")
    #expect(try answer(workspace, .monthlySales).1.hasSuffix("try --from 2024-02-03 --to 2024-02-03."))
    let json = JSONRenderer.text(of: try workspace.report(ReportRequest(.siteTraffic, asOf: asOf)))
    #expect(json.contains("\"empty_because\": \"elsewhere\""))
  }

  /// Goal: the one mechanism serves every report. Method: marts without a row, and each report there is.
  @Test("on empty marts no report claims that none happened", arguments: Shop.reports.names)
  func everyReport(name: String) throws {
    let workspace = try Workspace()
    try workspace.flush()
    let (why, words) = try answer(workspace, try #require(Shop.reports.report(named: name)))
    #expect(why == .unknowable && words.hasPrefix("This cannot be known: no "))
  }

  @Test("what was looked at and did not happen is said as that")
  func none() throws {
    let workspace = try Workspace()
    try workspace.request("2026-10-01T10:00:00Z")
    try workspace.request("2026-10-20T10:00:00Z")
    try workspace.flush()
    let (why, words) = try answer(
      workspace, .siteTraffic, ["from": .day(date("2026-10-05")), "to": .day(date("2026-10-10"))])
    #expect(why == Emptiness.none)
    #expect(words == "There were none from 2026-10-05 to 2026-10-10, as far as the sources were read.")
    #expect(try answer(workspace, .utmWords).0 == Emptiness.none)
    let full = try workspace.report(ReportRequest(.siteTraffic, asOf: asOf))
    #expect(full.emptiness == nil && !JSONRenderer.text(of: full).contains("empty_because"))
  }

  @Test("a source whose history broke is named on the reports of its marts, and on no others")
  func brokenHistory() throws {
    let workspace = try Workspace()
    try workspace.order(1, "2026-10-01", lines: [(1, 1, "1")])
    try workspace.request("2026-10-30T10:00:00Z")
    try workspace.flush()
    let breaks = ["platform": ["the file is older than what was captured (since 2026-10-02T00:00:00Z)"]]
    let sales = try workspace.report(ReportRequest(.monthlySales, asOf: asOf), breaks: breaks)
    let words =
      "Changes of source platform may be missing here: the file is older than what was captured "
      + "(since 2026-10-02T00:00:00Z)."
    #expect(sales.notes.contains(words))
    #expect(TableRenderer.text(of: sales).contains("Note: \(words)") && JSONRenderer.text(of: sales).contains(words))
    #expect(try workspace.report(ReportRequest(.siteTraffic, asOf: asOf), breaks: breaks).notes.isEmpty)
  }
}
