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
  /// How far back a touch may lie before an order: thirty days, the field's custom.
  package static let lookbackDays: Int64 = 30
  /// Weeks that a history is read back: two years, so that each season is seen twice.
  package static let historyWeeks = 104
  /// Weeks below which not even return per visitor can be told from chance.
  package static let weeksForPlan = 4
  /// Orders that can be traced to a channel, below which a share of one channel is known to no better than a factor of
  /// two.
  package static let ordersForPlan = 30
  /// Older than this, what is spent now is not known: sheets come monthly at the latest, with some days for writing
  /// them.
  package static let spendAgeDays = 35
  /// Older than this, what visitors do now is not known.
  package static let trafficAgeDays = 7
  /// More than one in twenty parts of spend without a channel or a market would bend the plan, too.
  static let leftOutSpendPart: Int64 = 20
  /// One in twenty without an exchange rate may be left out silently; more would bend the plan.
  static let unconvertedPerOrders = 20
}
