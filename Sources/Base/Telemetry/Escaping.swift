/// Text from outside, safe to print: control, bidirectional, zero-width and other invisible characters as `\u{202e}`, line
/// breaks and tabs as `\n`, `\r`, `\t`, and the backslash doubled, so that every output has one meaning.
package func escapeForTerminal(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where isInvisible(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Whether a character could hide, reorder or forge what stands around it.
func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value < 0x7f { return scalar.value < 0x20 }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
  // Also fillers and selectors, which take no room though they are letters or marks.
  default: return scalar.properties.isDefaultIgnorableCodePoint
  }
}

extension String {
  /// Appends `text` as the inside of a JSON string; invisible characters are escaped like control characters.
  mutating func appendJSON(_ text: some StringProtocol) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": self += "\\\""
      case "\\": self += "\\\\"
      case "\n": self += "\\n"
      case "\r": self += "\\r"
      case "\t": self += "\\t"
      case _ where isInvisible(scalar):
        // JSON writes characters beyond 16 bits as two units.
        for unit in UTF16.encode(scalar) ?? .init() {
          let digits = String(unit, radix: 16)
          self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: unicodeScalars.append(scalar)
      }
    }
  }

  /// At most `limit` bytes, whole characters, with a mark where something was cut.
  func cut(toBytes limit: Int) -> String {
    if utf8.count <= limit { return self }
    var end = utf8.index(startIndex, offsetBy: limit)
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return self[..<end] + "…"
  }
}
