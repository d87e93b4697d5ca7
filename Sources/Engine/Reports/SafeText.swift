/// Text from outside on its way to a terminal.
enum SafeText {
  /// Control, bidirectional and invisible characters as `\u{…}`, so that a name can neither move the cursor nor turn a line
  /// around; long texts are cut.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    var count = 0
    for scalar in text.unicodeScalars {
      if count == ReportLimits.tableText { return escaped + "…" }
      count += 1
      if isUnsafe(scalar) {
        escaped += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }

  static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: false
    }
  }

  /// East Asian wide and full-width ranges (https://www.unicode.org/reports/tr11/), coarsely.
  static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
      0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      true
    default: false
    }
  }
}
