/// A calendar month.
package struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Months since January of the year 0. Within ±80 million for every CivilDate, so sums with small counts are safe.
  @usableFromInline let index: Int

  @inlinable init(index: Int) { self.index = index }

  @inlinable package init(_ date: CivilDate) {
    let (year, month, _) = date.components
    index = year * 12 + month - 1
  }

  /// Nil for a month outside 1...12 or a year outside −9999...9999.
  package init?(year: Int, month: Int) {
    guard year >= -9999, year <= 9999, month >= 1, month <= 12 else { return nil }
    index = year * 12 + month - 1
  }

  /// "2026-10", strictly.
  package init?(_ text: String) {
    let bytes = text.utf8.span
    guard bytes.count == 7, bytes[4] == UInt8(ascii: "-") else { return nil }
    let year = digits(bytes, 0, 4)
    guard year >= 0 else { return nil }
    self.init(year: year, month: digits(bytes, 5, 2))
  }

  @inlinable package static func < (left: Month, right: Month) -> Bool { left.index < right.index }

  @inlinable package var year: Int { index >= 0 ? index / 12 : (index - 11) / 12 }
  /// 1...12
  @inlinable package var number: Int { index - year * 12 + 1 }

  /// Stops at the ends of CivilDate's range.
  package func adding(_ months: Int) -> Month {
    let (sum, overflow) = index.addingReportingOverflow(months)
    let bound = overflow ? (months < 0 ? Int.min : Int.max) : sum
    return Month(index: min(max(bound, Month.first.index), Month.last.index))
  }

  package var firstDay: CivilDate {
    CivilDate(daysSinceEpoch: Int32(clamping: CivilDate.days(year: year, month: number, day: 1)))
  }
  package var dayCount: Int { CivilDate.daysInMonth(year: year, month: number) }
  package var lastDay: CivilDate { firstDay.adding(days: dayCount - 1) }

  /// "2026-10"
  package var description: String {
    var bytes: [UInt8] = []
    appendYear(year, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(number, 2, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let first = Month(CivilDate(daysSinceEpoch: .min))
  private static let last = Month(CivilDate(daysSinceEpoch: .max))
}

/// A calendar quarter.
package struct Quarter: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Quarters since the first of the year 0.
  @usableFromInline let index: Int

  package init(_ month: Month) {
    index = month.year * 4 + (month.number - 1) / 3
  }
  package init(_ date: CivilDate) { self.init(Month(date)) }

  /// "2026-Q4", strictly.
  package init?(_ text: String) {
    let bytes = text.utf8.span
    guard bytes.count == 7, bytes[4] == UInt8(ascii: "-"), bytes[5] == UInt8(ascii: "Q") else { return nil }
    let (year, quarter) = (digits(bytes, 0, 4), digits(bytes, 6, 1))
    guard year >= 0, quarter >= 1, quarter <= 4 else { return nil }
    index = year * 4 + quarter - 1
  }

  @inlinable package static func < (left: Quarter, right: Quarter) -> Bool { left.index < right.index }

  package var year: Int { index >= 0 ? index / 4 : (index - 3) / 4 }
  /// 1...4
  package var number: Int { index - year * 4 + 1 }
  package var firstMonth: Month { Month(index: index * 3) }
  package var firstDay: CivilDate { firstMonth.firstDay }
  package var lastDay: CivilDate { Month(index: index * 3 + 2).lastDay }

  /// "2026-Q4"
  package var description: String {
    var bytes: [UInt8] = []
    appendYear(year, to: &bytes)
    bytes.append(contentsOf: "-Q\(number)".utf8)
    return String(decoding: bytes, as: UTF8.self)
  }
}
