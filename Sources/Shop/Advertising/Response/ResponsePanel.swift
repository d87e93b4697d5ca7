/// What is known of one market × channel in one period (a week).
package struct ResponseObservation: Sendable, Equatable {
  /// Minor units of the plan's currency, not negative.
  package var spendMinor: Int64
  package var visitors: Int64
  /// Conversions credited to the row; fractions come from shared credit.
  package var conversions: Double
  /// Return of those conversions in minor units.
  package var revenueMinor: Int64

  package init(spendMinor: Int64, visitors: Int64, conversions: Double, revenueMinor: Int64) {
    self.spendMinor = spendMinor
    self.visitors = visitors
    self.conversions = conversions
    self.revenueMinor = revenueMinor
  }
}

/// Weekly history of every market × channel: what response curves are fitted to.
package struct ResponsePanel: Sendable, Equatable {
  package struct Row: Sendable, Equatable, Hashable {
    package var market: Int
    package var channel: Int

    package init(market: Int, channel: Int) {
      self.market = market
      self.channel = channel
    }
  }

  /// In any order, each pair once. Markets and channels are small numbers of the caller's.
  package let rows: [Row]
  /// Weeks of history, oldest first, without gaps.
  package let weeks: Int
  /// Row-major: row × weeks + week.
  package let observations: [ResponseObservation]

  /// Throws for counts that do not fit together, doubled rows, and numbers that no history can hold.
  package init(rows: [Row], weeks: Int, observations: [ResponseObservation]) throws(AdvertisingError) {
    guard rows.count <= AdvertisingLimits.rows, weeks >= 0, weeks <= AdvertisingLimits.weeks else {
      throw AdvertisingError(
        .badInput, "\(rows.count) rows over \(weeks) weeks",
        hint: "at most \(AdvertisingLimits.rows) rows over \(AdvertisingLimits.weeks) weeks")
    }
    guard observations.count == rows.count * weeks else {
      throw AdvertisingError(
        .badInput, "\(observations.count) observations for \(rows.count) rows × \(weeks) weeks",
        hint: "give one observation for each row and week, zeros included")
    }
    guard Set(rows).count == rows.count, rows.allSatisfy({ $0.market >= 0 && $0.channel >= 0 }) else {
      throw AdvertisingError(.badInput, "a row stands twice or has a negative number", hint: "name each row once")
    }
    let limit = Double(AdvertisingLimits.totalMinor)
    for observation in observations {
      guard observation.spendMinor >= 0, observation.spendMinor <= AdvertisingLimits.totalMinor,
        observation.visitors >= 0, observation.visitors <= AdvertisingLimits.totalMinor,
        observation.conversions >= 0, observation.conversions <= limit,
        observation.revenueMinor >= -AdvertisingLimits.totalMinor,
        observation.revenueMinor <= AdvertisingLimits.totalMinor
      else {
        throw AdvertisingError(
          .badInput, "an observation is negative or beyond 2^50",
          hint: "spend, visitors and conversions are counts and amounts of one week, not below zero")
      }
    }
    self.rows = rows
    self.weeks = weeks
    self.observations = observations
  }

  package func observation(_ row: Int, _ week: Int) -> ResponseObservation { observations[row * weeks + week] }

  /// The same rows, only weeks `range` of them.
  package func weeks(_ range: Range<Int>) -> ResponsePanel {
    let inside = range.clamped(to: 0..<weeks)
    let kept = rows.indices.flatMap { row in
      observations[row * weeks + inside.lowerBound..<row * weeks + inside.upperBound]
    }
    return ResponsePanel(trusted: rows, weeks: inside.count, observations: kept)
  }

  private init(trusted rows: [Row], weeks: Int, observations: [ResponseObservation]) {
    self.rows = rows
    self.weeks = weeks
    self.observations = observations
  }
}
