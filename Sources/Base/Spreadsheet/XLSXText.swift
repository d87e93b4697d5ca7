/// Text inside a worksheet's XML. Characters that XML 1.0 cannot hold are written `_xHHHH_` (ECMA-376, ST_Xstring), and
/// a text that looks like such an escape has its underscore escaped.
enum XLSXText {
  static func append(_ text: String, to output: inout [UInt8]) {
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      case "&": output += "&amp;".utf8
      case "<": output += "&lt;".utf8
      case ">": output += "&gt;".utf8
      case "\"": output += "&quot;".utf8
      case "_" where escape(in: scalars, at: index) != nil: output += "_x005F_".utf8
      // A carriage return would be read back as a line feed; the two last code points are no XML characters.
      case "\t", "\n": output += String(scalar).utf8
      case "\0"..<" ", "\u{7f}", "\u{fffe}", "\u{ffff}":
        let digits = String(scalar.value, radix: 16, uppercase: true)
        output += "_x".utf8
        output += String(repeating: "0", count: 4 - digits.utf8.count).utf8
        output += digits.utf8
        output += "_".utf8
      default: output += String(scalar).utf8
      }
    }
  }

  static func decoded(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "_")) else { return text }
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      if let value = escape(in: scalars, at: index) {
        result.append(value)
        index += 7
      } else {
        result.append(scalars[index])
        index += 1
      }
    }
    return String(result)
  }

  /// The character that an escape `_xHHHH_` at `index` stands for.
  private static func escape(in scalars: [Unicode.Scalar], at index: Int) -> Unicode.Scalar? {
    guard index + 6 < scalars.count, scalars[index] == "_", scalars[index + 1] == "x", scalars[index + 6] == "_" else {
      return nil
    }
    var value: UInt32 = 0
    for digit in scalars[(index + 2)...(index + 5)] {
      guard digit.isASCII, let number = Character(digit).hexDigitValue else { return nil }
      value = value << 4 | UInt32(number)
    }
    return Unicode.Scalar(value)
  }
}
