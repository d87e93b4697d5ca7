internal import Foundation

/// The fitted response of one market × channel: a posterior over the library's shapes, and for each shape a gamma
/// posterior of its amplitude (conversions a week at the reference spend in a week of average season).
package struct RowResponse: Sendable {
  package let row: ResponsePanel.Row
  package let basis: Basis
  /// Weekly spend in minor units that level 1 stands for: the mean of the history, or a stand-in without spend history.
  package let referenceSpendMinor: Double
  /// Mean weekly spend of the last weeks (at most eight).
  package let currentSpendMinor: Double
  package let visitorsPerWeek: Double
  /// Smoothed value of one conversion in minor units, and its relative standard error.
  package let valuePerConversion: Double
  package let valueError: Double
  /// Posterior weight of each shape of the library; sums to 1.
  package let weights: [Double]
  /// The amplitude of shape c is gamma distributed with shape `alpha` and rate `rates[c]`.
  package let alpha: Double
  package let rates: [Double]

  /// Conversions a week at reference spend in an average week.
  package var expectedAmplitude: Double { zip(weights, rates).reduce(0) { $0 + $1.0 * alpha / $1.1 } }

  /// Posterior mean of conversions a week at the library's levels, for a season factor of 1.
  func conversionsAtLevels(_ library: ShapeLibrary) -> [Double] {
    let count = library.shapes.count
    var scaled = [Double](repeating: 0, count: count)
    for shape in 0..<count { scaled[shape] = weights[shape] * alpha / rates[shape] }
    return library.levels.indices.map { knot in
      var sum = 0.0
      for shape in 0..<count { sum += scaled[shape] * library.table[knot * count + shape] }
      return sum
    }
  }
}
