package import Marts
package import Money
internal import SQLite
internal import ShopMarts

/// Reads advertising's history from the marts sales, traffic, leads and advertising, all in one snapshot. The module's
/// only SQL. Calls block.
///
/// Who is who is known by tokens only: a visitor signed in as a user, the user is a customer's or a company's, the
/// customer or company ordered; a lead has a customer's e-mail token or a company's name.
package struct AdvertisingReader {
  private let reader: MartReader
  private static let attached = ["traffic", "leads", "advertising"]
  package static let marts = ["sales"] + attached

  /// `marts`: the folder of all marts. Throws `.missing` for one that was not built yet.
  package init(marts: String) throws(MartError) {
    reader = try MartReader(
      MartDirectory(marts: marts, name: "sales"),
      attaching: Self.attached.map { MartDirectory(marts: marts, name: $0) })
  }

  /// Throws `AdvertisingError` when tokens of the marts cannot be joined, and errors of SQLite.
  package func read(_ query: AdvertisingQuery) throws -> AdvertisingHistory {
    try reader.snapshot { database in
      try Self.requireOneKeyVersion(database)
      var build = try HistoryBuilder(database, query)
      try build.readSpend()
      try build.readSessions()
      try build.readLeads()
      try build.readOrders()
      return build.history(positions: try Self.positions(database))
    }
  }

  /// What was spent and what came within some days, by row, whatever weeks they lie in; for a review.
  package func readDays(_ days: ClosedRange<CivilDate>, _ query: AdvertisingQuery) throws -> AdvertisingHistory {
    var query = query
    query.days = days
    return try read(query)
  }

  /// Channels that have only spend or only visits in the last ninety days of visits, as sentences.
  package func channelGaps() throws -> [String] {
    try reader.snapshot { database in
      guard let last = try database.integer("SELECT max(day) FROM traffic.sessions") else { return [] }
      func sums(_ table: String, _ sum: String, _ filter: String) throws -> [String: Int64] {
        let rows = try database.rows(
          """
          SELECT coalesce(c.name, 'unknown'), \(sum) FROM \(table) t LEFT JOIN advertising.channels c ON c.id = t.channel
          WHERE \(filter) GROUP BY 1
          """, [.integer(last - 90)]
        ) { ($0.text(0), $0.int64(1)) }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
      }
      var visits = try sums(
        "traffic.sessions", "count(*)", "t.day > ?1 AND t.bot = 0 AND t.requests > t.health_requests")
      // No web server sees these.
      let leads = try sums("leads.leads", "count(*)", "t.channel IS NOT NULL AND t.created_at > ?1 * 86400000")
      for channel in AdvertisingHistory.offlineChannels { visits[channel, default: 0] += leads[channel, default: 0] }
      return ChannelGaps.notes(
        spend: try sums("advertising.spend_days", "sum(t.amount_minor)", "t.day > ?1"), visitors: visits)
    }
  }

  /// Recorded recommendations, newest first.
  package func recommendations() throws -> [RecordedPlan] {
    try reader.snapshot { database in
      try database.rows(
        """
        SELECT epoch, number, decided_at, by_role, period, first_day, last_day, currency, total_minor,
          expected_return_minor, low_minor, high_minor, warning
        FROM advertising.recommendations ORDER BY decided_at DESC, epoch DESC, number DESC
        """
      ) { row in
        RecordedPlan(
          epoch: row.int64(0), number: row.int64(1), decidedAt: Timestamp(millis: row.int64(2)), by: row.text(3),
          period: row.text(4), first: CivilDate(daysSinceEpoch: Int32(clamping: row.int64(5))),
          last: CivilDate(daysSinceEpoch: Int32(clamping: row.int64(6))), currency: row.text(7),
          totalMinor: row.int64(8), expectedReturnMinor: row.int64(9), lowMinor: row.int64(10),
          highMinor: row.int64(11), warning: row.text(12), rows: [])
      }.map { plan in
        var plan = plan
        plan.rows = try database.rows(
          """
          SELECT market, channel, amount_minor, expected_return_minor, low_minor, high_minor
          FROM advertising.recommendation_rows WHERE epoch = ?1 AND number = ?2 ORDER BY market, channel
          """, [.integer(plan.epoch), .integer(plan.number)]
        ) {
          RecordedPlan.Row(
            key: AdvertisingHistory.RowKey(market: $0.text(0), channel: $0.text(1)), amountMinor: $0.int64(2),
            expectedReturnMinor: $0.int64(3), lowMinor: $0.int64(4), highMinor: $0.int64(5))
        }
        return plan
      }
    }
  }

  /// Base units for one unit of a currency by the newest rate up to a day; nil: there is none.
  package func newestRate(of currency: Currency, base: Currency, until day: CivilDate) throws -> Double? {
    if currency == base { return 1 }
    return try reader.snapshot { database in
      try database.first(
        """
        SELECT rate_unscaled, rate_scale FROM main.exchange_rates r WHERE currency = ?1 AND day <= ?2
        ORDER BY day DESC, \(SalesMart.orderOfRates) LIMIT 1
        """, [.text(currency.code), .integer(Int64(day.daysSinceEpoch))]
      ) { row in
        let scale = Double(powerOfTen(Int(clamping: row.int64(1))) ?? 1)
        return Double(row.int64(0)) / scale
      }
    }
  }

  /// Tokens of two key versions never match, so joined figures would silently be zero.
  private static func requireOneKeyVersion(_ database: Database) throws {
    var versions: [String: String] = [:]
    for mart in marts {
      let schema = mart == "sales" ? "main" : mart
      versions[mart] = try database.string(
        "SELECT value FROM \(schema).millrace_identity WHERE part = 'keys.tokenVersion'")
    }
    guard Set(versions.values).count > 1 else { return }
    throw AdvertisingError(
      .badInput, "the marts' tokens were made with different key versions",
      hint: "rebuild the marts so that all have the same key version")
  }

  private static func positions(_ database: Database) throws -> [AdvertisingHistory.Position] {
    try marts.flatMap { mart in
      try database.rows(
        """
        SELECT topic, partition, next_offset FROM \(mart == "sales" ? "main" : mart).millrace_positions
        ORDER BY topic, partition
        """
      ) {
        AdvertisingHistory.Position(
          mart: mart, topic: $0.text(0), partition: Int32(clamping: $0.int64(1)), nextOffset: $0.int64(2))
      }
    }
  }
}
