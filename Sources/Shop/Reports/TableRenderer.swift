internal import Money
internal import Text

/// A report for people: aligned columns, thousands separators, money with its currency's decimals.
package enum TableRenderer {
  package static func text(of report: Report) -> String {
    var text = report.name.rawValue
    if let window = report.window { text += ", \(window.first) to \(window.last)" }
    text += "\n" + report.standing.sentence + "\n\n"
    text += table(report.table)
    for extra in report.extras where !extra.rows.isEmpty {
      text += "\n\(extra.title ?? extra.key)\n\n" + table(extra)
    }
    if !report.notes.isEmpty { text += "\n" + report.notes.map { "Note: \($0)\n" }.joined() }
    if let position = report.standing.positionSentence { text += "\n" + position + "\n" }
    return text
  }

  static func table(_ table: ReportTable) -> String {
    let heads = table.columns.map(head)
    let currency = table.columns.firstIndex { $0.name == "currency" }
    let cells = table.rows.map { row in
      row.indices.map { shown(row[$0], table.columns[$0].kind, currency.map { row[$0].text }) }
    }
    let widths = heads.indices.map { column in
      cells.reduce(width(heads[column])) { max($0, width($1[column])) }
    }
    func line(_ texts: [String]) -> String {
      let padded = texts.indices.map { column -> String in
        let blanks = String(repeating: " ", count: widths[column] - width(texts[column]))
        return table.columns[column].kind == .text ? texts[column] + blanks : blanks + texts[column]
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n"
    return line(heads) + rule + (cells.isEmpty ? "(no rows)\n" : cells.map(line).joined())
  }

  /// "gross_minor" holds minor units for programs; people see decimals under "gross".
  private static func head(_ column: ReportColumn) -> String {
    switch column.kind {
    case .money where column.name.hasSuffix("_minor"): String(column.name.dropLast(6))
    case .basisPoints where column.name.hasSuffix("_bp"): String(column.name.dropLast(3))
    default: column.name
    }
  }

  private static func shown(_ cell: ReportCell, _ kind: ReportColumn.Kind, _ currency: String?) -> String {
    switch (cell, kind) {
    case (.text(let text), _): SafeText.escaped(text)
    case (.integer(let value), .money):
      currency.flatMap { Currency($0) }.map { $0.grouped(value) } ?? groupedText(value) + " minor"
    case (.integer(let value), .count): groupedText(value)
    case (.integer(let value), .basisPoints): "\(Currency.usd.grouped(value)) %"
    case (.integer(let value), _): String(value)
    }
  }

  /// Characters; wide scripts take two columns each in a terminal.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + (SafeText.isWide($1) ? 2 : SafeText.isCombining($1) ? 0 : 1) }
  }
}

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
      if isInvisible(scalar) {
        escaped += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
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
