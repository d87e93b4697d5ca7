package import Money

/// A budget to be divided, as a person asks.
package struct BudgetQuestion: Sendable {
  /// A bound on a row, or on everything of a market or of a channel.
  package struct Bound: Sendable, Equatable {
    /// nil: any.
    package var market: String?
    package var channel: String?
    /// Minor units.
    package var amountMinor: Int64
    package var isMinimum: Bool

    package init(market: String?, channel: String?, amountMinor: Int64, isMinimum: Bool) {
      self.market = market
      self.channel = channel
      self.amountMinor = amountMinor
      self.isMinimum = isMinimum
    }

    func covers(_ row: AdvertisingHistory.RowKey) -> Bool {
      (market == nil || market == row.market) && (channel == nil || channel == row.channel)
    }

    /// As a person wrote it: "CA/search", "CA", "search".
    package var name: String { [market, channel].compactMap { $0 }.joined(separator: "/") }
  }

  /// What a row may be moved by unless somebody asks for more: the field's custom for one step.
  package static let defaultMaxChange = 0.3

  package var totalMinor: Int64
  package var currency: Currency
  package var period: BudgetPeriod
  package var bounds: [Bound]
  package var explorationShare: Double
  /// How far a row may move from its present share of the total: 0.3 for 30 %; nil: as far as the curves say.
  package var maxChange: Double?
  /// Base units for one unit of the currency.
  package var rate: Double

  package init(
    totalMinor: Int64, currency: Currency, period: BudgetPeriod, bounds: [Bound] = [],
    explorationShare: Double = PlanRequest.defaultExplorationShare, maxChange: Double? = nil, rate: Double = 1
  ) {
    self.totalMinor = totalMinor
    self.currency = currency
    self.period = period
    self.bounds = bounds
    self.explorationShare = explorationShare
    self.maxChange = maxChange
    self.rate = rate
  }
}
