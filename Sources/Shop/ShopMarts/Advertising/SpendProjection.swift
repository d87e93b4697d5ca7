internal import Enrichment
package import Entity
internal import Events
package import Marts
internal import Money
package import Projections
internal import SQLite

/// What each campaign cost per day, market and channel, in its newest state.
package final class SpendProjection: ShopProjection {
  package static let name = "spend"
  package static let version = 1
  package static let topics = [Topic.spend]
  package static let personalFields: PersonalFields = []

  private var rows = VersionedRows(
    prefix: "spend",
    tables: [
      VersionedTable(
        entity: "spend", table: "spend_days", key: ["day", "market", "channel", "campaign"],
        values: ["amount_minor", "currency"])
    ])

  package init() {}

  package var pendingCount: Int { rows.count }
  package func discard() { rows.discard() }
  package func flush(into transaction: MartTransaction) throws { try rows.flush(into: transaction) }

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .spend(let change) = input.event.payload else { return }
    let newest = try input.event.rowChange(change)
    let row = newest.row
    guard let channel = MarketingChannel.allCases.first(where: { $0.name == row.channel }) else {
      throw QuarantineReason("row.unknownValue", "spend.channel")
    }
    let day = Int64(row.date.daysSinceEpoch)
    rows.fold(
      VersionedRows.Key(table: 0, id: "\(row.date.text) \(row.market) \(row.channel) \(row.campaign)"),
      VersionedRows.State(
        version: input.event.version,
        key: [.integer(day), .text(row.market), .integer(Int64(channel.rawValue)), .text(row.campaign)],
        values: newest.isDelete ? nil : [.integer(row.amountMinor), .text(row.currency)], flags: input.event.flags))
  }
}

extension SpendProjection {
  package static var tables: [TableDefinition] { [spendDays, spendFlags, spendTombstones] }

  private static let spendDays = TableDefinition(
    "spend_days", "Advertising spend per day, market, channel and campaign.",
    columns: [
      .init("day", "INTEGER NOT NULL", "Days since 1970-01-01."),
      .init("market", "TEXT NOT NULL", "ISO country."),
      .init("channel", "INTEGER NOT NULL", "Marketing channel, as in channels."),
      .init("campaign", "TEXT NOT NULL", "Campaign, as on the sheet; empty: none named."),
    ] + TableDefinition.Column.version + [
      .init("amount_minor", "INTEGER NOT NULL", "Amount in minor units of the currency."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 currency."),
    ],
    constraints: ["PRIMARY KEY (day, market, channel, campaign)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM spend_days ORDER BY day, market, channel, campaign")

  private static let spendFlags = TableDefinition(
    "spend_flags", "Findings that came with the newest state of a row of spend.",
    columns: [
      .init("entity", "TEXT NOT NULL", "\"spend\"."), .init("id", "TEXT NOT NULL", "Day, market, channel, campaign."),
      .init("code", "TEXT NOT NULL", "Finding."),
    ],
    constraints: ["PRIMARY KEY (entity, id, code)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM spend_flags ORDER BY entity, id, code")

  private static let spendTombstones = TableDefinition(
    "spend_tombstones", "Versions of rows that a sheet no longer has.",
    columns: [
      .init("entity", "TEXT NOT NULL", "\"spend\"."), .init("id", "TEXT NOT NULL", "Day, market, channel, campaign."),
    ] + TableDefinition.Column.version,
    constraints: ["PRIMARY KEY (entity, id)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM spend_tombstones ORDER BY entity, id")

  package static var views: [ViewDefinition] { [.marketingChannels, spendDetails, flaggedRows] }

  private static let spendDetails = ViewDefinition(
    "spend_details", "Spend with names, ISO dates and decimal money.",
    select: """
      SELECT \(SQLText.isoDate("s.day")) AS date, s.market, coalesce(c.name, 'unknown') AS channel, s.campaign,
        \(SQLText.decimal("s.amount_minor", currency: "s.currency")) AS amount, s.currency
      FROM spend_days s LEFT JOIN channels c ON c.id = s.channel
      """,
    columns: [
      ("date", "Day."), ("market", "ISO country."), ("channel", "Marketing channel."), ("campaign", "Campaign."),
      ("amount", "Decimal, in the currency."), ("currency", "ISO 4217 currency."),
    ])

  private static let flaggedRows = ViewDefinition(
    "flagged_rows", "Everything odd that is nevertheless applied.",
    select: "SELECT code, entity, id, 1 AS occurrences FROM spend_flags",
    columns: [
      ("code", "Finding of capture."), ("entity", "\"spend\"."), ("id", "Day, market, channel, campaign."),
      ("occurrences", "Always 1 in this mart."),
    ])
}
