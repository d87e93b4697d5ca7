internal import Foundation

/// A company whose response to advertising is known: curves, seasons, interplay and base that no allocator gets to see,
/// and the weekly tables that it does get to see. Amounts are minor units; a week is one column of every table.
package struct AdvertisingWorld: Sendable {
  /// What every curve of one company looks like; the seed decides.
  package enum Family: String, CaseIterable, Sendable {
    case hill, exponential, logarithmic, threshold
  }

  /// What to make.
  package struct Plan: Sendable {
    package var seed: UInt64
    /// Weeks of history.
    package var weeks: Int
    /// Weeks of the period that a budget is planned for, right after the history.
    package var horizonWeeks: Int
    /// Nil: the seed decides.
    package var family: Family?
    /// Nil: the seed decides, 2...6.
    package var markets: Int?
    /// Nil: the seed decides, 3...8.
    package var channels: Int?
    /// Times the conversions that the seed would give; below 1 for a small web log.
    package var scale: Double

    package init(
      seed: UInt64, weeks: Int, horizonWeeks: Int = 4, family: Family? = nil, markets: Int? = nil,
      channels: Int? = nil, scale: Double = 1
    ) {
      self.seed = seed
      self.weeks = max(1, min(weeks, 520))
      self.horizonWeeks = max(1, min(horizonWeeks, 52))
      self.family = family
      self.markets = markets.map { max(1, min($0, 60)) }
      self.channels = channels.map { max(1, min($0, 12)) }
      self.scale = scale
    }
  }

  /// One market × channel as it truly is.
  package struct Row: Sendable {
    package var market: Int
    package var channel: Int
    package var curve: TrueCurve
    /// Conversions a week without spend, before season: people who would have come anyway.
    package var baseConversions: Double
    /// Conversions per visitor at the usual spend.
    package var conversionRate: Double
    /// How much faster visitors grow with spend than conversions do: extra visitors are worth less.
    package var dilution: Double
    package var orderValueMinor: Double
    package var usualSpendMinor: Double
    /// Other rows of the same market that lift this one: index, and the lift at their usual spend.
    package var lifts: [(row: Int, strength: Double)]
  }

  /// What a company knows of one row in one week.
  package struct Observation: Sendable, Equatable {
    package var market: Int
    package var channel: Int
    package var week: Int
    package var spendMinor: Int64
    package var visitors: Int64
    package var conversions: Int64
    package var revenueMinor: Int64
  }

  package let plan: Plan
  package let family: Family
  package let markets: Int
  package let channels: Int
  /// Row-major: market × channels + channel.
  package let rows: [Row]
  /// Demand by market and week, history and horizon; about 1 on average over a year.
  package let season: [[Double]]
  /// Row-major, then week.
  package let observations: [Observation]
  /// What the company wants to spend in the whole horizon.
  package let nextTotalMinor: Int64

  package init(_ plan: Plan) {
    var builder = AdvertisingWorldBuilder(plan)
    self = builder.build()
  }

  init(
    plan: Plan, family: Family, markets: Int, channels: Int, rows: [Row], season: [[Double]],
    observations: [Observation], nextTotalMinor: Int64
  ) {
    self.plan = plan
    self.family = family
    self.markets = markets
    self.channels = channels
    self.rows = rows
    self.season = season
    self.observations = observations
    self.nextTotalMinor = nextTotalMinor
  }
}

extension AdvertisingWorld {
  /// Expected conversions of every row in `week` when `weeklySpend` (minor units, by row) is spent, base included.
  package func expectedConversions(weeklySpend: [Double], week: Int) -> [Double] {
    rows.indices.map { index in
      let row = rows[index]
      return (row.baseConversions + row.curve.conversions(at: weeklySpend[index])) * lift(of: index, weeklySpend)
        * season[row.market][min(max(week, 0), season[row.market].count - 1)]
    }
  }

  /// The weeks that a budget is planned for.
  package var horizon: Range<Int> { plan.weeks..<plan.weeks + plan.horizonWeeks }

  /// Expected return in minor units of every row over `weeks` (nil: the horizon) when `spend` (minor units of all these
  /// weeks, by row) is spread evenly over them, base included.
  package func expectedReturn(spend: [Double], weeks: Range<Int>? = nil) -> [Double] {
    let weeks = weeks ?? horizon
    let weekly = spend.map { $0 / Double(max(weeks.count, 1)) }
    var sums = [Double](repeating: 0, count: rows.count)
    for week in weeks {
      let conversions = expectedConversions(weeklySpend: weekly, week: week)
      for index in rows.indices { sums[index] += conversions[index] * rows[index].orderValueMinor }
    }
    return sums
  }

  /// What advertising itself brings: the expected return of all rows less what would have come without any spend.
  package func incrementalReturn(spend: [Double], weeks: Range<Int>? = nil) -> Double {
    let without = expectedReturn(spend: [Double](repeating: 0, count: rows.count), weeks: weeks)
    return expectedReturn(spend: spend, weeks: weeks).reduce(0, +) - without.reduce(0, +)
  }

  /// How much the other channels of the market lift this row: 1 without any.
  func lift(of index: Int, _ weeklySpend: [Double]) -> Double {
    var lift = 1.0
    for (other, strength) in rows[index].lifts where rows[other].usualSpendMinor > 0 {
      let level = weeklySpend[other] / rows[other].usualSpendMinor
      lift += strength * 2 * level / (1 + level)
    }
    return lift
  }
}
