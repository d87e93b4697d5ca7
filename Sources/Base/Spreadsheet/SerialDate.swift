/// Days and times as worksheets count them: days since 1899-12-30 in the 1900 system, the time of day as the fraction.
/// Serial numbers below 61 are off by one (Excel believes in a 29 February 1900), so they are not taken for dates.
enum SerialDate {
  /// 9999-12-31, the last day a worksheet knows.
  static let lastDay = 2_958_465
  static let firstDay = 61
  private static let secondsPerDay = 86_400
  /// Days from 1899-12-30 to 1970-01-01.
  private static let epochDay = 25_569

  /// ISO text of a serial number; nil when it is no date.
  static func text(of serial: Double) -> String? {
    guard serial.isFinite, serial >= Double(firstDay), serial < Double(lastDay + 1) else { return nil }
    var day = Int(serial)
    var seconds = Int(((serial - Double(day)) * Double(secondsPerDay)).rounded())
    if seconds == secondsPerDay {
      seconds = 0
      day += 1
    }
    let (year, month, dayOfMonth) = civil(day - epochDay)
    let date = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2)
    if seconds == 0 { return date }
    return date + "T" + padded(seconds / 3_600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2)
      + "Z"
  }

  /// Day and second of ISO text ("2026-11-21", "2026-11-21T09:30:00Z"); nil for anything else.
  static func parse(_ text: String) -> (day: Int, seconds: Int?)? {
    let bytes = Array(text.utf8)
    guard bytes.count == 10 || bytes.count == 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
      (1...12).contains(month), day >= 1
    else { return nil }
    let serial = days(year, month, day) + epochDay
    guard serial >= firstDay, serial <= lastDay, civil(serial - epochDay) == (year, month, day) else { return nil }
    if bytes.count == 10 { return (serial, nil) }
    guard bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      bytes[19] == UInt8(ascii: "Z"), let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19]), hour < 24, minute < 60, second < 60
    else { return nil }
    return (serial, hour * 3_600 + minute * 60 + second)
  }

  /// The serial number of ISO text, as decimal text, and whether it has a time.
  static func serial(of text: String) -> (text: String, hasTime: Bool)? {
    guard let (day, seconds) = parse(text) else { return nil }
    guard let seconds else { return (String(day), false) }
    return (String(Double(day) + Double(seconds) / Double(secondsPerDay)), true)
  }

  // Gregorian days since 1970-01-01 and back, by the shifted year that ends in February
  // (https://howardhinnant.github.io/date_algorithms.html). This module is too low to use Money's calendar.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int) -> (Int, Int, Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
