package import Entity
internal import Events
package import Marts
internal import Money
package import Projections
internal import SQLite

/// Recommended budgets, as they were when they were made. Decisions never change; one that comes again is the same.
package final class DecisionsProjection: ShopProjection {
  package static let name = "decisions"
  package static let version = 1
  package static let topics = [Topic.decisions]
  package static let personalFields: PersonalFields = []

  private struct Recorded {
    var epoch: Int64
    var number: Int64
    var decidedAt: Int64
    var decision: Decision
    var recommendation: Recommendation
  }
  private var pending: [Recorded] = []

  package init() {}

  package var pendingCount: Int { pending.count }
  package func discard() { pending.removeAll() }

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .decision(let decision) = input.event.payload, decision.kind == Decision.recommendation else { return }
    guard let recommendation = decision.recommendation else {
      throw QuarantineReason("event.incomplete", "decision.recommendation")
    }
    pending.append(
      Recorded(
        epoch: Int64(clamping: input.event.epoch), number: Int64(clamping: input.event.position.record),
        decidedAt: input.event.occurredAt.millis, decision: decision, recommendation: recommendation))
  }

  package func flush(into transaction: MartTransaction) throws {
    for recorded in pending { try write(recorded, into: transaction) }
    pending.removeAll(keepingCapacity: true)
  }

  private func write(_ recorded: Recorded, into transaction: MartTransaction) throws {
    let id: [Value] = [.integer(recorded.epoch), .integer(recorded.number)]
    let plan = recorded.recommendation
    try run(
      """
      INSERT OR REPLACE INTO recommendations (epoch, number, decided_at, by_role, period, first_day, last_day, currency,
        total_minor, expected_return_minor, low_minor, high_minor, warning)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """,
      id + [
        .integer(recorded.decidedAt), .text(recorded.decision.by), .text(plan.period),
        .integer(Int64(plan.firstDate.daysSinceEpoch)), .integer(Int64(plan.lastDate.daysSinceEpoch)),
        .text(plan.currency), .integer(plan.totalMinor), .integer(plan.expectedReturnMinor), .integer(plan.lowMinor),
        .integer(plan.highMinor), .text(plan.warning),
      ], transaction)
    for row in plan.rows {
      try run(
        """
        INSERT OR REPLACE INTO recommendation_rows (epoch, number, market, channel, amount_minor, expected_return_minor,
          low_minor, high_minor, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """,
        id + [
          .text(row.market), .text(row.channel), .integer(row.amountMinor), .integer(row.expectedReturnMinor),
          .integer(row.lowMinor), .integer(row.highMinor), .text(row.reason),
        ], transaction)
    }
    for input in recorded.decision.inputs {
      try run(
        """
        INSERT OR REPLACE INTO recommendation_inputs (epoch, number, topic, partition, next_offset)
        VALUES (?1, ?2, ?3, ?4, ?5)
        """,
        id + [.text(input.topic), .integer(Int64(input.partition)), .integer(input.nextOffset)], transaction)
    }
  }

  private func run(_ sql: String, _ values: [Value], _ transaction: MartTransaction) throws {
    let statement = try transaction.statement(sql)
    statement.bindAll(values)
    try statement.run()
  }
}

extension DecisionsProjection {
  package static var tables: [TableDefinition] { [recommendations, rows, inputs] }
  package static var views: [ViewDefinition] { [details] }

  private static let id: [TableDefinition.Column] = [
    .init("epoch", "INTEGER NOT NULL", "Epoch of the source \"operator\"."),
    .init("number", "INTEGER NOT NULL", "Number of the decision, from 1."),
  ]

