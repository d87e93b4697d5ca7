internal import Foundation

/// What misses that resemble those of the week before do to what a history says.
enum SerialCorrelation {
  /// Times the variance of a mean of `count` values over that of independent ones, when neighbours correlate by
  /// `correlation` (−1 ..< 1) and the correlation fades by that factor a week (an AR(1) process): 1 + 2 Σ_k (1 − k/n)
  /// ρ^k.
  ///
  /// A long history tends to (1 + ρ) / (1 − ρ); a short one has fewer neighbours, and less of it (Bayley and Hammersley
  /// 1946, "The effective number of independent observations in an autocorrelated time series").
  static func designEffect(correlation: Double, count: Int) -> Double {
    var effect = 1.0
    var power = 1.0
    for lag in stride(from: 1, to: count, by: 1) {
      power *= correlation
      effect += 2 * (1 - Double(lag) / Double(count)) * power
    }
    return effect
  }
}
