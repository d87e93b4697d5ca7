internal import Text

/// Text of a web log: undoing the server's escapes, repairing bytes, percent-decoding, and taking out what may be
/// personal.
enum LogText {
  /// Text of escaped bytes, and whether any of them had to be replaced: bytes that are not UTF-8, and control
  /// characters, which would otherwise reach a person's terminal.
  static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> (text: String, isRepaired: Bool) {
    var isPlain = true
    for byte in bytes where byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\\") {
      isPlain = false
      break
    }
    if isPlain { return (String(decoding: bytes, as: UTF8.self), false) }
    return repaired(unescaped(bytes))
  }

  /// Undoes Apache's `\"`, `\\`, `\n`, `\t`, … and `\xHH` (nginx writes only the last).
  static func unescaped(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var iterator = bytes.makeIterator()
    var next = iterator.next()
    while let byte = next {
      next = iterator.next()
      guard byte == UInt8(ascii: "\\"), let escape = next else {
        result.append(byte)
        continue
      }
      next = iterator.next()
      switch escape {
      case UInt8(ascii: "n"): result.append(0x0a)
      case UInt8(ascii: "r"): result.append(0x0d)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "v"): result.append(0x0b)
      case UInt8(ascii: "f"): result.append(0x0c)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(escape)
      case UInt8(ascii: "x"):
        let high = next
        let highValue = high.flatMap(Hexadecimal.value(ofDigit:))
        let low = highValue == nil ? nil : iterator.next()
        if let highValue, let low, let lowValue = Hexadecimal.value(ofDigit: low) {
          result.append(highValue << 4 | lowValue)
          next = iterator.next()
        } else {
          // Not an escape after all: kept as it stands.
          result.append(contentsOf: [byte, escape])
          if highValue != nil, let high {
            result.append(high)
            next = low
          }
        }
      default: result.append(contentsOf: [byte, escape])
      }
    }
    return result
  }

  static func repaired(_ bytes: [UInt8]) -> (text: String, isRepaired: Bool) {
    var clean = bytes
    var isRepaired = false
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
      isRepaired = true
      clean.removeAll(keepingCapacity: true)
      for byte in bytes {
        if byte < 0x20 || byte == 0x7f { clean.append(contentsOf: replacement) } else { clean.append(byte) }
      }
    }
    if let valid = try? UTF8Span(validating: clean.span) {
      // The C1 controls are valid UTF-8 and steer terminals all the same.
      let text = String(copying: valid)
      guard text.unicodeScalars.contains(where: { (0x80...0x9f).contains($0.value) }) else { return (text, isRepaired) }
      var scalars = String.UnicodeScalarView()
      for scalar in text.unicodeScalars { scalars.append((0x80...0x9f).contains(scalar.value) ? "\u{fffd}" : scalar) }
      return (String(scalars), true)
    }
    return (String(decoding: clean, as: UTF8.self), true)
  }

  private static let replacement: [UInt8] = [0xef, 0xbf, 0xbd]

  /// Undoes %HH and, as forms write a space, "+".
  static func percentDecoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      let second = bytes.index(after: index)
      if byte == UInt8(ascii: "%"), second < bytes.endIndex, let high = Hexadecimal.value(ofDigit: bytes[second]) {
        let third = bytes.index(after: second)
        if third < bytes.endIndex, let low = Hexadecimal.value(ofDigit: bytes[third]) {
          result.append(high << 4 | low)
          index = bytes.index(after: third)
          continue
        }
      }
      result.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      index = second
    }
    return result
  }
}
