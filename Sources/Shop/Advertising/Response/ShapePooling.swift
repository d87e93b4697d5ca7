internal import Foundation

/// Lets the rows of a channel learn from each other how far their usual spend lies into saturation.
///
/// A channel's budgets are set by one habit, so what its rows have in common is above all their elasticity: by how many
/// percent the response moves with one percent more spend. Model (a normal random effect, as in Gelman et al. 2013,
/// "Bayesian Data Analysis", ch. 5): the normal score s of a row's elasticity is z_channel + own, z ~ N(0, τ²), own ~
/// N(0, 1 − τ²), so that all rows together keep the company's weights of shapes. Given z, shape c has the company's
/// weight times N(s_c; z, 1 − τ²) / N(s_c; 0, 1). A row's prior is the mean of these over what the channel's *other*
/// rows say about z; its own data count once, in its posterior, which is then exact.
///
/// Eight weeks of one row hardly show a shape: pooling closed two more points of the gap to the best plan, measured over
/// 900 companies. What remains at eight weeks is missing information.
enum ShapePooling {
  /// Places z / τ at which the integral over z is summed; the sum of a smooth function that dies away on both sides
  /// converges fast, and the tail beyond is 0.3 %.
  private static let places = stride(from: -3.0, through: 3.0, by: 0.5).map { $0 }

  /// Normal scores of values with weights that sum to 1: the standard normal's quantile at the middle of each value's
  /// place in the order, equal values in the order they stand.
  static func normalScores(_ values: [Double], weights: [Double]) -> [Double] {
    var scores = [Double](repeating: 0, count: values.count)
    var below = 0.0
    for index in values.indices.sorted(by: { (values[$0], $0) < (values[$1], $1) }) {
      scores[index] = normalQuantile(below + weights[index] / 2)
      below += weights[index]
    }
    return scores
  }

  /// Prior weights of shapes by row. `company` are the company's weights (sum 1), `likelihoods[row][c]` how well shape
  /// c explains the row, up to a factor; `commonShare` is τ², 0 ..< 1. A row alone in its channel gets about the
  /// company's.
  static func priors(
    company: [Double], scores: [Double], likelihoods: [[Double]], groupOf: [Int], groups: Int, commonShare: Double
  ) -> [[Double]] {
    guard commonShare > 0, commonShare < 1 else { return likelihoods.map { _ in company } }
    let given = places.map { weights(company, scores, effect: $0 * commonShare.squareRoot(), spread: 1 - commonShare) }
    let evidence = parallelMap(likelihoods.count) { row in
      given.map { weights in log(max(zip(weights, likelihoods[row]).reduce(0) { $0 + $1.0 * $1.1 }, 1e-300)) }
    }
    var sums = [[Double]](repeating: places.map { -0.5 * $0 * $0 }, count: groups)
    for row in likelihoods.indices {
      for place in places.indices { sums[groupOf[row]][place] += evidence[row][place] }
    }
    let together = sums
    return parallelMap(likelihoods.count) { row in
      let logs = places.indices.map { together[groupOf[row]][$0] - evidence[row][$0] }
      let highest = logs.max() ?? 0
      let share = logs.map { exp($0 - highest) }
      let sum = share.reduce(0, +)
      var prior = [Double](repeating: 0, count: company.count)
      for place in places.indices {
        for shape in company.indices { prior[shape] += share[place] / sum * given[place][shape] }
      }
      return prior
    }
  }

  /// The shapes' weights when the channel's effect is `effect` and rows scatter about it with variance `spread`.
  private static func weights(_ company: [Double], _ scores: [Double], effect: Double, spread: Double) -> [Double] {
    let tilted = zip(company, scores).map { weight, score in
      weight * exp(0.5 * score * score - 0.5 * (score - effect) * (score - effect) / spread)
    }
    let sum = max(tilted.reduce(0, +), .leastNonzeroMagnitude)
    return tilted.map { $0 / sum }
  }

  /// By bisection; within ±5, where all but a millionth lies.
  private static func normalQuantile(_ share: Double) -> Double {
    var low = -5.0
    var high = 5.0
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
