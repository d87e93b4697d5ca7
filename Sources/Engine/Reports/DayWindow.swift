package import Money

/// Days from the first to the last, both included.
package struct DayWindow: Sendable, Equatable {
  /// The first day.
  package var first: CivilDate
  /// The last day, part of the window.
  package var last: CivilDate

  package init(first: CivilDate, last: CivilDate) {
    self.first = first
    self.last = last
  }

  var dayCount: Int { Int(last.daysSinceEpoch) - Int(first.daysSinceEpoch) + 1 }
  /// The first day, days since 1970-01-01.
  package var firstDay: Int64 { Int64(first.daysSinceEpoch) }
  /// The last day, days since 1970-01-01.
  package var lastDay: Int64 { Int64(last.daysSinceEpoch) }
  /// Whether a day, days since 1970-01-01, lies in the window.
  package func contains(_ day: Int64) -> Bool { day >= firstDay && day <= lastDay }
}
