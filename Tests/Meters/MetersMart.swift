internal import Entity
internal import Marts
internal import Pipeline
package import Projections
internal import Reports
internal import SQLite

extension MartDefinition {
  /// How much power each household used.
  package static let meters = MartDefinition(
    name: "meters", meaning: "Power that households used.",
    sources: [MartSource("meters", topics: [MeterTopic.households, MeterTopic.readings])],
    projections: { [MetersProjection()] }, reports: [.usage])
}

extension ReportDefinition {
  static let usage = ReportDefinition(
    name: "usage", meaning: "power used by each household", marts: ["meters"], window: nil,
    newestEvent: NewestEvent(mart: "meters", millis: "SELECT NULL")
  ) { question in
    let rows = try question.marts.database("meters").rows(
      "SELECT household, sum(watt_hours) FROM readings GROUP BY household ORDER BY household"
    ) { [ReportCell.text($0.text(0)), .integer($0.int64(1))] }
    return ReportContent(
      table: ReportTable(columns: [ReportColumn("household", .text), ReportColumn("watt_hours", .count)], rows: rows))
  }
}

/// Households and readings in their newest states.
final class MetersProjection: DomainProjection, RowsProjection {
  static let name = "meters"
  static let version = 2
  static let topics = [MeterTopic.households, MeterTopic.readings]
  static let personalFields: PersonalFields = [.ownerEmail]
  static let views: [ViewDefinition] = []
  static let tables =
    [
      TableDefinition.ofRows(
        "households", "Who has a meter.", number: ("household_number", "the household"),
        columns: [.init("email", "BLOB NOT NULL", "Token of the address.")]),
      TableDefinition.ofRows(
        "readings", "What meters showed.", number: ("reading_number", "the reading"),
        columns: [
          .init("household", "TEXT NOT NULL", "Whose meter."), .init("day", "TEXT NOT NULL", "The day."),
          .init("watt_hours", "INTEGER NOT NULL", "Power used on that day."),
        ]),
    ] + VersionedRows.bookkeeping("meter", of: "a household or a reading", entities: ["household", "reading"])

  var rows = VersionedRows(
    prefix: "meter",
    tables: [
      VersionedTable(entity: "household", table: "households", number: "household_number", values: ["email"]),
      VersionedTable(
        entity: "reading", table: "readings", number: "reading_number", values: ["household", "day", "watt_hours"]),
    ])

  func fold(_ input: DomainEvent<Meter<PersonToken>>) {
    let (table, key, values): (Int, RowKey<PersonToken>, [RowValue]) =
      switch input.content {
      case .household(let row): (0, RowKey(.text(row.id)), [.token(row.email)])
      case .reading(let row): (1, RowKey(row.id), [.text(row.household), .text(row.day), .integer(row.wattHours)])
      }
    rows.fold(
      VersionedRows.Key(table: table, name: RowName(system: input.envelope.source, key: input.key ?? key)),
      VersionedRows.State(
        version: input.envelope.version, values: input.envelope.operation == .delete ? nil : values,
        flags: input.envelope.flags))
  }
}
