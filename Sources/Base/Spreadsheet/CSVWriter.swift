/// CSV as RFC 4180 has it: UTF-8, commas, CRLF, quotes where needed. Same table, same bytes.
package enum CSVWriter {
  /// The whole table. `neutralizing`: for files that people open in a spreadsheet program, see `neutralized(_:)`; not
  /// for files that a program reads back, whose values must not change.
  package static func bytes(of table: SheetTable, neutralizing: Bool = false) -> [UInt8] {
    var output: [UInt8] = []
    append(table.header.map(Cell.text), to: &output, neutralizing: neutralizing)
    for row in table.rows { append(row, to: &output, neutralizing: neutralizing) }
    return output
  }

  /// Appends one line.
  package static func append(_ row: [Cell], to output: inout [UInt8], neutralizing: Bool) {
    for (column, cell) in row.enumerated() {
      if column > 0 { output.append(UInt8(ascii: ",")) }
      switch cell {
      case .empty: break
      case .number(let text) where isDecimal(text): output += text.utf8
      case .text(let text), .number(let text), .date(let text), .error(let text):
        append(neutralizing ? neutralized(text) : text, to: &output)
      }
    }
    output += "\r\n".utf8
  }

  /// Text that no spreadsheet program runs as a formula: what starts with `= + - @`, a tab, a carriage return, a line
  /// feed or NUL, or with the full-width forms of those signs, gets an apostrophe in front (CWE-1236, OWASP ASVS
  /// 1.2.10). Blanks in front do not hide the sign: some programs trim them. A plain decimal number keeps its sign.
  package static func neutralized(_ text: String) -> String {
    if isDecimal(text) { return text }
    guard let first = text.unicodeScalars.first else { return text }
    if isDangerous(first) { return "'" + text }
    guard let sign = text.unicodeScalars.first(where: { $0 != " " && $0 != "\u{a0}" && $0 != "\u{feff}" }) else {
      return text
    }
    return isDangerous(sign) ? "'" + text : text
  }

  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "=", "+", "-", "@", "\t", "\r", "\n", "\0", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}", "\u{2212}": true
    default: false
    }
  }

  /// An optional minus, digits, and optionally a point with digits.
  static func isDecimal(_ text: String) -> Bool {
    var digits = 0
    var hasPoint = false
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "-") where index == 0: break
      case UInt8(ascii: ".") where !hasPoint && digits > 0:
        hasPoint = true
        digits = 0
      default: return false
      }
    }
    return digits > 0
  }

  private static func append(_ text: String, to output: inout [UInt8]) {
    // Blanks at the ends are quoted because many readers trim bare ones.
    let needsQuotes =
      text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 < 0x20 }
      || text.utf8.first == UInt8(ascii: " ") || text.utf8.last == UInt8(ascii: " ")
      || text.utf8.first == UInt8(ascii: "'")
    guard needsQuotes else {
      output += text.utf8
      return
    }
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { output.append(byte) }
      output.append(byte)
    }
    output.append(UInt8(ascii: "\""))
  }
}
