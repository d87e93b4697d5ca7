internal import Foundation
internal import Hashing

/// Intervals of expected returns by parametric bootstrap: each replicate draws every row's curve and amplitude from its
/// posterior, the season of the period with the company's and the market's part of its error, and the value of a conversion.
struct ReturnIntervals {
  private(set) var low: [Double] = []
  private(set) var high: [Double] = []
  private(set) var totalLow = 0.0
  private(set) var totalHigh = 0.0

  /// Of a season's error variance, the part that all markets share.
  private static let commonSeason = 0.5

  init(_ model: ResponseModel, weeklySpend: [Double], _ request: PlanRequest) {
    let replicates = request.replicates
    var seasonGenerator = SplitMix64(seed: request.seed, stream: 0)
    let common = (0..<replicates).map { _ in seasonGenerator.normal() }
    let seasons = model.seasons.map { season in
      common.map { shared -> Double in
        let own = seasonGenerator.normal()
        let error = Self.commonSeason.squareRoot() * shared + (1 - Self.commonSeason).squareRoot() * own
        return season.factor * exp(season.logError * error)
      }
    }
    let marketIndex = Dictionary(uniqueKeysWithValues: zip(model.markets, model.markets.indices))
    let draws = parallelMap(model.rows.count) { index -> [Double] in
      let row = model.rows[index]
      var generator = SplitMix64(seed: request.seed, stream: UInt64(index) + 1)
      let season = seasons[marketIndex[row.row.market] ?? 0]
      return Self.draws(
        row, model.library, spend: weeklySpend[index], weeks: Double(request.horizonWeeks), season: season, &generator)
    }
    let tail = (1 - request.intervalLevel) / 2
    for row in draws {
      let sorted = row.sorted()
      low.append(Self.quantile(sorted, tail))
      high.append(Self.quantile(sorted, 1 - tail))
    }
    let totals = (0..<replicates).map { replicate in draws.reduce(0) { $0 + $1[replicate] } }.sorted()
    totalLow = Self.quantile(totals, tail)
    totalHigh = Self.quantile(totals, 1 - tail)
  }

  private static func draws(
    _ row: RowResponse, _ library: ShapeLibrary, spend: Double, weeks: Double, season: [Double],
    _ generator: inout SplitMix64
  ) -> [Double] {
    let (knot, share) = library.position(of: spend / max(row.referenceSpendMinor, 1e-9))
    let count = library.shapes.count
    var cumulative = row.weights
    for shape in 1..<count { cumulative[shape] += cumulative[shape - 1] }
    return season.map { factor in
      let shape = generator.index(cumulative: cumulative)
      let low = library.table[knot * count + shape]
      let high = library.table[(knot + 1) * count + shape]
      let conversions = generator.gamma(row.alpha) / row.rates[shape] * (low + share * (high - low))
      return weeks * factor * conversions * row.valuePerConversion * exp(row.valueError * generator.normal())
    }
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }
}
