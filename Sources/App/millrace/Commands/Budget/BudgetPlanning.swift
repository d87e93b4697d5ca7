internal import Advertising
internal import Capture
internal import Concurrency
internal import Entity
internal import Events
internal import Failures
internal import Files
internal import Money
internal import Operations
internal import Pipeline
internal import Text
internal import Workspace

/// `millrace budget plan`.
enum BudgetPlanning {
  static func run(_ call: BudgetCall) throws -> ExitCode {
    let invocation = call.invocation
    let plan = try call.context.plan(question(call), isForced: invocation.has("force"))
    print(plan.advice, call.format)
    if let path = invocation["chart"] {
      try Files.replace(path, with: Array(BudgetChart.svg(plan.advice).utf8))
      Output.note("Drew \(path).")
    }
    if invocation.has("record") {
      try call.context.record(plan, by: invocation["by"] ?? "operator")
      Output.note("Recorded in the log, for `millrace budget review` after the next `millrace project`.")
    } else {
      Output.note("Not recorded; with --record it is kept for `millrace budget review`.")
    }
    return .ok
  }

  // MARK: The question

  private static func question(_ call: BudgetCall) throws -> BudgetQuestion {
    let invocation = call.invocation
    guard let total = invocation["total"], let periodText = invocation["period"] else {
      throw Failure(
        .usage, "a plan needs a budget and a period: millrace budget plan --total 3500000 --period 2026-12")
    }
    let code = invocation["currency"] ?? call.base.code
    guard let currency = Currency(code.uppercased()) else {
      throw Failure(.usage, "--currency takes an ISO 4217 code such as USD, not '\(printable(code))'")
    }
    guard let period = BudgetPeriod(periodText) else {
      throw Failure(
        .usage,
        "--period takes a month (2026-11), a quarter (2026-Q4), an ISO week (2026-W45) or days (2026-11-02..2026-11-29), at most a year; not '\(printable(periodText))'"
      )
    }
    let bounds =
      try invocation.all("min").map { try bound($0, isMinimum: true, currency) }
      + invocation.all("max").map { try bound($0, isMinimum: false, currency) }
    let minor = try amount(total, currency, option: "total")
    guard minor > 0 else { throw Failure(.usage, "--total is nothing; give an amount above 0") }
    return BudgetQuestion(
      totalMinor: minor, currency: currency, period: period, bounds: bounds,
      explorationShare: try invocation.fraction("explore", in: 0...1, default: PlanRequest.defaultExplorationShare),
      maxChange: invocation["max-change"] == "none"
        ? nil : try invocation.fraction("max-change", in: 0...1, default: BudgetQuestion.defaultMaxChange))
  }

  private static func amount(_ text: String, _ currency: Currency, option: String) throws -> Int64 {
    guard let decimal = Decimal64(text), let minor = decimal.minor(exponent: currency.exponent), minor >= 0,
      Decimal64(unscaled: minor, scale: currency.exponent).compared(to: decimal) == 0,
      minor <= AdvertisingLimits.totalMinor
    else {
      throw Failure(
        .usage,
        "--\(option): '\(printable(text))' is no amount in \(currency) (digits, and at most \(currency.exponent) decimals after a point)"
      )
    }
    return minor
  }

  /// "CA/search=1000", "CA=1000" or "search=1000". Markets are two capitals.
  private static func bound(_ text: String, isMinimum: Bool, _ currency: Currency) throws -> BudgetQuestion.Bound {
    let option = isMinimum ? "min" : "max"
    let sides = text.split(separator: "=", omittingEmptySubsequences: false)
    let parts = (sides.first ?? "").split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    func isMarket(_ part: String) -> Bool { part.utf8.count == 2 && part.utf8.allSatisfy { $0 &- 65 < 26 } }
    guard sides.count == 2, (1...2).contains(parts.count), !parts.contains(""),
      parts.count == 1 || (isMarket(parts[0]) && !isMarket(parts[1]))
    else {
      throw Failure(
        .usage,
        "--\(option) takes MARKET/CHANNEL=AMOUNT, MARKET=AMOUNT or CHANNEL=AMOUNT, e.g. CA/search=1000; not '\(printable(text))'"
      )
    }
    let market = isMarket(parts[0]) ? parts[0] : nil
    return BudgetQuestion.Bound(
      market: market, channel: parts.count == 2 ? parts[1] : market == nil ? parts[0] : nil,
      amountMinor: try amount(String(sides[1]), currency, option: option), isMinimum: isMinimum)
  }

  // MARK: The answer

  private static func print(_ advice: BudgetAdvice, _ format: String) {
    switch format {
    case "json": Output.line(BudgetRendering.json(advice).text)
    case "csv":
      if !advice.warnings.isEmpty { Output.note("millrace: WARNING: \(advice.warnings.joined(separator: "; "))") }
      Output.note(advice.caution)
      Output.rows(BudgetRendering.csv(advice))
    default: Output.text(BudgetRendering.table(advice))
    }
  }
}
