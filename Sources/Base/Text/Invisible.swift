/// Whether a character could hide, reorder or forge what stands around it.
package func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value < 0x7f { return scalar.value < 0x20 }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
  // Also fillers and selectors, which take no room though they are letters or marks.
  default: return scalar.properties.isDefaultIgnorableCodePoint
  }
}

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

/// The same for whole lines: line ends stay, and so does the backslash, which rows for programs do not escape.
package func escapeRowsForTerminal(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || $0 == UInt8(ascii: "\n") }) { return text }
  var result = ""
  // Rows may end with both.
  for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
    switch scalar {
    case "\n": result.unicodeScalars.append(scalar)
    case _ where isInvisible(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