  private static let recommendations = TableDefinition(
    "recommendations", "Recommended advertising budgets.",
    columns: id + [
      .init("decided_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
      .init("by_role", "TEXT NOT NULL", "In what role somebody asked for it."),
      .init("period", "TEXT NOT NULL", "The period's name: \"2026-11\", \"2026-Q4\", \"2026-W45\"."),
      .init("first_day", "INTEGER NOT NULL", "First day of the period, days since 1970-01-01."),
      .init("last_day", "INTEGER NOT NULL", "Last day of the period."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 currency of all amounts."),
      .init("total_minor", "INTEGER NOT NULL", "Budget in minor units."),
      .init("expected_return_minor", "INTEGER NOT NULL", "Expected return of all rows, minor units."),
      .init("low_minor", "INTEGER NOT NULL", "Lower end of its interval."),
      .init("high_minor", "INTEGER NOT NULL", "Upper end of its interval."),
      .init("warning", "TEXT NOT NULL", "Why it should not be relied on; empty: nothing speaks against it."),
    ],
    constraints: ["PRIMARY KEY (epoch, number)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM recommendations ORDER BY epoch, number")

  private static let rows = TableDefinition(
    "recommendation_rows", "Amounts of a recommendation.",
    columns: id + [
      .init("market", "TEXT NOT NULL", "ISO country."), .init("channel", "TEXT NOT NULL", "Marketing channel."),
      .init("amount_minor", "INTEGER NOT NULL", "Minor units."),
      .init("expected_return_minor", "INTEGER NOT NULL", "Minor units."),
      .init("low_minor", "INTEGER NOT NULL", "Lower end of the expected return's interval."),
      .init("high_minor", "INTEGER NOT NULL", "Upper end of the expected return's interval."),
      .init("reason", "TEXT NOT NULL", "Why this much."),
    ],
    constraints: ["PRIMARY KEY (epoch, number, market, channel)"], withoutRowID: true,
    references: [.init("epoch", "number", to: "recommendations")],
    canonicalDump: "SELECT * FROM recommendation_rows ORDER BY epoch, number, market, channel")

  private static let inputs = TableDefinition(
    "recommendation_inputs", "Where in the log the marts stood that a recommendation was worked out from.",
    columns: id + [
      .init("topic", "TEXT NOT NULL", "Topic."), .init("partition", "INTEGER NOT NULL", "Partition."),
      .init("next_offset", "INTEGER NOT NULL", "Next record that had not been absorbed."),
    ],
    constraints: ["PRIMARY KEY (epoch, number, topic, partition)"], withoutRowID: true,
    references: [.init("epoch", "number", to: "recommendations")],
    canonicalDump: "SELECT * FROM recommendation_inputs ORDER BY epoch, number, topic, partition")

  private static let details = ViewDefinition(
    "recommendation_details", "Recommended amounts with ISO dates and decimal money.",
    select: """
      SELECT \(SQLText.isoMoment("d.decided_at")) AS decided_at, d.by_role, d.period,
        \(SQLText.isoDate("d.first_day")) AS first_date, \(SQLText.isoDate("d.last_day")) AS last_date, r.market,
        r.channel, \(SQLText.decimal("r.amount_minor", currency: "d.currency")) AS amount,
        \(SQLText.decimal("r.expected_return_minor", currency: "d.currency")) AS expected_return,
        \(SQLText.decimal("r.low_minor", currency: "d.currency")) AS low,
        \(SQLText.decimal("r.high_minor", currency: "d.currency")) AS high, d.currency, r.reason, d.warning
      FROM recommendations d JOIN recommendation_rows r USING (epoch, number)
      """,
    columns: [
      ("decided_at", "ISO moment, UTC."), ("by_role", "In what role somebody asked for it."),
      ("period", "The period's name."), ("first_date", "First day of the period."), ("last_date", "Its last day."),
      ("market", "ISO country."), ("channel", "Marketing channel."), ("amount", "Recommended amount."),
      ("expected_return", "Expected return."), ("low", "Lower end of its interval."),
      ("high", "Upper end of its interval."), ("currency", "ISO 4217 currency."), ("reason", "Why this much."),
      ("warning", "Why the whole should not be relied on."),
    ])
}
