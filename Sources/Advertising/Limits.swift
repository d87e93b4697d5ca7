/// Limits of this module, each with its reason.
package enum AdvertisingLimits {
  /// Rows of a plan: 200 countries × 12 channels.
  package static let rows = 2_400
  /// Ten years of weeks; older behaviour says nothing about next month.
  package static let weeks = 520
  /// The largest budget in minor units: beyond it a Double no longer tells neighbouring cents apart.
  package static let totalMinor: Int64 = 1 << 50
  /// Exact Shapley values visit all 2^n sets of channels: 4,096 at 12.
  package static let shapleyChannels = 12
  /// The Markov chain is solved exactly, in channels³ steps.
  package static let markovChannels = 512
  /// Touches of one path; longer ones keep their last touches, which decide.
  package static let touchesPerPath = 200
  /// Below this many weeks a curve would be a guess about guesses: the plan falls back to value per visitor.
  package static let weeksForResponse = 6
  /// A row whose weekly spend varies less than this (standard deviation ÷ mean) says nothing about its own curve.
  package static let spendVariation = 0.1
  /// Conversions below which a row's own curve is noise.
  package static let conversionsForOwnCurve = 30.0
}
