package import Money

/// What to read from the marts.
package struct AdvertisingQuery: Sendable, Equatable {
  /// The last day that counts.
  package var asOf: CivilDate
  /// Days instead of weeks: `attribution` and `costs` may ask for any; nil: the full weeks up to `asOf`.
  package var days: ClosedRange<CivilDate>?
  package var baseCurrency: Currency
  /// The site's own people.
  package var staff: Staff
  /// Words that name no company in this workspace (`Identities.words`).
  package var placeholders: Set<String> = []

  package init(
    asOf: CivilDate, days: ClosedRange<CivilDate>? = nil, baseCurrency: Currency = .usd, staff: Staff = Staff()
  ) {
    self.asOf = asOf
    self.days = days
    self.baseCurrency = baseCurrency
    self.staff = staff
  }

  /// Whose visits are left out, by tokens of any key version.
  package struct Staff: Sendable, Equatable {
    /// Of user names: visitors who ever signed in as one.
    package var users: Set<[UInt8]>
    /// Of IP addresses: visitors who come from one.
    package var addresses: Set<[UInt8]>

    package init(users: Set<[UInt8]> = [], addresses: Set<[UInt8]> = []) {
      self.users = users
      self.addresses = addresses
    }
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
