import Hashing
import Simulator

@testable import Advertising

/// Inputs that several suites use.
enum Samples {
  static func paths(seed: UInt64, channels: Int, count: Int) -> [AttributionPath] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let touches = (0...Int(generator.next() % 5)).map { place in
        AttributionPath.Touch(
          channel: Int(generator.next() % UInt64(channels)),
          seconds: Int64(place) * 90_000 + Int64(generator.next() % 9_000))
      }
      let converted = generator.unit() < 0.4
      return AttributionPath(
        touches: touches, converted: converted, revenueMinor: converted ? Int64(generator.next() % 100_000) : 0)
    }
  }

  static func panel(_ world: AdvertisingWorld) throws -> ResponsePanel {
    try ResponsePanel(
      rows: world.rows.map { .init(market: $0.market, channel: $0.channel) }, weeks: world.plan.weeks,
      observations: world.observations.map {
        .init(
          spendMinor: $0.spendMinor, visitors: $0.visitors, conversions: Double($0.conversions),
          revenueMinor: $0.revenueMinor)
      })
  }

  static func company(_ world: AdvertisingWorld) throws -> HiddenCompany {
    HiddenCompany(
      seed: world.plan.seed, family: world.family.rawValue, panel: try panel(world), totalMinor: world.nextTotalMinor,
      horizonWeeks: world.plan.horizonWeeks, oracleMinor: world.oracle(totalMinor: world.nextTotalMinor).spendMinor,
      expectedReturn: { world.expectedReturn(spend: $0) })
  }

  /// Rows whose weekly conversions are exactly what `response` says, level by level; 2 % of visitors convert, orders are worth
  /// 50.00.
  static func exactPanel(
    rows: Int, channels: Int, weeks: Int, spend: (Int, Int) -> Int64, response: (Int, Int, Double) -> Double
  ) throws -> ResponsePanel {
    var observations: [ResponseObservation] = []
    for row in 0..<rows {
      for week in 0..<weeks {
        let amount = spend(row, week)
        let conversions = response(row, week, Double(amount))
        observations.append(
          .init(
            spendMinor: amount, visitors: Int64((conversions * 50).rounded()), conversions: conversions,
            revenueMinor: Int64((conversions * 5_000).rounded())))
      }
    }
    return try ResponsePanel(
      rows: (0..<rows).map { .init(market: $0 / channels, channel: $0 % channels) }, weeks: weeks,
      observations: observations)
  }

  /// A problem with curves of random knots, some with a threshold, some with bounds; always feasible.
  static func problem(seed: UInt64, rows: Int, total: Int64, bounded: Bool = true) throws -> AllocationProblem {
    var generator = SplitMix64(seed: seed, stream: 77)
    return try AllocationProblem(
      rows: (0..<rows).map { row in
        let threshold = generator.unit() < 0.5 ? generator.unit() * 0.4 : 0
        let scale = 0.1 + generator.unit() * 0.6
        let height = 0.5 + generator.unit() * 3
        let spend = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1].map { $0 * Double(total) }
        let value = spend.map { amount -> Double in
          let level = max(0, amount / Double(total) - threshold)
          return height * Double(total) * level / (scale + level)
        }
        let minimum = bounded && generator.unit() < 0.3 ? Int64(generator.unit() * Double(total) / Double(rows)) : 0
        let maximum = bounded && row > 0 && generator.unit() < 0.3 ? max(minimum, total / 2) : total
        return .init(curve: ResponseCurve(spend: spend, value: value), minimum: minimum, maximum: maximum)
      }, totalMinor: total)
  }
}
