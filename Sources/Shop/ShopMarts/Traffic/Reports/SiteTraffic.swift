internal import Money
internal import Reports
internal import SQLite

/// site-traffic: people's requests, visitors, sessions and sign-ins per day, country and channel; programs apart.
enum SiteTraffic {
  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let window = request.window
    let found = try marts.traffic.rows(
      """
      SELECT s.day, s.country, coalesce(c.name, 'unknown') AS channel,
        sum(CASE s.bot WHEN 0 THEN s.requests ELSE 0 END), sum(CASE s.bot WHEN 0 THEN s.bytes ELSE 0 END),
        count(DISTINCT CASE s.bot WHEN 0 THEN s.visitor_id END), sum(s.bot = 0),
        sum(CASE s.bot WHEN 0 THEN s.sign_ins ELSE 0 END), sum(CASE s.bot WHEN 0 THEN 0 ELSE s.requests END)
      FROM sessions s LEFT JOIN channels c ON c.id = s.channel
      WHERE s.day BETWEEN ?1 AND ?2 GROUP BY s.day, s.country, channel ORDER BY s.day, s.country, channel
      """, [.integer(window.firstDay), .integer(window.lastDay)]
    ) { row -> [ReportCell] in
      [
        .text(CivilDate(daysSinceEpoch: Int32(clamping: row.int64(0))).text), .text(row.text(1)), .text(row.text(2)),
      ] + (3..<9).map { .integer(row.int64($0)) }
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("date", .text), ReportColumn("country", .text), ReportColumn("channel", .text),
          ReportColumn("requests", .count), ReportColumn("bytes", .count), ReportColumn("visitors", .count),
          ReportColumn("sessions", .count), ReportColumn("sign_ins", .count), ReportColumn("bot_requests", .count),
        ], rows: found))
  }
}
