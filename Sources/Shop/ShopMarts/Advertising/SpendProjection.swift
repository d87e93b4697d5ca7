internal import Enrichment
package import Entity
internal import Events
package import Marts
internal import Money
package import Projections
internal import SQLite

/// What each campaign cost per day, market and channel, in its newest state.
package final class SpendProjection: ShopProjection, RowsProjection {
  package static let name = "spend"
  package static let version = 2
  package static let topics = [Topic.spend]
  package static let personalFields: PersonalFields = []

  package var rows = VersionedRows(
    prefix: "spend",
    tables: [
      VersionedTable(
        entity: "spend", table: "spend_days", number: "spend_number",
        values: ["day", "market", "channel", "campaign", "amount_minor", "currency"])
    ])

  package init() {}

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .spend(let change) = input.event.payload else { return }
    try fold(input.event, change, SpendProjection.values)
  }

  private static func values(_ row: Spend) throws(QuarantineReason) -> [RowValue] {
    guard let channel = MarketingChannel.allCases.first(where: { $0.name == row.channel }) else {
      throw QuarantineReason("row.unknownValue", "spend.channel")
    }
    return [
      .integer(Int64(row.date.daysSinceEpoch)), .text(row.market), .integer(Int64(channel.rawValue)),
      .text(row.campaign), .integer(row.amountMinor), .text(row.currency),
    ]
  }
}

extension SpendProjection {
  package static var tables: [TableDefinition] {
    [spendDays] + VersionedRows.bookkeeping("spend", of: "a row of spend", entities: ["spend"])
  }

  private static let spendDays = TableDefinition.ofRows(
    "spend_days",
    "Advertising spend per day, market, channel and campaign. What several systems tell of one of these adds up.",
    number: ("spend_number", "the row"),
    columns: [
      .init("day", "INTEGER NOT NULL", "Days since 1970-01-01."),
      .init("market", "TEXT NOT NULL", "ISO country."),
      .init("channel", "INTEGER NOT NULL", "Marketing channel, as in channels."),
      .init("campaign", "TEXT NOT NULL", "Campaign, as on the sheet; empty: none named."),
      .init("amount_minor", "INTEGER NOT NULL", "Amount in minor units of the currency."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 currency."),
    ],
    indexes: ["CREATE INDEX spend_days_by_day ON spend_days (day)"])

  package static var views: [ViewDefinition] { [.marketingChannels, spendDetails, flaggedRows] }

  private static let spendDetails = ViewDefinition(
    "spend_details", "Spend with names, ISO dates and decimal money.",
    select: """
      SELECT \(SQLText.system("s.spend_number")) AS system, \(SQLText.isoDate("s.day")) AS date, s.market, coalesce(c.name, 'unknown') AS channel, s.campaign,
        \(SQLText.decimal("s.amount_minor", currency: "s.currency")) AS amount, s.currency
      FROM spend_days s LEFT JOIN channels c ON c.id = s.channel
      """,
    columns: [
      ("system", "Source of the row."), ("date", "Day."), ("market", "ISO country."), ("channel", "Marketing channel."),
      ("campaign", "Campaign."),
      ("amount", "Decimal, in the currency."), ("currency", "ISO 4217 currency."),
    ])

  private static let flaggedRows = VersionedRows.flaggedRows(
    "spend", entities: ["spend"], of: "the row", key: "Its key: day, market, channel, campaign.")
}
