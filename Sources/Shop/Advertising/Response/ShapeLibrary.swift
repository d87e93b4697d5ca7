internal import Foundation

/// The curve shapes that a response may have, tabulated: response over level of spend, both relative to the row's usual
/// spend (level 1 = usual spend, response 1 there).
///
/// Families: exponential saturation 1 − e^(−u/κ); Hill u^h/(κ^h + u^h) with h = 1, 2, 3 (Jin et al. 2017, "Bayesian
/// Methods for Media Mix Modeling with Carryover and Shape Effects", eq. 5); logarithm ln(1 + u/κ); and Hill with a
/// threshold τ below which nothing happens. Each with several shares of base: response that comes without any spend.
package struct ShapeLibrary: Sendable {
  package enum Family: String, CaseIterable, Sendable { case exponential, hill, logarithmic, threshold }

  package struct Shape: Sendable, Equatable {
    package var family: Family
    /// Level of spend at which the curve bends.
    package var kappa: Double
    /// Hill's exponent.
    package var exponent: Double
    /// Level of spend below which nothing happens.
    package var threshold: Double
    /// Share of the response at level 1 that comes without spend.
    package var base: Double

    /// Without base and before normalisation; 0 at 0.
    func raw(_ level: Double) -> Double {
      switch family {
      case .exponential: return -expm1(-level / kappa)
      case .logarithmic: return log1p(level / kappa)
      case .hill, .threshold:
        let power = pow(max(0, level - threshold) / kappa, exponent)
        return power / (1 + power)
      }
    }

    /// Response at `level`, 1 at level 1, at most the base at 0.
    package func response(_ level: Double) -> Double { base + (1 - base) * raw(level) / raw(1) }
  }

  package let shapes: [Shape]
  /// Weight of each shape before any data; sums to 1.
  package let prior: [Double]
  /// Levels at which responses are tabulated; between them curves are straight lines.
  package let levels: [Double]
  /// Knot-major: knot × shapes + shape.
  let table: [Double]
  /// Logarithms of `table`, floored: a week with conversions but no spend must not make a shape impossible.
  let logTable: [Double]
  /// ln of the response at level 1 over what the shape's best return per unit of spend would give there: how far the
  /// usual spend lies beyond the best point.
  let logEfficiency: [Double]
  /// Normal scores (under the prior) of the shapes' elasticity at level 1: what rows of a channel have in common.
  let elasticityScores: [Double]

  /// Levels: 0, then 1/32 to 64 in eighths of an octave.
  private static let knotsPerOctave = 8.0
  private static let lowestOctave = -5.0
  private static let octaves = 11
  static let responseFloor = 0.004

  package static let standard = ShapeLibrary(families: Set(Family.allCases))

  /// A library of some families only: to see what happens when the truth is not among them.
  package init(families: Set<Family>, spread: Double = 0.65) {
    levels =
      [0]
      + (0...Self.octaves * Int(Self.knotsPerOctave)).map { exp2(Double($0) / Self.knotsPerOctave + Self.lowestOctave) }
    var shapes: [Shape] = []
    var weights: [Double] = []
    // Bases beyond one half are rare for paid channels; none at all is the most common.
    let bases: [(share: Double, weight: Double)] = [(0, 0.4), (0.1, 0.25), (0.2, 0.2), (0.35, 0.1), (0.6, 0.05)]
    // How far spend usually lies into saturation: log-normal, wide. Kappa of each family is where its curve bends.
    func add(
      _ family: Family, weight: Double, kappas: [Double], center: Double, exponent: Double = 1, threshold: Double = 0
    ) {
      guard families.contains(family) else { return }
      let density = kappas.map { exp(-0.5 * pow(log($0 / center) / spread, 2)) }
      let sum = density.reduce(0, +)
      for (kappa, share) in zip(kappas, density) {
        for base in bases {
          shapes.append(
            Shape(family: family, kappa: kappa, exponent: exponent, threshold: threshold, base: base.share))
          weights.append(weight * share / sum * base.weight)
        }
      }
    }
    let steps: (Double, Double, Int) -> [Double] = { low, high, count in
      (0..<count).map { low * pow(high / low, Double($0) / Double(count - 1)) }
    }
    add(.exponential, weight: 0.25, kappas: steps(0.2, 5, 9), center: 0.9)
    add(.hill, weight: 0.17, kappas: steps(0.15, 6, 9), center: 0.9)
    add(.hill, weight: 0.08, kappas: steps(0.25, 3, 6), center: 0.9, exponent: 1.6)
    add(.logarithmic, weight: 0.25, kappas: steps(0.05, 5, 8), center: 0.7)
    for threshold in [0.15, 0.3, 0.45, 0.6, 0.75, 0.9] {
      add(.threshold, weight: 0.15 / 6, kappas: steps(0.1, 3, 6), center: 0.6, threshold: threshold)
    }
    add(.threshold, weight: 0.1, kappas: steps(0.4, 2, 4), center: 0.9, exponent: 3)
    let total = weights.reduce(0, +)
    self.shapes = shapes
    prior = weights.map { $0 / max(total, .leastNonzeroMagnitude) }
    var table: [Double] = []
    table.reserveCapacity(levels.count * shapes.count)
    for level in levels {
      for shape in shapes { table.append(shape.response(level)) }
    }
    self.table = table
    logTable = table.map { log(max($0, Self.responseFloor)) }
    let levels = levels
    // A tenth on either side, as spend really varies: at a threshold a derivative would say too much.
    elasticityScores = ShapePooling.normalScores(
      shapes.map { ($0.response(1.1) - $0.response(0.9)) / 0.2 }, weights: prior)
    logEfficiency = shapes.map { shape in
      let best = levels.dropFirst().map { shape.raw($0) / $0 }.max() ?? 1
      return log(shape.raw(1) / best / (1 - shape.base))
    }
  }

  /// The knot at or below `level` and how far towards the next it lies, 0...1. Beyond the last knot: the last knot.
  @inline(__always) func position(of level: Double) -> (knot: Int, share: Double) {
    let first = levels[1]
    guard level > 0 else { return (0, 0) }
    guard level >= first else { return (0, level / first) }
    guard level < levels[levels.count - 1] else { return (levels.count - 2, 1) }
    var knot = min(levels.count - 2, 1 + Int((log2(level) - Self.lowestOctave) * Self.knotsPerOctave))
    if levels[knot] > level { knot -= 1 }
    if levels[knot + 1] <= level { knot = min(knot + 1, levels.count - 2) }
    return (knot, (level - levels[knot]) / (levels[knot + 1] - levels[knot]))
  }
}
