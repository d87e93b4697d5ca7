/// Bytes and words as hexadecimal text: lower case when written, either case when read.
@usableFromInline package enum Hexadecimal {
  /// Two digits for each byte.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      text.append(digit(byte &>> 4))
      text.append(digit(byte))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// 16 digits, most significant first.
  package static func text(_ word: UInt64) -> String {
    var text: [UInt8] = []
    append(word, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the word's 16 digits, most significant first.
  package static func append(_ word: UInt64, to text: inout [UInt8]) {
    for shift in stride(from: UInt64(60), through: 0, by: -4) {
      text.append(digit(UInt8(truncatingIfNeeded: word &>> shift)))
    }
  }

  /// The bytes that a text of digit pairs stands for; nil for anything else.
  package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(ofDigit: digits[index]), let low = value(ofDigit: digits[index + 1]) else { return nil }
      bytes.append(high &<< 4 | low)
    }
    return bytes
  }

  /// 0 ... 15; nil for a byte that is no hexadecimal digit.
  @inlinable package static func value(ofDigit byte: UInt8) -> UInt8? {
    if byte &- 0x30 < 10 { return byte &- 0x30 }
    // The lower-case letter of either case.
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  /// The digit of the lower four bits.
  @inlinable package static func digit(_ value: UInt8) -> UInt8 {
    let value = value & 0xf
    return value < 10 ? 0x30 &+ value : 0x57 &+ value
  }
}
