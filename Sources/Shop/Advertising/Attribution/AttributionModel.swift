/// A rule that divides the credit for conversions between channels.
package enum AttributionModel: String, CaseIterable, Sendable {
  case lastTouch = "last_touch"
  case firstTouch = "first_touch"
  case linear
  /// A touch counts half as much for each half-life that it lies before the conversion.
  case timeDecay = "time_decay"
  /// By how much less would convert if the channel led nowhere (Anderl et al. 2016).
  case markov
  /// By what a channel adds to every set of others, on average (Shapley 1953). Exact.
  case shapley
}

/// Credit of every channel by one model.
package struct AttributionCredit: Sendable, Equatable {
  package let model: AttributionModel
  /// Millionths of conversions by channel; with `unattributed` of the result they add up to all conversions ×
  /// 1,000,000.
  package let conversionMillionths: [Int64]
  /// Minor units by channel; with the unattributed ones they add up to all revenue.
  package let revenueMinor: [Int64]
}
