/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
///
/// Any stored number is a valid day: nothing here traps, and sums that would leave Int32 stop at its ends.
package struct CivilDate: Hashable, Comparable, Sendable {
  package var daysSinceEpoch: Int32
  @inlinable package init(daysSinceEpoch: Int32) { self.daysSinceEpoch = daysSinceEpoch }
  @inlinable package static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.daysSinceEpoch < right.daysSinceEpoch
  }
}

/// The order in which a source writes day, month and year: a property of the source, never guessed.
package enum DateOrder: Sendable, Hashable {
  /// 2026-10-31
  case yearMonthDay
  /// 10/31/2026
  case monthDayYear
  /// 31/10/2026
  case dayMonthYear
}

extension CivilDate {
  /// Nil for a day that does not exist. Years −9999...9999, so that the result always fits.
  @inlinable package init?(year: Int, month: Int, day: Int) {
    guard year >= -9999, year <= 9999, month >= 1, month <= 12, day >= 1,
      day <= CivilDate.daysInMonth(year: year, month: month)
    else { return nil }
    self.init(daysSinceEpoch: Int32(truncatingIfNeeded: CivilDate.days(year: year, month: month, day: day)))
  }

  /// Strict text: two digits for day and month, four for the year; "2026-02-30" is nil.
  package init?(_ text: String, order: DateOrder = .yearMonthDay) {
    self.init(utf8: text.utf8.span, order: order)
  }

  /// The day that a text says, where a day is meant: of a moment the day that is written, in whatever zone; that a
  /// program wrote local midnight does not make it the day before. Nil for what is neither a day nor a moment.
  package init?(written text: String) {
    if let date = CivilDate(text) {
      self = date
    } else {
      guard Timestamp(text) != nil else { return nil }
      self.init(String(text.prefix(10)))
    }
  }

  package init?(utf8 bytes: borrowing Span<UInt8>, order: DateOrder = .yearMonthDay) {
    guard bytes.count == 10 else { return nil }
    let fields: (year: Int, month: Int, day: Int)
    let separators: (first: Int, second: Int, byte: UInt8)
    switch order {
    case .yearMonthDay:
      fields = (digits(bytes, 0, 4), digits(bytes, 5, 2), digits(bytes, 8, 2))
      separators = (4, 7, UInt8(ascii: "-"))
    case .monthDayYear:
      fields = (digits(bytes, 6, 4), digits(bytes, 0, 2), digits(bytes, 3, 2))
      separators = (2, 5, UInt8(ascii: "/"))
    case .dayMonthYear:
      fields = (digits(bytes, 6, 4), digits(bytes, 3, 2), digits(bytes, 0, 2))
      separators = (2, 5, UInt8(ascii: "/"))
    }
    guard fields.year >= 0, bytes[separators.first] == separators.byte, bytes[separators.second] == separators.byte
    else { return nil }
    self.init(year: fields.year, month: fields.month, day: fields.day)
  }

  /// Year, month 1...12, day 1...31. Algorithm: civil_from_days, https://howardhinnant.github.io/date_algorithms.html
  @inlinable package var components: (year: Int, month: Int, day: Int) {
    let shifted = Int(daysSinceEpoch) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  @inlinable package var year: Int { components.year }

  /// 1 = Monday … 7 = Sunday, as ISO 8601 counts.
  package var weekday: Int {
    // 1970-01-01 was a Thursday.
    let offset = (Int(daysSinceEpoch) + 3) % 7
    return (offset < 0 ? offset + 7 : offset) + 1
  }

  @inlinable package func adding(days: Int) -> CivilDate {
    let (sum, overflow) = Int(daysSinceEpoch).addingReportingOverflow(days)
    return CivilDate(daysSinceEpoch: Int32(clamping: overflow ? (days < 0 ? .min : .max) : sum))
  }

  /// The same day of another month, or that month's last day when it is shorter: 31 March − 1 month = 28 February.
  package func adding(months: Int) -> CivilDate {
    let (_, _, day) = components
    let target = month.adding(months)
    let days = CivilDate.days(year: target.year, month: target.number, day: min(day, target.dayCount))
    return CivilDate(daysSinceEpoch: Int32(clamping: days))
  }

  package var firstOfMonth: CivilDate { month.firstDay }
  package var month: Month { Month(self) }
  package var quarter: Quarter { Quarter(month) }

  /// Midnight UTC.
  @inlinable package var startOfDay: Timestamp { Timestamp(millis: Int64(daysSinceEpoch) * 86_400_000) }

  /// "2026-10-31"; years outside 0...9999 with a sign.
  package var text: String {
    let (year, month, day) = components
    var bytes: [UInt8] = []
    bytes.reserveCapacity(12)
    appendYear(year, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(month, 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(day, 2, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// days_from_civil of the same source; the caller has checked the ranges.
  @inlinable package static func days(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  @inlinable package static func isLeap(year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// Days of a month 1...12.
  @inlinable package static func daysInMonth(year: Int, month: Int) -> Int {
    if month == 2 { return isLeap(year: year) ? 29 : 28 }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
  }
}

extension CivilDate: CustomStringConvertible {
  package var description: String { text }
}
