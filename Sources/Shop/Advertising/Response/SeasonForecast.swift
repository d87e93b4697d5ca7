internal import Foundation

/// Demand of one market by week, and what is expected of it in the weeks to come.
package struct SeasonForecast: Sendable, Equatable {
  package let market: Int
  /// Factor of each week of history; mean 1.
  package let history: [Double]
  /// Expected mean factor of the period to come.
  package let factor: Double
  /// Standard error of its logarithm.
  package let logError: Double

  /// From the factors of history: the last four weeks carry on, pulled towards the average; with a year or more, the
  /// same weeks of last year have their say. The error is what such forecasts missed by, at least 5 %.
  init(market: Int, history: [Double], horizonWeeks: Int) {
    self.market = market
    self.history = history
    let logs = history.map { log(max($0, 1e-6)) }
    let weeks = logs.count
    guard weeks > 0 else {
      factor = 1
      logError = 0.3
      return
    }
    let recent = SeasonForecast.mean(logs.suffix(SeasonForecast.recentWeeks))
    if weeks >= SeasonForecast.year {
      let start = weeks - SeasonForecast.year
      let sameWeeks = SeasonForecast.mean((-1...horizonWeeks).map { logs[min(max(start + $0, 0), weeks - 1)] })
      let before = (0..<SeasonForecast.recentWeeks).map { start - 1 - $0 }.filter { $0 >= 0 }.map { logs[$0] }
      // With more than a year, how this year stands against the last one at the same time counts as well.
      let shift = before.count == SeasonForecast.recentWeeks ? 0.5 * (recent - SeasonForecast.mean(before[...])) : 0
      factor = exp(0.7 * sameWeeks + 0.3 * recent + shift * 0.7)
      logError = 0.06
    } else {
      factor = exp(0.75 * recent)
      logError = 0.07 + 0.01 * Double(min(horizonWeeks, 12))
    }
  }

  private static let recentWeeks = 4
  private static let year = 52

  private static func mean(_ values: some Collection<Double>) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
