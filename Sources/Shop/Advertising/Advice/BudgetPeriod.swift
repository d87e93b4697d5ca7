package import Money

/// The days that a budget is for.
package struct BudgetPeriod: Sendable, Equatable {
  /// As it was asked for.
  package let name: String
  package let first: CivilDate
  package let last: CivilDate

  package var days: Int { Int(last.daysSinceEpoch) - Int(first.daysSinceEpoch) + 1 }
  /// Whole weeks that stand for it in the model.
  var weeks: Int { max(1, Int((Double(days) / 7).rounded())) }
  /// What a week of the model has to be stretched by, so that its weeks make up the period's days.
  var stretch: Double { Double(days) / 7 / Double(weeks) }

  /// "2026-11", "2026-Q4", "2026-W45" or "2026-11-02..2026-11-29"; nil for anything else and for more than 53 weeks.
  package init?(_ text: String) {
    name = text
    if let month = Month(text) {
      (first, last) = (month.firstDay, month.lastDay)
    } else if let quarter = Quarter(text) {
      (first, last) = (quarter.firstDay, quarter.lastDay)
    } else if let monday = BudgetPeriod.week(text) {
      (first, last) = (monday, monday.adding(days: 6))
    } else {
      let ends = text.split(separator: "..", omittingEmptySubsequences: false)
      guard ends.count == 2, let from = CivilDate(String(ends[0])), let to = CivilDate(String(ends[1])), from <= to
      else { return nil }
      (first, last) = (from, to)
    }
    guard days <= 53 * 7 else { return nil }
  }

  /// Monday of an ISO week: week 1 is the one with January 4th in it.
  private static func week(_ text: String) -> CivilDate? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].count == 4, parts[1].count == 3, parts[1].first == "W", let year = Int(parts[0]),
      let number = Int(parts[1].dropFirst()), number >= 1, number <= 53,
      let fourth = CivilDate(year: year, month: 1, day: 4), let next = CivilDate(year: year + 1, month: 1, day: 4)
    else { return nil }
    let monday = Weeks.monday(of: fourth).adding(days: (number - 1) * 7)
    return monday < Weeks.monday(of: next) ? monday : nil
  }
}
