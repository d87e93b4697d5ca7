/// Calendar arithmetic of the simulator's own, on days since 1970-01-01: the truth must not share code with what it
/// checks.
enum Days {
  static let secondsPerDay: Int64 = 86_400

  /// Year, month and day (http://howardhinnant.github.io/date_algorithms.html, civil_from_days).
  static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  static func from(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func length(year: Int, month: Int) -> Int {
    let next = month == 12 ? from(year: year + 1, month: 1, day: 1) : from(year: year, month: month + 1, day: 1)
    return next - from(year: year, month: month, day: 1)
  }

  /// The same day of the month twelve months earlier, or that month's last day.
  static func yearBefore(_ days: Int) -> Int {
    let (year, month, day) = civil(days)
    return from(year: year - 1, month: month, day: min(day, length(year: year - 1, month: month)))
  }

  /// 0 = Monday.
  static func weekday(_ days: Int) -> Int { ((days + 3) % 7 + 7) % 7 }

  static func day(ofSecond second: Int64) -> Int {
    Int(second >= 0 ? second / secondsPerDay : (second - secondsPerDay + 1) / secondsPerDay)
  }

  /// "2026-10-31".
  static func text(_ days: Int) -> String {
    let (year, month, day) = civil(days)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// "2026-10".
  static func monthText(_ days: Int) -> String { String(text(days).prefix(7)) }

  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
  }

  private static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// "31/Oct/2026", as access logs write it.
  static func logText(_ days: Int) -> String {
    let (year, month, day) = civil(days)
    return "\(padded(day, 2))/\(monthNames[month - 1])/\(padded(year, 4))"
  }

  static func fromLogText(_ text: String) -> Int? {
    let parts = text.split(separator: "/")
    guard parts.count == 3, let day = Int(parts[0]), let month = monthNames.firstIndex(of: String(parts[1])),
      let year = Int(parts[2]), (1...31).contains(day), (0...9_999).contains(year)
    else { return nil }
    return from(year: year, month: month + 1, day: day)
  }
}

extension [UInt8] {
  mutating func appendText(_ text: String) { append(contentsOf: text.utf8) }

  mutating func appendTwoDigits(_ number: Int) {
    append(UInt8(truncatingIfNeeded: 48 + number / 10 % 10))
    append(UInt8(truncatingIfNeeded: 48 + number % 10))
  }

  mutating func appendNumber(_ number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    let start = count
    repeat {
      append(UInt8(truncatingIfNeeded: 48 + rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }

  /// "13:55:36".
  mutating func appendClock(_ secondOfDay: Int) {
    appendTwoDigits(secondOfDay / 3_600)
    append(UInt8(ascii: ":"))
    appendTwoDigits(secondOfDay / 60 % 60)
    append(UInt8(ascii: ":"))
    appendTwoDigits(secondOfDay % 60)
  }
}

/// Texts of days, made once: a build asks for each some thousand times.
struct DayTexts {
  private let first: Int
  private let dates: [String]
  private let logDates: [[UInt8]]

  init(from first: Int, through last: Int) {
    self.first = first
    dates = (first...Swift.max(first, last)).map(Days.text)
    logDates = (first...Swift.max(first, last)).map { Array(Days.logText($0).utf8) }
  }

  func date(_ day: Int) -> String {
    dates.indices.contains(day - first) ? dates[day - first] : Days.text(day)
  }

  func logDate(_ day: Int) -> [UInt8] {
    logDates.indices.contains(day - first) ? logDates[day - first] : Array(Days.logText(day).utf8)
  }

  /// "2026-10-31T13:55:36Z".
  func timestamp(_ second: Int64) -> String {
    let day = Days.day(ofSecond: second)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20)
    bytes.appendText(date(day))
    bytes.append(UInt8(ascii: "T"))
    bytes.appendClock(Int(second - Int64(day) * Days.secondsPerDay))
    bytes.append(UInt8(ascii: "Z"))
    return String(decoding: bytes, as: UTF8.self)
  }
}
