internal import Money

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
    // Down, but for what the fraction cannot hold: one millisecond before midnight is that day still.
    var seconds = Int((serial - Double(day)) * Double(secondsPerDay) + 0.000_5)
    if seconds == secondsPerDay {
      seconds = 0
      day += 1
    }
    let date = CivilDate(daysSinceEpoch: Int32(day - epochDay))
    if seconds == 0 { return date.text }
    return Timestamp(millis: date.startOfDay.millis + Int64(seconds) * 1_000).iso
  }

  /// A moment as strict workbooks write it ("2026-11-21T09:30:00", "2026-11-21T00:00:00.000"), in the form that serial
  /// numbers get; other text as it is.
  static func isoText(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes[10] == UInt8(ascii: "T") else { return text }
    let fraction = bytes.dropFirst(19)
    guard fraction.isEmpty || fraction.elementsEqual("Z".utf8) || fraction.first == UInt8(ascii: "."),
      fraction.dropFirst().allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 || $0 == UInt8(ascii: "Z") }),
      let moment = Timestamp(String(decoding: bytes.prefix(19), as: UTF8.self) + "Z")
    else { return text }
    return bytes[11..<19].elementsEqual("00:00:00".utf8) ? moment.day.text : moment.iso
  }

  /// Day and second of ISO text ("2026-11-21", "2026-11-21T09:30:00Z"); nil for anything else.
  static func parse(_ text: String) -> (day: Int, seconds: Int?)? {
    let bytes = Array(text.utf8)
    guard bytes.count == 10 || bytes.count == 20, let date = CivilDate(utf8: bytes.span.extracting(first: 10)) else {
      return nil
    }
    let serial = Int(date.daysSinceEpoch) + epochDay
    guard serial >= firstDay, serial <= lastDay else { return nil }
    if bytes.count == 10 { return (serial, nil) }
    // The calendar also reads spaces and lower case between day and time.
    guard bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z"), let moment = Timestamp(text) else {
      return nil
    }
    return (serial, Int((moment.millis - date.startOfDay.millis) / 1_000))
  }

  /// The serial number of ISO text, as decimal text, and whether it has a time.
  static func serial(of text: String) -> (text: String, hasTime: Bool)? {
    guard let (day, seconds) = parse(text) else { return nil }
    guard let seconds else { return (String(day), false) }
    return (String(Double(day) + Double(seconds) / Double(secondsPerDay)), true)
  }
}
