internal import Foundation

/// The true response of one market × channel: expected conversions a week that a weekly spend brings, before season and
/// interplay. Increasing, zero at zero.
package struct TrueCurve: Sendable, Equatable {
  package var family: AdvertisingWorld.Family
  /// Conversions at saturation; for the logarithm, which has none, conversions per unit of the logarithm.
  package var amplitude: Double
  /// Weekly spend in minor units at which the curve bends.
  package var scale: Double
  /// Hill's exponent; 1 elsewhere.
  package var exponent: Double
  /// Weekly spend in minor units below which nothing happens; 0 elsewhere.
  package var threshold: Double

  package func conversions(at spend: Double) -> Double {
    guard spend > 0, scale > 0 else { return 0 }
    switch family {
    case .hill:
      let power = pow(spend / scale, exponent)
      return amplitude * power / (1 + power)
    case .exponential: return amplitude * -expm1(-spend / scale)
    case .logarithmic: return amplitude * log1p(spend / scale)
    case .threshold: return amplitude * -expm1(-max(0, spend - threshold) / scale)
    }
  }
}
