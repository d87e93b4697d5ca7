internal import Reports
internal import SQLite

/// advertising-shares: the naive split of a budget by each country's share of human traffic.
enum AdvertisingShares {
  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let window = request.window
    let found = try marts.traffic.rows(
      """
      SELECT country, sum(requests - health_requests) FROM sessions
      WHERE day BETWEEN ?1 AND ?2 AND bot = 0 AND country <> ''
      GROUP BY country HAVING sum(requests - health_requests) > 0
      """, [.integer(window.firstDay), .integer(window.lastDay)]
    ) { (country: $0.text(0), requests: $0.int64(1)) }.sorted {
      ($1.requests, $0.country) < ($0.requests, $1.country)
    }
    let shares = basisPoints(found)
    let rows = found.map { entry -> [ReportCell] in
      [.text(entry.country), .integer(entry.requests), .integer(shares[entry.country] ?? 0)]
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("country", .text), ReportColumn("requests", .count), ReportColumn("share_bp", .basisPoints),
        ], rows: rows))
  }

  /// Parts of 10,000 that add up: the largest remainders get what rounding down leaves; of equal ones the first code.
  static func basisPoints(_ requests: [(country: String, requests: Int64)]) -> [String: Int64] {
    let whole = requests.reduce(Int128(0)) { $0 + Int128($1.requests) }
    guard whole > 0 else { return [:] }
    var shares: [String: Int64] = [:]
    var remainders: [(country: String, remainder: Int128)] = []
    var left: Int64 = 10_000
    for entry in requests {
      let (share, remainder) = (Int128(entry.requests) * 10_000).quotientAndRemainder(dividingBy: whole)
      shares[entry.country] = Int64(share)
      left -= Int64(share)
      remainders.append((entry.country, remainder))
    }
    remainders.sort { ($1.remainder, $0.country) < ($0.remainder, $1.country) }
    for entry in remainders.prefix(Int(left)) { shares[entry.country, default: 0] += 1 }
    return shares
  }
}
