import Entity
import Events
import Marts
import Money
import Pipeline
import Projections
import Reports
import SQLite
import ShopMarts
import TestSupport
import Testing

/// What a new mart needs is one value in one list: these tests register one more than the shop has.
@Suite("The registry of marts and reports", .temporaryFolder)
struct RegistryTests {
  private let registry = MartRegistry(Shop.marts + [.cities])

  /// Goal: help texts and messages know a mart and its report from the list alone. Method: what commands print of the registry.
  @Test("a registered mart and its report stand in help texts, with the report's options")
  func help() throws {
    #expect(registry.choice == "sales, traffic, leads, advertising, returns or cities")
    #expect(registry.topics == Shop.registry.topics)
    #expect(registry.reports.list.hasSuffix("\n  store-cities        where the stores are"))
    let options = Dictionary(uniqueKeysWithValues: registry.reports.options.map { ($0.name, $0.help) })
    #expect(options["state"] == "store-cities: only stores of this kind of place (default: any)")
    #expect(options["top"]?.contains("store-cities") == true)
    #expect(Shop.reports.options.contains { $0.name == "state" } == false)
  }

  /// Goal: the words of options say what holds without them. Method: the texts that `millrace report --help` prints.
  @Test("an option that several reports take is explained once, with every default")
  func options() {
    let options = Dictionary(uniqueKeysWithValues: Shop.reports.options.map { ($0.name, $0.help) })
    #expect(
      options["from"]
        == "first day of the window (default: 12 months; 30 days for site-traffic, advertising-shares)")
    #expect(options["to"] == "last day of the window (default: --as-of)")
    #expect(
      options["top"] == "company-sales, supplier-sales, top-devices: how many rows (default: all; 5 for top-devices); "
        + "popular-products: how many products per country (default: 5)")
    #expect(options["rank-by"] == "popular-products: what decides the rank (default: units)")
    #expect(options["channel"] == "only this sales channel")
  }

  @Test("the dictionary of a registered mart describes its tables and views")
  func describe() throws {
    let text = try #require(registry.mart(named: "cities")).schema.dataDictionary()
    #expect(text.hasPrefix("cities: Where the stores are."))
    #expect(text.contains("store_cities: One row per store."))
    #expect(text.contains("city        TEXT NOT NULL"))
  }

  /// Goal: a report of a registered mart is answered like any other, with its own newest event. Method: three stores, through
  /// a projection that only this file knows.
  @Test("the report of a registered mart is answered, and says itself where its newest event stands")
  func answer() throws {
    let workspace = try Workspace(registry)
    try workspace.store(1, "Lima", at: "2026-10-01T10:00:00Z")
    try workspace.store(2, "Cork", at: "2026-10-03T10:00:00Z")
    try workspace.store(3, "Lima", at: "2026-10-02T10:00:00Z")
    try workspace.flush(readUpTo: Timestamp("2026-11-01T00:00:00Z")?.millis ?? 0)
    let definition = try #require(registry.reports.report(named: "store-cities"))
    let report = try workspace.report(ReportRequest(definition, asOf: date("2026-10-31")))
    #expect(shown(report.table) == ["Lima 2", "Cork 1"])
    #expect(report.window == nil && report.standing.ageSeconds == 10)
    #expect(report.standing.newestEvent == Timestamp("2026-10-03T10:00:00Z"))
    #expect(try workspace.rows(ReportRequest(definition, asOf: date("2026-10-31"), ["top": 1])) == ["Lima 2"])
    #expect(throws: ReportError.self) {
      try workspace.report(ReportRequest(definition, asOf: date("2026-10-31"), ["countries": 1]))
    }
  }
}

extension MartDefinition {
  fileprivate static let cities = MartDefinition(
    name: "cities", meaning: "Where the stores are.",
    sources: [MartSource(SourceName.platform, topics: [Topic.catalog])], projections: { [CitiesProjection()] },
    reports: [.storeCities])
}

extension ReportDefinition {
  fileprivate static let storeCities = ReportDefinition(
    name: "store-cities", meaning: "where the stores are", marts: ["cities"],
    options: [
      .top(), ReportOption("state", .choice(["any", "big"]), "only stores of this kind of place", fallback: "any"),
    ],
    window: nil, newestEvent: NewestEvent(mart: "cities", millis: "SELECT max(changed_at) FROM store_cities")
  ) { question in
    let found = try question.marts.database("cities").rows(
      "SELECT city, count(*) FROM store_cities GROUP BY city ORDER BY 2 DESC, 1"
    ) { [ReportCell.text($0.text(0)), .integer($0.int64(1))] }
    return ReportContent(
      table: ReportTable(
        columns: [ReportColumn("city", .text), ReportColumn("stores", .count)],
        rows: Array(question.request.top(of: found))))
  }
}

/// Stores by city, in their newest states.
private final class CitiesProjection: ShopProjection {
  static let name = "cities"
  static let version = 1
  static let topics = [Topic.catalog]
  static let personalFields: PersonalFields = []
  static let views: [ViewDefinition] = []
  static let tables = [
    TableDefinition(
      "store_cities", "One row per store.",
      columns: [
        .init("store_id", "INTEGER PRIMARY KEY", "Number of the store."), .init("city", "TEXT NOT NULL", "City."),
        .init("changed_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
      ], canonicalDump: "SELECT * FROM store_cities ORDER BY store_id")
  ]

  private var pending: [(id: Int64, city: String, millis: Int64)] = []
  var pendingCount: Int { pending.count }

  func discard() { pending.removeAll() }

  func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .store(let change) = input.event.payload, let store = change.after, let id = input.event.key?.integer
    else { return }
    pending.append((id, store.city, input.event.occurredAt.millis))
  }

  func flush(into transaction: MartTransaction) throws {
    for (id, city, millis) in pending {
      let statement = try transaction.statement("INSERT OR REPLACE INTO store_cities VALUES (?1, ?2, ?3)")
      statement.bindAll([.integer(id), .text(city), .integer(millis)])
      try statement.run()
    }
    pending.removeAll()
  }
}
