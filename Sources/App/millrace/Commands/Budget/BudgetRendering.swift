internal import Advertising
internal import Money
internal import Spreadsheet
internal import Text
internal import Workspace

/// A plan as table, CSV and JSON.
enum BudgetRendering {
  static func table(_ advice: BudgetAdvice) -> String {
    let question = advice.question
    let currency = question.currency
    var text = ""
    for warning in advice.warnings { text += "WARNING: \(escapeText(warning))\n" }
    text +=
      "Budget \(question.period.name) (\(question.period.first) to \(question.period.last)): "
      + "\(currency.grouped(question.totalMinor)) \(currency), from \(advice.weeks) weeks since \(advice.firstWeek)\n"
      + "\(advice.caution)\n\n"
    let rows = advice.rows.map { row in
      [
        row.key.market, row.key.channel, row.group, currency.grouped(row.amountMinor),
        currency.grouped(row.currentMinor), currency.grouped(row.returnMinor), currency.grouped(row.baseReturnMinor),
        currency.grouped(row.lowMinor), currency.grouped(row.highMinor),
      ]
    }
    text +=
      TextTable(
        ["market", "channel", "group", "amount", "now", "return", "base", "both, low", "both, high"], rows,
        rightAligned: Set(3...8)
      ).text
    text += "\n"
    for subtotal in advice.subtotals {
      text += "\(subtotal.group): \(currency.grouped(subtotal.amountMinor))\n"
    }
    text +=
      "total: \(currency.grouped(question.totalMinor)); return is what the money brings, base what would come without "
      + "any spend (\(currency.grouped(advice.baseReturnMinor))); both together "
      + "\(currency.grouped(advice.lowMinor)) to \(currency.grouped(advice.highMinor))\n"
    text += "at most \(percent(advice.gap)) below the best division of these curves within its bounds\n"
    text += "\nWhy:\n"
    for row in advice.rows { text += "  \(row.key.market) \(row.key.channel): \(row.reason)\n" }
    text += "\n"
    for note in advice.notes { text += "\(note)\n" }
    return text
  }

  static func csv(_ advice: BudgetAdvice) -> [UInt8] {
    let header = [
      "market", "channel", "group", "amount_minor", "current_minor", "naive_minor", "return_minor",
      "base_return_minor", "expected_return_minor", "low_minor", "high_minor", "currency", "period", "basis", "binding",
      "reason",
    ]
    let rows = advice.rows.map { row -> [Cell] in
      [.text(row.key.market), .text(row.key.channel), .text(row.group)]
        + [
          row.amountMinor, row.currentMinor, row.naiveMinor, row.returnMinor, row.baseReturnMinor,
          row.expectedReturnMinor, row.lowMinor, row.highMinor,
        ].map { .number(String($0)) }
        + [advice.question.currency.code, advice.question.period.name, row.basis, row.binding, row.reason].map {
          .text($0)
        }
    }
    return CSVWriter.bytes(of: SheetTable(header: header, rows: rows), neutralizing: true)
  }

  static func json(_ advice: BudgetAdvice) -> JSON {
    var members: [(String, JSON)] = []
    if !advice.warnings.isEmpty { members.append(("warning", .text(advice.warnings.joined(separator: "; ")))) }
    members += [
      ("total_minor", .integer(advice.question.totalMinor)), ("currency", .text(advice.question.currency.code)),
      ("period", .text(advice.question.period.name)),
      (
        "rows",
        .array(
          advice.rows.map { row in
            .object([
              ("market", .text(row.key.market)), ("channel", .text(row.key.channel)),
              ("amount_minor", .integer(row.amountMinor)), ("return_minor", .integer(row.returnMinor)),
              ("base_return_minor", .integer(row.baseReturnMinor)),
              ("expected_return_minor", .integer(row.expectedReturnMinor)), ("low_minor", .integer(row.lowMinor)),
              ("high_minor", .integer(row.highMinor)), ("reason", .text(row.reason)), ("group", .text(row.group)),
              ("current_minor", .integer(row.currentMinor)), ("naive_minor", .integer(row.naiveMinor)),
              ("basis", .text(row.basis)), ("binding", .text(row.binding)),
            ])
          })
      ),
      (
        "subtotals",
        .array(
          advice.subtotals.map {
            .object([
              ("group", .text($0.group)), ("amount_minor", .integer($0.amountMinor)),
              ("expected_return_minor", .integer($0.expectedReturnMinor)),
            ])
          })
      ),
      ("expected_return_minor", .integer(advice.expectedReturnMinor)), ("low_minor", .integer(advice.lowMinor)),
      ("high_minor", .integer(advice.highMinor)), ("base_return_minor", .integer(advice.baseReturnMinor)),
      ("gap", .number(fixed(advice.gap, 6))),
      ("weeks", .integer(Int64(advice.weeks))), ("caution", .text(advice.caution)),
      ("notes", .array(advice.notes.map { .text($0) })),
    ]
    return .object(members)
  }

  static func percent(_ share: Double) -> String { fixed(share * 100, 2) + " %" }

  /// A number with fixed decimals, whatever the locale; for small ones.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    var factor = 1.0
    for _ in 0..<decimals { factor *= 10 }
    guard value.isFinite, abs(value * factor) < 0x1p60 else { return "0" }
    let whole = Int64((value * factor).rounded())
    let digits = String(whole.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = whole < 0 ? "-" : ""
    return decimals == 0 ? sign + padded : sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  private static func escapeText(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.asciiValue ?? 32) < 32 ? " " : $0 })
  }
}
