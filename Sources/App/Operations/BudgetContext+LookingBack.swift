package import Advertising
package import Money

/// What advertising did, and what became of plans.
extension BudgetContext {
  /// Credit for orders, by every rule.
  package struct CreditedHistory {
    package var history: AdvertisingHistory
    /// Names of the channels, in the order in which `attribution` numbers them.
    package var channels: [String]
    package var attribution: Attribution
  }

  /// `days`: nil for all full weeks.
  package func attribution(_ days: ClosedRange<CivilDate>?) throws -> CreditedHistory {
    let history = try history(days)
    let names = Array(Set(history.rows.map(\.channel))).sorted()
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let channelOf = history.rows.map { number[$0.channel] ?? 0 }
    let paths = history.journeys.map { journey in
      AttributionPath(
        touches: journey.touches.map {
          AttributionPath.Touch(channel: channelOf[Int($0.row)], seconds: $0.millis / 1_000)
        }, converted: journey.converted, revenueMinor: journey.revenueMinor)
    }
    return CreditedHistory(
      history: history, channels: names, attribution: try Attribution.compute(paths, channels: names.count))
  }

  /// A back-test, and what its data lack.
  package struct BackTestAnswer {
    package var result: BackTest.Result
    package var weeks: Int
    package var missing: [String]
  }

  /// Throws `BudgetRefusal` where there is too little to test with.
  package func backTest() throws -> BackTestAnswer {
    let history = try history()
    let missing = Readiness.missing(in: history)
    let (_, panel) = try BudgetAdvisor.historyPanel(history)
    do {
      return BackTestAnswer(result: try BackTest.run(panel), weeks: panel.weeks, missing: missing)
    } catch {
      throw BudgetRefusal(missing + ["\(error)"])
    }
  }

  /// Recorded plans against what came, the newest of each period. Throws `BudgetRefusal` where none was recorded.
  package func reviews() throws -> [BudgetReview] {
    let reader = try reader()
    // Of several plans for one period the newest counts.
    var periods: Set<String> = []
    let newest = try reader.recommendations().filter { periods.insert("\($0.first)..\($0.last)").inserted }
    guard !newest.isEmpty else {
      throw BudgetRefusal([
        "no plan was recorded yet: millrace budget plan … --record keeps one, millrace project brings it here"
      ])
    }
    let query = try query()
    return try newest.map { plan in
      let last = min(plan.last, asOf)
      let history = plan.first <= last ? try reader.readDays(plan.first...last, query) : nil
      let rate = try Currency(plan.currency).flatMap { try reader.newestRate(of: $0, base: base, until: asOf) }
      return BudgetReview(plan, history: history, rate: rate ?? 1)
    }
  }
}
