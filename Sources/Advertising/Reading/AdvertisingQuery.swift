package import Money

/// What to read from the marts.
package struct AdvertisingQuery: Sendable, Equatable {
  /// The last day that counts.
  package var asOf: CivilDate
  /// Days instead of weeks: `attribution` and `costs` may ask for any; nil: the full weeks up to `asOf`.
  package var days: ClosedRange<CivilDate>?
  package var baseCurrency: Currency
  /// Tokens of the user names of the site's own staff; visitors who ever signed in as one are left out.
  package var staff: Set<[UInt8]>

  package init(
    asOf: CivilDate, days: ClosedRange<CivilDate>? = nil, baseCurrency: Currency = .usd, staff: Set<[UInt8]> = []
  ) {
    self.asOf = asOf
    self.days = days
    self.baseCurrency = baseCurrency
    self.staff = staff
  }
}

/// ISO weeks, which begin on Mondays (UTC).
package enum Weeks {
  /// Monday of the day's week.
  package static func monday(of day: CivilDate) -> CivilDate {
    // 1970-01-01 was a Thursday.
    let days = Int(day.daysSinceEpoch) + 3
    return CivilDate(daysSinceEpoch: Int32(clamping: days - ((days % 7) + 7) % 7 - 3))
  }

  /// The first Monday that is not before the day.
  static func mondayFrom(_ day: CivilDate) -> CivilDate {
    let monday = monday(of: day)
    return monday == day ? day : monday.adding(days: 7)
  }
}
