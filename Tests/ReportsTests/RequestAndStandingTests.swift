import Entity
import EventLog
import Events
import Marts
import Money
import Reports
import ShopMarts
import TestSupport
import Testing

@Suite("Requests and standing of reports", .temporaryFolder)
struct RequestAndStandingTests {
  private let asOf = date("2026-10-31")

  @Test("options that a report does not have are refused, each with the ones it has")
  func options() {
    let refused: [ReportRequest] = [
      ReportRequest(.leads, asOf: asOf, ["top": 3]), ReportRequest(.topDevices, asOf: asOf, ["calendar": .flag]),
      ReportRequest(.monthlySales, asOf: asOf, ["top": 3]), ReportRequest(.companySales, asOf: asOf, ["by": "profile"]),
      ReportRequest(.monthlySales, asOf: asOf, ["channel": "web"]), ReportRequest(.topDevices, asOf: asOf, ["top": 0]),
      ReportRequest(.monthlySales, asOf: asOf, ["from": .day(asOf), "calendar": .flag]),
      ReportRequest(.topDevices, asOf: asOf, ["from": .day(date("2026-11-01"))]),
      ReportRequest(.topDevices, asOf: asOf, ["from": .day(date("1900-01-01"))]),
    ]
    for request in refused {
      let error = #expect(throws: ReportError.self) { try request.validate() }
      #expect(error?.kind == .usage)
      #expect(error?.hint.isEmpty == false)
    }
  }

  @Test("site traffic refuses a time zone and says why")
  func timezoneOfTraffic() throws {
    let request = ReportRequest(.siteTraffic, asOf: asOf, ["timezone": .zone(try zone("Europe/Berlin"))])
    let error = #expect(throws: ReportError.self) { try request.validate() }
    #expect(error?.cause == "web traffic is kept in UTC days")
  }

  @Test("a missing mart is named")
  func missingMart() {
    let reporter = Reporter(marts: TemporaryFolder.path + "/nowhere", sources: [:])
    let error = #expect(throws: ReportError.self) {
      try reporter.report(ReportRequest(.monthlySales, asOf: asOf), now: Timestamp(millis: 0))
    }
    #expect(error?.kind == .mart)
    #expect(error?.mart?.kind == .missing)
  }

  @Test("age counts from the least recent source; more than an hour is stale")
  func age() throws {
    let workspace = try Workspace()
    try workspace.order(1, "2026-10-30", updated: "2026-10-30T08:00:00Z", lines: [(1, 1, "1")])
    try workspace.flush(readUpTo: Timestamp("2026-10-31T11:00:00Z")?.millis ?? 0)
    let request = ReportRequest(.monthlySales, asOf: asOf)
    let fresh = try workspace.report(request, now: "2026-10-31T12:00:00Z").standing
    #expect(fresh.ageSeconds == 3_600)
    #expect(!fresh.isStale)
    #expect(fresh.ageSentence == "data are 60 min old")
    #expect(fresh.asOf == Timestamp("2026-10-31T12:00:00Z"))
    #expect(fresh.newestEvent == Timestamp("2026-10-30T08:00:00Z"))
    #expect(fresh.positions.map(\.topic) == ["catalog", "orders"])
    let stale = try workspace.report(request, now: "2026-10-31T12:00:01Z").standing
    #expect(stale.isStale)
    #expect(stale.ageSentence == "STALE: data are 60 min old, the limit is 60 min")
    let later = try workspace.report(request, now: "2026-11-03T00:00:00Z").standing
    #expect(later.asOf == Timestamp("2026-10-31T23:59:59Z"))
    #expect(later.ageSentence == "STALE: data are 2 days old, the limit is 60 min")
  }

  /// Goal: an age is never that of those alone who have spoken. Method: the web log, read a second ago on one partition, has
  /// another one that never told.
  @Test("a source with one silent partition makes every report that depends on it stale, and is named")
  func silentPartition() throws {
    let workspace = try Workspace()
    try workspace.flush(
      readUpTo: Timestamp("2026-10-31T11:59:59Z")?.millis ?? 0, silent: TopicPartition(Topic.weblog, 1))
    for report in [ReportDefinition.siteTraffic, .popularProducts] {
      let standing = try workspace.report(ReportRequest(report, asOf: asOf), now: "2026-10-31T12:00:00Z").standing
      #expect(standing.ageSeconds == nil && standing.isStale)
      #expect(standing.ageSentence == "STALE: source weblog has not said yet how far it was read")
    }
    let sales = try workspace.report(ReportRequest(.monthlySales, asOf: asOf), now: "2026-10-31T12:00:00Z").standing
    #expect(sales.ageSeconds == 1 && !sales.isStale)
  }

  @Test("marts with different key versions are not joined")
  func keyVersions() throws {
    let workspace = try Workspace(identity: ["traffic": ["keys.tokenVersion": "2"]])
    try workspace.flush()
    let error = #expect(throws: ReportError.self) {
      try workspace.report(ReportRequest(.topDevices, asOf: asOf))
    }
    #expect(error?.kind == .versions)
    #expect(throws: Never.self) { try workspace.report(ReportRequest(.siteTraffic, asOf: asOf)) }
  }
}
