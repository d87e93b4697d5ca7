internal import Entity
internal import Events

/// The kinds of sources there are, in the order in which they are listed, and read first where that matters.
extension SourceKind {
  package static let all: [SourceKind] = [.sqlite, .weblog, .leads, .spend]

  /// An SQLite database in the shape of the platform.
  package static let sqlite = SourceKind(
    name: "sqlite", sourceName: SourceName.platform, place: .path, defaultPlace: "sources/platform.sqlite",
    mappings: ["platform"], topics: [Topic.orders, Topic.catalog, Topic.inventory, Topic.shipments],
    earlierKey: "platform_database", meaning: "SQLite, in the shape of the platform"
  ) { source, tools in
    try PlatformSource(path: source.place, installsTriggers: tools.installsTriggers, keyring: tools.keyring)
  }

  /// A web server's log with its rotations.
  package static let weblog = SourceKind(
    name: "weblog", sourceName: SourceName.weblog, place: .path, defaultPlace: "sources/weblogs/access.log",
    topics: [Topic.weblog], needsCountries: true, earlierKey: "access_log",
    meaning: "Apache's combined format; rotations access.log.1 … beside it"
  ) { source, tools in
    try WeblogSource(path: source.place, keyring: tools.keyring, countries: tools.countries)
  }

  /// A folder of lead sheets.
  package static let leads = SourceKind(
    name: "leads", sourceName: SourceName.leads, place: .folder, defaultPlace: "sources/leads", topics: [Topic.leads],
    earlierKey: "lead_folder", meaning: "XLSX and CSV sheets"
  ) { source, tools in
    try LeadsSource(folder: source.place, keyring: tools.keyring)
  }

  /// A folder of sheets of advertising spend.
  package static let spend = SourceKind(
    name: "spend", sourceName: SourceName.spend, place: .folder, defaultPlace: "sources/spend", topics: [Topic.spend],
    earlierKey: "spend_folder", meaning: "CSV: day, market, channel, campaign, amount, currency"
  ) { source, tools in
    try SpendSource(folder: source.place, keyring: tools.keyring)
  }
}
