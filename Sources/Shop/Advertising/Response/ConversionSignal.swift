internal import Foundation

/// Conversions of each row and week, steadied by visitors.
///
/// Forty conversions a week scatter by 16 % by chance alone, the two thousand visitors behind them by 2 %. So the
/// weeks' profile is taken from both: conversions as they are, and visitors times the rate at which they convert, k = V
/// · ρ_row · q_week · u^−δ, weighted by their precision. δ says how much worse the further visitors of a higher spend u
/// convert; it and the weeks' q are estimated for the whole company (Poisson quasi-likelihood), so that neither a
/// holiday nor diluted traffic is taken for response. Each row's sum is that of its conversions.
struct ConversionSignal: Sendable {
  /// Row-major: row × weeks + week.
  let counts: [Double]
  /// By row: variance of a count over its mean, from chance alone.
  let chance: [Double]
  /// δ above.
  let dilution: Double

  /// Prior of δ: extra visitors convert a little worse, in some companies not at all.
  private static let dilutionMean = 0.05
  private static let dilutionError = 0.1
  /// Prior precision of q: weeks differ by about 5 %.
  private static let weekPrecision = 400.0
  /// Below this level of spend visitors are mostly not the spend's, and convert at a rate of their own.
  private static let lowestLevel = 0.1

  init(_ panel: ResponsePanel, references: [Double], ignoresSpend: Bool) {
    let rows = panel.rows.count
    let weeks = panel.weeks
    var level = [Double](repeating: 1, count: rows * weeks)
    var usable = [Bool](repeating: true, count: rows * weeks)
    if !ignoresSpend {
      for row in 0..<rows {
        for week in 0..<weeks {
          let place = row * weeks + week
          level[place] = Double(panel.observations[place].spendMinor) / max(references[row], 1e-9)
          usable[place] = level[place] >= Self.lowestLevel
        }
      }
    }
    let logLevel = level.map { log(max($0, Self.lowestLevel)) }
    let seen = panel.observations
    var delta = Self.dilutionMean
    var week = [Double](repeating: 1, count: weeks)
    var rate = [Double](repeating: 0, count: rows)
    for _ in 0..<4 {
      var score = (Self.dilutionMean - delta) / (Self.dilutionError * Self.dilutionError)
      var information = 1 / (Self.dilutionError * Self.dilutionError)
      var converted = [Double](repeating: Self.weekPrecision, count: weeks)
      var expected = converted
      for row in 0..<rows {
        var sum = 0.0
        var visitors = 0.0
        for t in 0..<weeks where usable[row * weeks + t] {
          let place = row * weeks + t
          sum += seen[place].conversions
          visitors += Double(seen[place].visitors) * week[t] * exp(-delta * logLevel[place])
        }
        rate[row] = visitors > 0 ? sum / visitors : 0
        // Newton's step for δ with each row's rate profiled out.
        var weighted = 0.0
        var squares = 0.0
        for t in 0..<weeks where usable[row * weeks + t] {
          let place = row * weeks + t
          let mean = Double(seen[place].visitors) * week[t] * exp(-delta * logLevel[place]) * rate[row]
          score -= (seen[place].conversions - mean) * logLevel[place]
          weighted += mean * logLevel[place]
          squares += mean * logLevel[place] * logLevel[place]
          converted[t] += seen[place].conversions
          expected[t] += mean / week[t]
        }
        information += squares - (sum > 0 ? weighted * weighted / sum : 0)
      }
      delta = min(max(delta + score / information, -0.2), 0.6)
      for t in 0..<weeks { week[t] = converted[t] / expected[t] }
    }
    dilution = delta
    var counts = seen.map(\.conversions)
    var chance = [Double](repeating: 1, count: rows)
    for row in 0..<rows where rate[row] > 0 && rate[row] < 1 {
      // Inverse variances: a conversion's chance is 1 per mean, a visitor's is the rate.
      let share = 1 / (1 + rate[row])
      var before = 0.0
      var after = 0.0
      for t in 0..<weeks {
        let place = row * weeks + t
        before += counts[place]
        if usable[place] {
          let implied = Double(seen[place].visitors) * week[t] * exp(-delta * logLevel[place]) * rate[row]
          counts[place] = share * implied + (1 - share) * counts[place]
        }
        after += counts[place]
      }
      if after > 0 { for t in 0..<weeks { counts[row * weeks + t] *= before / after } }
      chance[row] = rate[row] / (1 + rate[row])
    }
    self.counts = counts
    self.chance = chance
  }
}
