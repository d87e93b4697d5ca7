internal import Money

/// A plan as an SVG picture: for each row what is spent now and what is recommended, and the expected return with its
/// interval.
package enum BudgetChart {
  private static let left = 190.0
  private static let barWidth = 330.0
  private static let rowHeight = 44.0
  private static let lineHeight = 18.0
  /// Of a figure's characters at the labels' size; wider than most fonts have them, so that nothing is cut.
  private static let figureWidth = 7.0
  private static let blue = "#1f5fa8"
  private static let darkBlue = "#123a66"
  /// Rows that a screen reader is told one by one.
  private static let describedRows = 24

  /// Text is escaped. Now and recommended differ by pattern and label, not by colour alone.
  package static func svg(_ advice: BudgetAdvice) -> String {
    let currency = advice.question.currency
    let rows = advice.rows.sorted { ($1.amountMinor, $0.key) < ($0.amountMinor, $1.key) }
    let spendLabels = rows.flatMap { ["now " + currency.grouped($0.currentMinor), currency.grouped($0.amountMinor)] }
    let returnLabels = rows.map { currency.grouped($0.expectedReturnMinor) }
    func room(_ labels: [String]) -> Double { Double(labels.map(\.count).max() ?? 0) * figureWidth + 34 }
    let returns = left + barWidth + room(spendLabels)
    let width = max(900, returns + barWidth + room(returnLabels))
    let (heading, lines) = heading(advice, width: width)
    let legend = 52 + lineHeight * Double(lines)
    let top = legend + 48
    let bottom = top + rowHeight * Double(rows.count)
    let height = bottom + 44
    let largest = Double(max(rows.map { max($0.amountMinor, $0.currentMinor) }.max() ?? 1, 1))
    let largestReturn = Double(max(rows.map { max($0.highMinor, $0.expectedReturnMinor) }.max() ?? 1, 1))
    let title = title(advice)
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" width="\(number(width))" \
      height="\(number(height))" role="img" aria-labelledby="title description" font-family="sans-serif" font-size="12">
      <title id="title">\(escaped(title))</title>
      <desc id="description">\(escaped(description(advice, rows)))</desc>
      <defs><pattern id="now" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
      <rect width="6" height="6" fill="#ffffff"/><rect width="2.5" height="6" fill="#777777"/></pattern></defs>
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(text(20, 28, title, size: 17, weight: "bold"))

      """
    svg += heading
    svg += """
      \(Self.legend(advice, at: legend))
      \(text(left, top - 12, "Spend (\(currency))", weight: "bold"))
      \(text(returns, top - 12, "Return and base (\(currency)), \(level) % interval", weight: "bold"))

      """
    for index in rows.indices where index % 2 == 0 {
      svg += """
        <rect x="10" y="\(number(top + rowHeight * Double(index)))" width="\(number(width - 20))" \
        height="\(number(rowHeight))" fill="#f3f5f8"/>

        """
    }
    for origin in [left, returns] {
      svg += """
        <path d="M\(number(origin)) \(number(top))V\(number(bottom))" stroke="#777777" stroke-width="1" fill="none"/>

        """
    }
    for (index, row) in rows.enumerated() {
      svg += picture(
        row, at: top + rowHeight * Double(index), returns: returns, perMinor: barWidth / largest,
        perReturnMinor: barWidth / largestReturn, currency)
    }
    let sum =
      "Return and base of all rows: \(currency.grouped(advice.lowMinor)) to \(currency.grouped(advice.highMinor)) \(currency)"
    svg += text(left, bottom + 26, sum, weight: "bold") + "\n</svg>\n"
    return svg
  }

  /// What speaks against the plan, then what no history can say; and how many lines that takes.
  private static func heading(_ advice: BudgetAdvice, width: Double) -> (svg: String, lines: Int) {
    let letters = Int((width - 40) / 7.6)
    let warnings = advice.warnings.flatMap { wrapped("WARNING: " + $0, to: letters) }
    let caution = wrapped(advice.caution, to: letters)
    var svg = ""
    for (index, line) in (warnings + caution).enumerated() {
      let y = 50 + lineHeight * Double(index)
      svg +=
        index < warnings.count ? text(20, y, line, weight: "bold", fill: "#8a1c00") + "\n" : text(20, y, line) + "\n"
    }
    return (svg, warnings.count + caution.count)
  }

  /// What the two patterns stand for, side by side.
  private static func legend(_ advice: BudgetAdvice, at y: Double) -> String {
    let currency = advice.question.currency
    let now = advice.rows.reduce(Int64(0)) { $0 &+ $1.currentMinor }
    let nowLegend = "as now: \(currency.grouped(now)) in as many days"
    let next = 40 + Double(nowLegend.count) * figureWidth + 24
    return """
      <rect x="20" y="\(number(y - 10))" width="14" height="10" fill="url(#now)" stroke="#555555"/>
      \(text(40, y, nowLegend))
      <rect x="\(number(next))" y="\(number(y - 10))" width="14" height="10" fill="\(blue)" stroke="\(darkBlue)"/>
      \(text(next + 20, y, "recommended: \(currency.grouped(advice.question.totalMinor))"))
      """
  }

  /// One row, with its figures as what a pointer shows.
  private static func picture(
    _ row: BudgetAdvice.Row, at top: Double, returns: Double, perMinor: Double, perReturnMinor: Double,
    _ currency: Currency
  ) -> String {
    let now = Double(row.currentMinor) * perMinor
    let then = Double(row.amountMinor) * perMinor
    let low = returns + max(0, Double(row.lowMinor)) * perReturnMinor
    let high = returns + max(0, Double(row.highMinor)) * perReturnMinor
    let middle = returns + max(0, Double(row.expectedReturnMinor)) * perReturnMinor
    let center = top + rowHeight / 2
    return """
      <g><title>\(escaped(sentence(row, currency)))</title>
      \(text(left - 12, center + 4, "\(row.key.market) \(shown(row.key.channel))", anchor: "end"))
      \(bar(left, top + 6, now, fill: "url(#now)", stroke: "#555555"))
      \(text(left + now + 6, top + 16.5, "now " + currency.grouped(row.currentMinor), size: 11))
      \(bar(left, top + 24, then, fill: blue, stroke: darkBlue))
      \(text(left + then + 6, top + 34.5, currency.grouped(row.amountMinor), size: 11, weight: "bold"))
      <path d="M\(number(low)) \(number(center))H\(number(high))M\(number(low)) \(number(center - 6))v12\
      M\(number(high)) \(number(center - 6))v12" stroke="#222222" stroke-width="1.5" fill="none"/>
      <circle cx="\(number(middle))" cy="\(number(center))" r="4" fill="\(blue)" stroke="\(darkBlue)"/>
      \(text(max(high, middle) + 9, center + 4, currency.grouped(row.expectedReturnMinor), size: 11))
      </g>

      """
  }

  // MARK: Words

  private static var level: Int { Int((PlanRequest.defaultIntervalLevel * 100).rounded()) }

  private static func title(_ advice: BudgetAdvice) -> String {
    let currency = advice.question.currency
    return
      "Advertising budget \(advice.question.period.name): \(currency.grouped(advice.question.totalMinor)) \(currency)"
  }

  private static func shown(_ channel: String) -> String { channel.replacing("_", with: " ") }

  private static func sentence(_ row: BudgetAdvice.Row, _ currency: Currency) -> String {
    "\(row.key.market) \(shown(row.key.channel)): \(currency.grouped(row.amountMinor)) \(currency), now "
      + "\(currency.grouped(row.currentMinor)); return \(currency.grouped(row.returnMinor)) "
      + "beside a base of \(currency.grouped(row.baseReturnMinor)), both \(currency.grouped(row.lowMinor)) to "
      + currency.grouped(row.highMinor)
  }

  /// What the picture says, for those who do not see it.
  private static func description(_ advice: BudgetAdvice, _ rows: [BudgetAdvice.Row]) -> String {
    let currency = advice.question.currency
    var parts = advice.warnings.map { "WARNING: \($0)" }
    parts.append(advice.caution)
    parts.append(
      "\(rows.count) rows, the largest first; return and base of all together "
        + "\(currency.grouped(advice.lowMinor)) to \(currency.grouped(advice.highMinor)) \(currency) "
        + "(\(level) % interval)")
    parts += rows.prefix(describedRows).map { sentence($0, currency) }
    if rows.count > describedRows { parts.append("and \(rows.count - describedRows) smaller rows") }
    return parts.joined(separator: ". ") + "."
  }

  /// Lines of at most so many characters, broken at blanks where there are any.
  static func wrapped(_ text: String, to count: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      var word = String(word)
      if !line.isEmpty, line.count + 1 + word.count > count {
        lines.append(line)
        line = ""
      }
      while word.count > count {
        lines.append(String(word.prefix(count)))
        word = String(word.dropFirst(count))
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  // MARK: Shapes

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
