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
    let spend = SpendLevels(panel, references, ignoresSpend: ignoresSpend)
    let rates = Rates(panel, spend)
    dilution = rates.dilution
    var counts = panel.observations.map(\.conversions)
    chance = (0..<panel.rows.count).map { Self.steady($0, panel, spend, rates, &counts) }
    self.counts = counts
  }

  /// Takes a row's weeks half-way to what its visitors imply. Returns the row's chance.
  private static func steady(
    _ row: Int, _ panel: ResponsePanel, _ spend: SpendLevels, _ rates: Rates, _ counts: inout [Double]
  ) -> Double {
    let rate = rates.row[row]
    guard rate > 0 && rate < 1 else { return 1 }
    // Inverse variances: a conversion's chance is 1 per mean, a visitor's is the rate.
    let share = 1 / (1 + rate)
    let places = row * panel.weeks..<(row + 1) * panel.weeks
    var before = 0.0
    var after = 0.0
    for (week, place) in places.enumerated() {
      before += counts[place]
      if spend.isUsable[place] {
        let implied = rates.visitors(panel, spend, place, week) * rate
        counts[place] = share * implied + (1 - share) * counts[place]
      }
      after += counts[place]
    }
    if after > 0 { for place in places { counts[place] *= before / after } }
    return rate / (1 + rate)
  }

  /// Each week's spend against the row's reference, row-major.
  private struct SpendLevels {
    /// ln u.
    let logarithms: [Double]
    /// Whether the spend is high enough for the week's visitors to be its.
    let isUsable: [Bool]

    init(_ panel: ResponsePanel, _ references: [Double], ignoresSpend: Bool) {
      let weeks = panel.weeks
      var level = [Double](repeating: 1, count: panel.rows.count * weeks)
      var usable = [Bool](repeating: true, count: panel.rows.count * weeks)
      if !ignoresSpend {
        for place in level.indices {
          level[place] = Double(panel.observations[place].spendMinor) / max(references[place / weeks], 1e-9)
          usable[place] = level[place] >= lowestLevel
        }
      }
      logarithms = level.map { log(max($0, lowestLevel)) }
      isUsable = usable
    }
  }

  /// At what rates visitors convert: ρ by row, q by week, and δ.
  private struct Rates {
    private(set) var row: [Double]
    private var week: [Double]
    private(set) var dilution = dilutionMean

    init(_ panel: ResponsePanel, _ spend: SpendLevels) {
      row = [Double](repeating: 0, count: panel.rows.count)
      week = [Double](repeating: 1, count: panel.weeks)
      for _ in 0..<4 { improve(panel, spend) }
    }

    /// V · q · u^−δ: what a row's rate multiplies.
    func visitors(_ panel: ResponsePanel, _ spend: SpendLevels, _ place: Int, _ t: Int) -> Double {
      Double(panel.observations[place].visitors) * week[t] * exp(-dilution * spend.logarithms[place])
    }

    /// One step of the quasi-likelihood's ascent.
    private mutating func improve(_ panel: ResponsePanel, _ spend: SpendLevels) {
      let seen = panel.observations
      var score = (dilutionMean - dilution) / (dilutionError * dilutionError)
      var information = 1 / (dilutionError * dilutionError)
      var converted = [Double](repeating: weekPrecision, count: panel.weeks)
      var expected = converted
      for number in row.indices {
        let first = number * panel.weeks
        let usable = (0..<panel.weeks).filter { spend.isUsable[first + $0] }
        var sum = 0.0
        var all = 0.0
        for t in usable {
          sum += seen[first + t].conversions
          all += visitors(panel, spend, first + t, t)
        }
        row[number] = all > 0 ? sum / all : 0
        // Newton's step for δ with each row's rate profiled out.
        var weighted = 0.0
        var squares = 0.0
        for t in usable {
          let logarithm = spend.logarithms[first + t]
          let mean = visitors(panel, spend, first + t, t) * row[number]
          score -= (seen[first + t].conversions - mean) * logarithm
          weighted += mean * logarithm
          squares += mean * logarithm * logarithm
          converted[t] += seen[first + t].conversions
          expected[t] += mean / week[t]
        }
        information += squares - (sum > 0 ? weighted * weighted / sum : 0)
      }
      dilution = min(max(dilution + score / information, -0.2), 0.6)
      for t in week.indices { week[t] = converted[t] / expected[t] }
    }
  }
}
