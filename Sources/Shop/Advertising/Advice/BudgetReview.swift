package import Money

/// What became of a recommendation: what was spent and what came in its days so far. Amounts are minor units of its
/// currency.
package struct BudgetReview: Sendable {
  package enum Verdict: String, Sendable {
    case running, inside, below, above
  }

  package struct Row: Sendable, Equatable {
    package var key: AdvertisingHistory.RowKey
    package var plannedMinor: Int64
    package var spentMinor: Int64
    package var expectedReturnMinor: Int64
    package var lowMinor: Int64
    package var highMinor: Int64
    package var returnedMinor: Int64
    package var verdict: Verdict
  }

  package var plan: RecordedPlan
  /// Days of the period that the data cover, from its first on; nil: none yet.
  package var seen: ClosedRange<CivilDate>?
  package var days: Int
  package var rows: [Row]
  /// Spend and return in rows that the plan does not have.
  package var otherSpentMinor: Int64
  package var otherReturnedMinor: Int64

  package var isOver: Bool { seen.map { $0.upperBound >= plan.last } ?? false }
  package var spentMinor: Int64 { rows.reduce(0) { $0 &+ $1.spentMinor } }
  package var returnedMinor: Int64 { rows.reduce(0) { $0 &+ $1.returnedMinor } }

  /// `history`: the days of the period that are over, or nil; `rate`: base units for one unit of the plan's currency.
  package init(_ plan: RecordedPlan, history: AdvertisingHistory?, rate: Double) {
    self.plan = plan
    seen = history?.days
    days = seen.map { Int($0.upperBound.daysSinceEpoch) - Int($0.lowerBound.daysSinceEpoch) + 1 } ?? 0
    let isOver = seen.map { $0.upperBound >= plan.last } ?? false
    var scale = 1.0
    if let history, let currency = Currency(plan.currency), rate > 0, currency != history.query.baseCurrency {
      scale =
        Double(powerOfTen(Int(currency.exponent)) ?? 1)
        / Double(powerOfTen(Int(history.query.baseCurrency.exponent)) ?? 1) / rate
    }
    func amount(_ minor: Int64) -> Int64 { scale == 1 ? minor : Int64((Double(minor) * scale).rounded()) }
    var found: [AdvertisingHistory.RowKey: AdvertisingHistory.Cell] = [:]
    if let history {
      for index in history.rows.indices { found[history.rows[index]] = history.total(index) }
    }
    rows = plan.rows.map { row in
      let cell = found.removeValue(forKey: row.key) ?? AdvertisingHistory.Cell()
      let returned = amount(cell.revenueMinor)
      let verdict: Verdict =
        !isOver ? .running : returned < row.lowMinor ? .below : returned > row.highMinor ? .above : .inside
      return Row(
        key: row.key, plannedMinor: row.amountMinor, spentMinor: amount(cell.spendMinor),
        expectedReturnMinor: row.expectedReturnMinor, lowMinor: row.lowMinor, highMinor: row.highMinor,
        returnedMinor: returned, verdict: verdict)
    }
    otherSpentMinor = found.values.reduce(0) { $0 &+ amount($1.spendMinor) }
    otherReturnedMinor = found.values.reduce(0) { $0 &+ amount($1.revenueMinor) }
  }
}
