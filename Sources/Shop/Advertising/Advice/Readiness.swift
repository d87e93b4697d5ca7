internal import Money

/// Whether a history carries a plan. Freshness and gaps are the marts' own business and judged elsewhere.
package enum Readiness {
  /// What is missing, as sentences; empty: nothing.
  package static func missing(in history: AdvertisingHistory) -> [String] {
    var missing: [String] = []
    let quality = history.quality
    if quality.firstTrafficDay == nil { missing.append("no visits are known: capture the web log") }
    if quality.firstSpendDay == nil {
      missing.append(
        "no spend is known: put CSV sheets into the spend folder (day, market, channel, campaign, amount, currency)")
    }
    if let last = quality.lastSpendDay, last.adding(days: AdvertisingLimits.spendAgeDays) < history.query.asOf {
      missing.append("spend is known up to \(last) only: send the sheets since then")
    }
    if let last = quality.lastTrafficDay, last.adding(days: AdvertisingLimits.trafficAgeDays) < history.query.asOf {
      missing.append("visits are known up to \(last) only: capture the web log since then")
    }
    if history.weeks < AdvertisingLimits.weeksForPlan {
      missing.append(
        "\(history.weeks) full weeks have both visits and spend; \(AdvertisingLimits.weeksForPlan) are needed, and a year is better"
      )
    }
    if quality.ordersWithTouch < AdvertisingLimits.ordersForPlan {
      missing.append(
        "\(quality.ordersWithTouch) of \(quality.orders) orders can be traced to a channel; \(AdvertisingLimits.ordersForPlan) are needed"
      )
    }
    if quality.unconvertedOrders * AdvertisingLimits.unconvertedPerOrders > quality.orders {
      missing.append("\(quality.unconvertedOrders) of \(quality.orders) orders have no exchange rate of their day")
    }
    if quality.unconvertedSpendRows * AdvertisingLimits.unconvertedPerOrders > quality.spendRows {
      missing.append(
        "\(quality.unconvertedSpendRows) of \(quality.spendRows) rows of spend have no exchange rate of their day")
    }
    let nowhere = quality.spendLeftOut.filter {
      $0.lacks != .rate && ($0.lacks != .refused || $0.currency == history.query.baseCurrency.code)
    }
    if nowhere.reduce(0, { $0 &+ $1.amountMinor }) > quality.spendMinor / AdvertisingLimits.leftOutSpendPart {
      missing += Cautions.leftOut(quality, base: history.query.baseCurrency)
    }
    return missing
  }
}
