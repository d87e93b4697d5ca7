package import Money

/// What one campaign cost on one day in one market and channel.
package struct Spend: Sendable, Equatable {
  package var date: CivilDate
  /// ISO 3166-1 alpha-2.
  package var market: String
  /// Name of a marketing channel, as the one channel list has it: "search", …, "trade_show".
  package var channel: String
  package var campaign: String
  /// In minor units of the currency.
  package var amountMinor: Int64
  /// ISO 4217 code, three capitals.
  package var currency: String

  @inlinable package init(
    date: CivilDate, market: String, channel: String, campaign: String, amountMinor: Int64, currency: String
  ) {
    self.date = date
    self.market = market
    self.channel = channel
    self.campaign = campaign
    self.amountMinor = amountMinor
    self.currency = currency
  }
}
