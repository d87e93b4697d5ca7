/// A moment, as milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var millis: Int64
  @inlinable package init(millis: Int64) { self.millis = millis }
  @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool { left.millis < right.millis }
}

extension Timestamp {
  /// The UTC day. Moments outside CivilDate's range answer its first or last day.
  @inlinable package var day: CivilDate {
    let quotient = millis / 86_400_000
    let floor = millis % 86_400_000 < 0 ? quotient - 1 : quotient
    return CivilDate(daysSinceEpoch: Int32(clamping: floor))
  }

  /// ISO 8601: date, "T" or a space, time to the second, optionally a fraction of up to nine digits (cut to millis),
  /// then "Z", ±hh:mm, ±hhmm or ±hh. Without a zone the text is UTC, as SQLite's datetime() writes. Nil for anything
  /// else.
  package init?(_ text: String) {
    self.init(utf8: text.utf8.span)
  }

  /// As `init(_: String)`, from bytes.
  package init?(utf8 bytes: borrowing Span<UInt8>) {
    let end = bytes.count
    guard end >= 19, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
    else { return nil }
    let year = digits(bytes, 0, 4)
    guard year >= 0, let date = CivilDate(year: year, month: digits(bytes, 5, 2), day: digits(bytes, 8, 2)),
      let seconds = Timestamp.seconds(digits(bytes, 11, 2), digits(bytes, 14, 2), digits(bytes, 17, 2))
    else { return nil }

    var position = 19
    var millis = 0
    if position < end, bytes[position] == UInt8(ascii: ".") {
      position += 1
      let start = position
      var weight = 100
      while position < end, bytes[position] &- UInt8(ascii: "0") <= 9 {
        millis += Int(bytes[position] &- UInt8(ascii: "0")) * weight
        weight /= 10
        position += 1
        guard position - start <= 9 else { return nil }
      }
      guard position > start else { return nil }
    }
    guard let offset = Timestamp.zoneOffset(bytes, from: position) else { return nil }
    self.init(millis: Int64(date.daysSinceEpoch) * 86_400_000 + Int64(seconds - offset) * 1000 + Int64(millis))
  }

  /// Apache's "10/Oct/2000:13:55:36 -0700", 26 bytes from `offset` on; nil for anything else. No allocation.
  @inlinable package init?(apache bytes: borrowing Span<UInt8>, at offset: Int = 0) {
    guard offset >= 0, bytes.count >= 26, offset <= bytes.count - 26,
      bytes[offset + 2] == UInt8(ascii: "/"), bytes[offset + 6] == UInt8(ascii: "/"),
      bytes[offset + 11] == UInt8(ascii: ":"), bytes[offset + 14] == UInt8(ascii: ":"),
      bytes[offset + 17] == UInt8(ascii: ":"), bytes[offset + 20] == UInt8(ascii: " ")
    else { return nil }
    let name = UInt32(bytes[offset + 3]) << 16 | UInt32(bytes[offset + 4]) << 8 | UInt32(bytes[offset + 5])
    let year = digits(bytes, offset + 7, 4)
    guard let month = Timestamp.month(abbreviation: name), year >= 0,
      let date = CivilDate(year: year, month: month, day: digits(bytes, offset, 2)),
      let seconds = Timestamp.seconds(
        digits(bytes, offset + 12, 2), digits(bytes, offset + 15, 2), digits(bytes, offset + 18, 2))
    else { return nil }
    let sign = bytes[offset + 21]
    let zone = Timestamp.zoneSeconds(digits(bytes, offset + 22, 2), digits(bytes, offset + 24, 2))
    guard let zone, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(seconds)
    self.init(millis: (sign == UInt8(ascii: "-") ? local + Int64(zone) : local - Int64(zone)) * 1000)
  }

  package init?(apache text: String) {
    let bytes = text.utf8.span
    guard bytes.count == 26 else { return nil }
    self.init(apache: bytes)
  }

  /// "2026-10-31T12:00:00Z".
  package var iso: String { text(withMillis: false) }
  /// "2026-10-31T12:00:00.250Z".
  package var isoMillis: String { text(withMillis: true) }

  private func text(withMillis: Bool) -> String {
    let rest = millis % 86_400_000
    let millisOfDay = Int(rest < 0 ? rest + 86_400_000 : rest)
    let date = day.components
    var bytes: [UInt8] = []
    bytes.reserveCapacity(24)
    appendYear(date.year, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(date.month, 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(date.day, 2, to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    appendDigits(millisOfDay / 3_600_000, 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendDigits(millisOfDay / 60_000 % 60, 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendDigits(millisOfDay / 1000 % 60, 2, to: &bytes)
    if withMillis {
      bytes.append(UInt8(ascii: "."))
      appendDigits(millisOfDay % 1000, 3, to: &bytes)
    }
    bytes.append(UInt8(ascii: "Z"))
    return String(decoding: bytes, as: UTF8.self)
  }

  @inlinable static func seconds(_ hour: Int, _ minute: Int, _ second: Int) -> Int? {
    guard hour >= 0, hour <= 23, minute >= 0, minute <= 59, second >= 0, second <= 59 else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  @inlinable static func zoneSeconds(_ hours: Int, _ minutes: Int) -> Int? {
    guard hours >= 0, hours <= 23, minutes >= 0, minutes <= 59 else { return nil }
    return hours * 3600 + minutes * 60
  }

  private static func zoneOffset(_ bytes: borrowing Span<UInt8>, from position: Int) -> Int? {
    let length = bytes.count - position
    if length == 0 { return 0 }
    let sign = bytes[position]
    if length == 1 { return sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") ? 0 : nil }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), length == 3 || length == 5 || length == 6 else {
      return nil
    }
    var minutes = 0
    if length == 5 { minutes = digits(bytes, position + 3, 2) }
    if length == 6 {
      guard bytes[position + 3] == UInt8(ascii: ":") else { return nil }
      minutes = digits(bytes, position + 4, 2)
    }
    guard let seconds = zoneSeconds(digits(bytes, position + 1, 2), minutes) else { return nil }
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  /// The three letters as one number, most significant first.
  @inlinable static func month(abbreviation: UInt32) -> Int? {
    switch abbreviation {
    case 0x4a_616e: 1  // Jan
    case 0x46_6562: 2  // Feb
    case 0x4d_6172: 3  // Mar
    case 0x41_7072: 4  // Apr
    case 0x4d_6179: 5  // May
    case 0x4a_756e: 6  // Jun
    case 0x4a_756c: 7  // Jul
    case 0x41_7567: 8  // Aug
    case 0x53_6570: 9  // Sep
    case 0x4f_6374: 10  // Oct
    case 0x4e_6f76: 11  // Nov
    case 0x44_6563: 12  // Dec
    default: nil
    }
  }
}

extension Timestamp: CustomStringConvertible {
  package var description: String { isoMillis }
}
