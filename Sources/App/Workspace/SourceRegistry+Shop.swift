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
        name: "sqlite", sourceName: SourceName.platform,
        topics: PlatformTables.topics, place: .path,
        defaultPlace: "sources/platform.sqlite",
        mappings: ["platform"],
        choices: [
          .init(key: "tax_numbers", words: TaxNumberKind.allCases.map(\.rawValue)),
          .init(key: "changes", words: ChangeDetail.allCases.map(\.rawValue)),
        ],
        earlierKey: "platform_database",
        meaning:
          "SQLite, in the shape of the platform; tax_numbers: KIND, how its companies are known (\(TaxNumberKind.names)); "
          + "changes: latest, triggers that name the key alone",
        removeTriggers: { try ChangeTriggers(on: PlatformTables.all, title: PlatformTables.title).remove($0.place) }
      ) { source, tools in
        try SQLiteSource(
          name: source.name, path: source.place,
          mapping: PlatformMapping(keyring: tools.keyring, system: source.name, taxNumbers: source.taxNumbers),
          keyring: tools.keyring, installsTriggers: tools.installsTriggers, detail: source.changeDetail,
          metrics: tools.metrics)
      },
      SourceKind(
        name: "weblog", sourceName: SourceName.weblog, topics: [Topic.weblog], place: .path,
        defaultPlace: "sources/weblogs/access.log",
        references: [.init(key: "logins", kind: "sqlite", otherwise: SourceName.platform)],
        earlierKey: "access_log",
        meaning: "Apache's combined format, rotations access.log.1 … beside it; logins: NAME, whose users (platform)"
      ) { source, tools in
        try WeblogSource(
          name: source.name, path: source.place, logins: source.logins, keyring: tools.keyring, countries: countries())
      },
      SourceKind(
        name: "leads", sourceName: SourceName.leads, topics: [Topic.leads], place: .folder,
        defaultPlace: "sources/leads",
        earlierKey: "lead_folder", meaning: "XLSX and CSV sheets"
      ) { source, tools in
        try SheetFolderSource(
          name: source.name, folder: source.place, mapping: LeadSheets(keyring: tools.keyring, system: source.name),
          keyring: tools.keyring, metrics: tools.metrics)
      },
      SourceKind(
        name: "spend", sourceName: SourceName.spend, topics: [Topic.spend], place: .folder,
        defaultPlace: "sources/spend",
        earlierKey: "spend_folder", meaning: "CSV: day, market, channel, campaign, amount, currency"
      ) { source, tools in
        try SheetFolderSource(
          name: source.name, folder: source.place, mapping: SpendSheets(keyring: tools.keyring, system: source.name),
          keyring: tools.keyring, metrics: tools.metrics)
      },
    ])
  }

  /// With the countries of a workspace whose configuration says nothing.
  package static let shop = shop { try CountryDatabase(paths: Configuration.defaultCountryData) }
}

extension SourceDescription {
  /// Of a platform: of which kind the tax numbers in it are.
  var taxNumbers: TaxNumberKind { choices["tax_numbers"].flatMap { TaxNumberKind(rawValue: $0) } ?? .cuit }

  /// Of a database: what its triggers write down of a change.
  var changeDetail: ChangeDetail { choices["changes"].flatMap { ChangeDetail(rawValue: $0) } ?? .every }

  /// Of a web log: the system whose user names stand in it.
  package var logins: String { references["logins"] ?? SourceName.platform }
}
