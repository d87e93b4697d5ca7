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
  /// unknown. `placeholders`: addresses that are nobody's, beside those that Millrace knows.
  package static func shop(
    placeholders own: [String] = [], countries: @escaping @Sendable () throws -> CountryDatabase?
  ) -> SourceRegistry {
    let placeholders = PlaceholderIdentity(own: own)
    return SourceRegistry([
      SourceKind(
        name: "sqlite", sourceName: SourceName.platform,
        topics: PlatformTables.topics, place: .path,
        defaultPlace: "sources/platform.sqlite",
        mappings: ["platform"],
        choices: [
          .init(key: "tax_numbers", words: TaxNumberKind.allCases.map(\.rawValue)),
          .init(key: "changes", words: ChangeDetail.allCases.map(\.rawValue)),
          .init(key: "kept_changes", numbers: SQLiteSourceLimits.keptChangesRange),
          .init(key: "compare", words: ["daily", "weekly", "never"]),
        ],
        earlierKey: "platform_database",
        meaning:
          "SQLite, in the shape of the platform; tax_numbers: KIND, how its companies are known (\(TaxNumberKind.names)); "
          + "changes: latest, triggers that name the key alone; kept_changes: N, of the change table; "
          + "compare: weekly, never",
        removeTriggers: { try ChangeTriggers(on: PlatformTables.all, title: PlatformTables.title).remove($0.place) }
      ) { source, tools in
        try SQLiteSource(
          name: source.name, path: source.place,
          mapping: PlatformMapping(
            keyring: tools.keyring, system: source.name, taxNumbers: source.taxNumbers,
            placeholders: placeholders),
          keyring: tools.keyring, installsTriggers: tools.installsTriggers, detail: source.changeDetail,
          keptChanges: source.keptChanges, comparesEvery: source.comparesEvery, metrics: tools.metrics)
      },
      SourceKind(
        name: "weblog", sourceName: SourceName.weblog, topics: [Topic.weblog], place: .path,
        defaultPlace: "sources/weblogs/access.log",
        references: [.init(key: "logins", kind: "sqlite", otherwise: SourceName.platform)],
        folders: ["rotated"],
        earlierKey: "access_log",
        meaning:
          "Apache's combined format, and its rotations beside it; logins: NAME, whose users (platform); "
          + "rotated: FOLDER, where rotations are moved to"
      ) { source, tools in
        try WeblogSource(
          name: source.name, path: source.place, rotated: source.folders["rotated"], logins: source.logins,
          keyring: tools.keyring, countries: countries())
      },
      leads(placeholders), spend,
    ])
  }

  private static func leads(_ placeholders: PlaceholderIdentity) -> SourceKind {
    SourceKind(
      name: "leads", sourceName: SourceName.leads, topics: [Topic.leads], place: .folder,
      defaultPlace: "sources/leads",
      choices: [.init(key: "sheets", words: ["lists", "one-list", "additions"]), numberSigns],
      earlierKey: "lead_folder",
      meaning:
        "XLSX and CSV sheets, each the whole of its list (leads-1.csv and leads-2.csv are one if they share rows); "
        + "sheets: one-list, additions"
    ) { source, tools in
      try SheetFolderSource(
        name: source.name, folder: source.place,
        mapping: LeadSheets(
          keyring: tools.keyring, system: source.name,
          scope: source.choices["sheets"] == "one-list" ? .everything : .list, signs: source.numberSigns,
          isAddition: source.choices["sheets"] == "additions", placeholders: placeholders),
        keyring: tools.keyring, accepting: tools.accepted, metrics: tools.metrics)
    }
  }

  private static let spend =
    SourceKind(
      name: "spend", sourceName: SourceName.spend, topics: [Topic.spend], place: .folder,
      defaultPlace: "sources/spend",
      choices: [.init(key: "sheets", words: ["rolling", "whole", "lists", "additions"]), numberSigns],
      earlierKey: "spend_folder",
      meaning:
        "CSV and XLSX: day, market, channel, campaign, amount, currency; files add up, one sent again replaces itself, "
        + "but for days before it begins where it has new ones; sheets: whole (these go, too), additions"
    ) { source, tools in
      try SheetFolderSource(
        name: source.name, folder: source.place,
        mapping: SpendSheets(
          keyring: tools.keyring, system: source.name, signs: source.numberSigns,
          isAddition: source.choices["sheets"] == "additions",
          keepsRolledOut: !["whole", "lists"].contains(source.choices["sheets"])),
        keyring: tools.keyring, accepting: tools.accepted, metrics: tools.metrics)
    }

  /// How a sheet's numbers are written, where its columns do not tell.
  private static let numberSigns = SourceKind.Choice(key: "numbers", words: ["told", "point", "comma"])

  /// With the countries of a workspace whose configuration says nothing.
  package static let shop = shop { try CountryDatabase(paths: Configuration.defaultCountryData) }
}

extension SourceDescription {
  /// Of a platform: of which kind the tax numbers in it are.
  var taxNumbers: TaxNumberKind { choices["tax_numbers"].flatMap { TaxNumberKind(rawValue: $0) } ?? .cuit }

  /// Of a database: what its triggers write down of a change.
  var changeDetail: ChangeDetail { choices["changes"].flatMap { ChangeDetail(rawValue: $0) } ?? .every }

  /// Of a database: how many changes its change table holds at most.
  var keptChanges: Int64 { choices["kept_changes"].flatMap { Int64($0) } ?? SQLiteSourceLimits.keptChanges }

  /// Of a database: how often all of it is compared, in milliseconds; nil: never.
  var comparesEvery: Int64? {
    switch choices["compare"] {
    case "never": nil
    case "weekly": SQLiteSourceLimits.weekOfRoundMillis
    default: SQLiteSourceLimits.dayOfRoundMillis
    }
  }

  /// Of sheets: how numbers are written; nil: told by the columns.
  var numberSigns: String? { choices["numbers"].flatMap { $0 == "told" ? nil : $0 } }

  /// Of a web log: the system whose user names stand in it.
  package var logins: String { references["logins"] ?? SourceName.platform }
}
