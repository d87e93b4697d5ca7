internal import Money
internal import Reports
internal import SQLite

/// utm-words: what landings are tagged with and nobody knows; their visits have the channel "unknown" until the words
/// are mapped.
enum UTMWords {
  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let window = request.window
    let found = try marts.traffic.rows(
      """
      SELECT words, sum(requests) AS requests, min(day), max(day) FROM utm_words WHERE day BETWEEN ?1 AND ?2
      GROUP BY words ORDER BY requests DESC, words
      """, [.integer(window.firstDay), .integer(window.lastDay)]
    ) { row -> [ReportCell] in
      func date(_ column: Int32) -> ReportCell {
        .text(CivilDate(daysSinceEpoch: Int32(clamping: row.int64(column))).text)
      }
      return [.text(row.text(0)), .integer(row.int64(1)), date(2), date(3)]
    }
    var content = ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("source_medium", .text), ReportColumn("requests", .count), ReportColumn("first_date", .text),
          ReportColumn("last_date", .text),
        ], rows: found))
    if !found.isEmpty {
      content.notes.append(
        "say what they mean under channels: in millrace.yaml, e.g. \"spring / qr\": display; then millrace replay traffic"
      )
    }
    return content
  }
}
