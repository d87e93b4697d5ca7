internal import Money
internal import Reports

/// Months or quarters, as the sales reports name them.
enum Period {
  case month
  case quarter

  func name(of day: Int64) -> String {
    let date = CivilDate(daysSinceEpoch: Int32(clamping: day))
    return self == .month ? date.month.description : date.quarter.description
  }

  var column: String { self == .month ? "month" : "quarter" }

  /// Every period that has a day in the window, in order.
  func names(in window: DayWindow) -> [String] {
    var names: [String] = []
    var month = window.first.month
    while month <= window.last.month {
      let name = name(of: Int64(month.firstDay.daysSinceEpoch))
      if names.last != name { names.append(name) }
      month = month.adding(1)
    }
    return names
  }
}
