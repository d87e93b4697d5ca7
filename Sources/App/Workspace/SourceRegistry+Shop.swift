package import Capture
package import Enrichment
internal import Events
internal import SQLiteSource
internal import SheetSource
internal import ShopSources

/// The kinds of sources of this application: adapters for other people's systems, joined with what the shop says of
/// their rows.
extension SourceRegistry {
  /// `countries`: opens what a web log's addresses are looked up in, when such a source is opened; nil: countries stay
  /// unknown.
  package static func shop(countries: @escaping @Sendable () throws -> CountryDatabase?) -> SourceRegistry {
    SourceRegistry([
      SourceKind(
        name: "sqlite", sourceName: SourceName.platform, place: .path, defaultPlace: "sources/platform.sqlite",
        mappings: ["platform"], earlierKey: "platform_database", meaning: "SQLite, in the shape of the platform",
        removeTriggers: { try ChangeTriggers(on: PlatformTables.all, title: PlatformTables.title).remove($0.place) }
      ) { source, tools in
        try SQLiteSource(
          name: source.name, path: source.place, mapping: PlatformMapping(keyring: tools.keyring),
          installsTriggers: tools.installsTriggers)
      },
      SourceKind(
        name: "weblog", sourceName: SourceName.weblog, place: .path, defaultPlace: "sources/weblogs/access.log",
        earlierKey: "access_log", meaning: "Apache's combined format; rotations access.log.1 … beside it"
      ) { source, tools in
        try WeblogSource(name: source.name, path: source.place, keyring: tools.keyring, countries: countries())
      },
      SourceKind(
        name: "leads", sourceName: SourceName.leads, place: .folder, defaultPlace: "sources/leads",
        earlierKey: "lead_folder", meaning: "XLSX and CSV sheets"
      ) { source, tools in
        try SheetFolderSource(
          name: source.name, folder: source.place, mapping: LeadSheets(keyring: tools.keyring), keyring: tools.keyring)
      },
      SourceKind(
        name: "spend", sourceName: SourceName.spend, place: .folder, defaultPlace: "sources/spend",
        earlierKey: "spend_folder", meaning: "CSV: day, market, channel, campaign, amount, currency"
      ) { source, tools in
        try SheetFolderSource(
          name: source.name, folder: source.place, mapping: SpendSheets(keyring: tools.keyring), keyring: tools.keyring)
      },
    ])
  }

  /// With the countries of a workspace whose configuration says nothing.
  package static let shop = shop { try CountryDatabase(paths: Configuration.defaultCountryData) }
}
