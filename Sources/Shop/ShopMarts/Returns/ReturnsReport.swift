internal import Money
package import Reports
internal import SQLite

extension ReportDefinition {
  /// returns: what came back per month and reason.
  package static let returns = ReportDefinition(
    name: "returns", meaning: "what customers sent back per month and reason, and what they got for it",
    marts: ["returns"], options: [.from, .to], window: .months(12),
    newestEvent: NewestEvent(mart: "returns", millis: "SELECT max(returned_at) FROM returns"),
    needs: ReportNeeds(.returns)
  ) { question in
    let window = question.request.window
    let rows = try question.marts.database("returns").rows(
      """
      SELECT strftime('%Y-%m', returned_at / 1000, 'unixepoch') AS month, reason, currency, count(*), sum(quantity),
        sum(refund_minor)
      FROM returns WHERE returned_at >= ?1 AND returned_at < ?2
      GROUP BY month, reason, currency ORDER BY month, reason, currency
      """,
      [
        .integer(window.first.startOfDay.millis), .integer(window.last.adding(days: 1).startOfDay.millis),
      ]
    ) { row -> [ReportCell] in
      (0..<3).map { .text(row.text($0)) } + (3..<6).map { .integer(row.int64($0)) }
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("month", .text), ReportColumn("reason", .text), ReportColumn("currency", .text),
          ReportColumn("returns", .count), ReportColumn("units", .count), ReportColumn("refund_minor", .money),
        ], rows: rows))
  }
}
