/// A text as a person would read it: percent-escapes undone, once and twice; blanks and dashes of every kind, and the
/// wide forms of digits and signs, as their plain ones. It remembers where each byte came from.
struct PlainText {
  /// What is looked at.
  private(set) var bytes: [UInt8] = []
  private let source: [UInt8]
  /// Where in the source each byte begins; one more than bytes.
  private var starts: [Int] = []

  init(_ text: some Sequence<UInt8>) {
    source = Array(text)
    bytes.reserveCapacity(source.count)
    starts.reserveCapacity(source.count + 1)
    var index = 0
    while index < source.count {
      let start = index
      let byte = take(&index)
      switch byte {
      case 0..<0x20: append(UInt8(ascii: " "), start)
      case 0x80..<0xc2: append(Self.plain(stray: byte), start)
      case 0xc2...: appendCharacter(byte, start, &index)
      default: append(byte, start)
      }
    }
    starts.append(source.count)
  }

  /// The source with ranges of `bytes` replaced; of two that overlap the text of the first stands for both. nil: there
  /// are none.
  func replacing(_ found: [(range: Range<Int>, text: String)]) -> String? {
    if found.isEmpty { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(source.count)
    var position = 0
    for (range, text) in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      let (start, end) = (starts[range.lowerBound], starts[range.upperBound])
      if start >= position {
        result += source[position..<start]
        result += text.utf8
      }
      position = max(position, end)
    }
    result += source[position...]
    return String(decoding: result, as: UTF8.self)
  }

  private mutating func append(_ byte: UInt8, _ start: Int) {
    bytes.append(byte)
    starts.append(start)
  }

  /// The next byte: "%41", "%2541" and "%252541" are "A".
  private func take(_ index: inout Int) -> UInt8 {
    let byte = source[index]
    index += 1
    guard byte == UInt8(ascii: "%"), var value = hexadecimal(index) else { return byte }
    index += 2
    for _ in 0..<2 {
      guard value == UInt8(ascii: "%"), let next = hexadecimal(index) else { break }
      value = next
      index += 2
    }
    return value
  }

  private func hexadecimal(_ index: Int) -> UInt8? {
    guard index + 1 < source.count, let high = Self.digit(source[index]), let low = Self.digit(source[index + 1]) else {
      return nil
    }
    return high << 4 | low
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// A character that begins with `first`, or that byte alone where none does.
  private mutating func appendCharacter(_ first: UInt8, _ start: Int, _ index: inout Int) {
    var next = index
    var taken = [(byte: first, start: start)]
    let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    while taken.count < length, next < source.count {
      let place = next
      let byte = take(&next)
      guard byte & 0xc0 == 0x80 else { break }
      taken.append((byte, place))
    }
    guard taken.count == length else { return append(first, start) }
    index = next
    let lead = UInt32(first & (length == 2 ? 0x1f : length == 3 ? 0x0f : 0x07))
    if let plain = Self.plain(taken.dropFirst().reduce(lead) { $0 << 6 | UInt32($1.byte & 0x3f) }) {
      append(plain, start)
    } else {
      for (byte, place) in taken { append(byte, place) }
    }
  }

  /// A byte that belongs to no character of UTF-8, as Latin-1 and Windows-1252 mean it: blanks and dashes.
  private static func plain(stray byte: UInt8) -> UInt8 {
    switch byte {
    case 0xa0: UInt8(ascii: " ")
    case 0x96, 0x97, 0xad: UInt8(ascii: "-")
    case 0x85, 0x95, 0xb7: UInt8(ascii: ".")
    default: byte
    }
  }

  private static func plain(_ scalar: UInt32) -> UInt8? {
    switch scalar {
    case 0xa0, 0x1680, 0x180e, 0x2000...0x200d, 0x2028, 0x2029, 0x202f, 0x205f, 0x2060, 0x3000, 0xfeff:
      UInt8(ascii: " ")
    case 0xad, 0x2010...0x2015, 0x2043, 0x2212, 0x2e3a, 0x2e3b, 0xfe58, 0xfe63: UInt8(ascii: "-")
    case 0xb7, 0x2022, 0x2027, 0x22c5: UInt8(ascii: ".")
    case 0x2044, 0x2215: UInt8(ascii: "/")
    // What stands for a byte that nobody could read: part of a name, or between the groups of a number.
    case 0xfffd: UInt8(ascii: "-")
    // The wide forms of ASCII.
    case 0xff01...0xff5e: UInt8(truncatingIfNeeded: scalar - 0xfee0)
    default: nil
    }
  }
}
