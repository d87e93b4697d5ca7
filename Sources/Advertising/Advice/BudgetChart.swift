internal import Money

/// A plan as an SVG picture: for each row what is spent now and what is recommended, and the expected return with its interval.
package enum BudgetChart {
  private static let left = 190.0
  private static let barWidth = 330.0
  private static let gap = 110.0
  private static let rowHeight = 46.0

  /// Text is escaped. Now and recommended differ by pattern and label, not by colour alone.
  package static func svg(_ advice: BudgetAdvice) -> String {
    let currency = advice.question.currency
    let rows = advice.rows.sorted { ($1.amountMinor, $0.key) < ($0.amountMinor, $1.key) }
    let top = advice.warnings.isEmpty ? 96.0 : 96.0 + 18 * Double(advice.warnings.count)
    let width = left + 2 * barWidth + gap + 130
    let height = top + rowHeight * Double(rows.count) + 50
    let largest = Double(max(rows.map { max($0.amountMinor, $0.currentMinor) }.max() ?? 1, 1))
    let largestReturn = Double(max(rows.map { max($0.highMinor, $0.expectedReturnMinor) }.max() ?? 1, 1))
    let returns = left + barWidth + gap
    let title =
      "Advertising budget \(advice.question.period.name): \(currency.grouped(advice.question.totalMinor)) \(currency)"
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" width="\(number(width))" \
      height="\(number(height))" role="img" aria-labelledby="title" font-family="sans-serif" font-size="12">
      <title id="title">\(escaped(title))\(advice.warnings.isEmpty ? "" : escaped(" WARNING: " + advice.warnings.joined(separator: "; ")))</title>
      <defs><pattern id="now" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
      <rect width="6" height="6" fill="#ffffff"/><rect width="2.5" height="6" fill="#777777"/></pattern></defs>
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(text(20, 30, title, size: 17, weight: "bold"))

      """
    var line = 50.0
    for warning in advice.warnings {
      svg += text(20, line, "WARNING: " + warning, size: 12, weight: "bold", fill: "#8a1c00") + "\n"
      line += 18
    }
    svg += """
      <rect x="20" y="\(number(line - 10))" width="14" height="10" fill="url(#now)" stroke="#555555"/>
      \(text(40, line, "spent now, over as many days"))
      <rect x="245" y="\(number(line - 10))" width="14" height="10" fill="#1f5fa8" stroke="#123a66"/>
      \(text(265, line, "recommended"))
      \(text(left, top - 14, "Spend (\(currency))", weight: "bold"))
      \(text(returns, top - 14, "Expected return (\(currency)), with interval", weight: "bold"))

      """
    for (index, row) in rows.enumerated() {
      let y = top + rowHeight * Double(index)
      let label = "\(row.key.market) \(row.key.channel)"
      let now = Double(row.currentMinor) / largest * barWidth
      let then = Double(row.amountMinor) / largest * barWidth
      svg += text(left - 12, y + 20, label, anchor: "end") + "\n"
      svg += bar(left, y + 3, now, fill: "url(#now)", stroke: "#555555")
      svg += text(left + now + 5, y + 13, "now " + currency.grouped(row.currentMinor), size: 10) + "\n"
      svg += bar(left, y + 19, then, fill: "#1f5fa8", stroke: "#123a66")
      svg += text(left + then + 5, y + 29, currency.grouped(row.amountMinor), size: 10, weight: "bold") + "\n"
      let scale = barWidth / largestReturn
      let low = returns + max(0, Double(row.lowMinor)) * scale
      let high = returns + max(0, Double(row.highMinor)) * scale
      let middle = returns + max(0, Double(row.expectedReturnMinor)) * scale
      svg += """
        <path d="M\(number(low)) \(number(y + 18))H\(number(high))M\(number(low)) \(number(y + 12))v12M\(number(high)) \
        \(number(y + 12))v12" stroke="#222222" stroke-width="1.5" fill="none"/>
        <circle cx="\(number(middle))" cy="\(number(y + 18))" r="4.5" fill="#1f5fa8" stroke="#123a66"/>
        \(text(high + 7, y + 22, currency.grouped(row.expectedReturnMinor), size: 10))

        """
    }
    let bottom = top + rowHeight * Double(rows.count) + 22
    let sum =
      "Expected return of all rows: \(currency.grouped(advice.expectedReturnMinor)) "
      + "(\(currency.grouped(advice.lowMinor)) to \(currency.grouped(advice.highMinor)))"
    svg += text(left, bottom, sum, weight: "bold") + "\n</svg>\n"
    return svg
  }

  private static func bar(_ x: Double, _ y: Double, _ width: Double, fill: String, stroke: String) -> String {
    """
    <rect x="\(number(x))" y="\(number(y))" width="\(number(max(width, 0.5)))" height="13" fill="\(fill)" stroke="\(stroke)"/>

    """
  }

  private static func text(
    _ x: Double, _ y: Double, _ content: String, size: Int = 12, weight: String = "normal", anchor: String = "start",
    fill: String = "#111111"
  ) -> String {
    """
    <text x="\(number(x))" y="\(number(y))" font-size="\(size)" font-weight="\(weight)" text-anchor="\(anchor)" \
    fill="\(fill)">\(escaped(content))</text>
    """
  }

  /// One decimal, whatever the locale.
  private static func number(_ value: Double) -> String {
    let tenths = Int64((value.isFinite ? value * 10 : 0).rounded())
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// For content and attributes; characters that XML forbids become replacement characters.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case _ where scalar.value < 0x20 && scalar != "\t" && scalar != "\n" && scalar != "\r": result += "\u{FFFD}"
      case _ where scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
