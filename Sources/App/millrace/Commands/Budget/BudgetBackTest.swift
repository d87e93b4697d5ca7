internal import Advertising
internal import Money
internal import Operations
internal import Text
internal import Workspace

/// `millrace budget backtest`: plans for the past, from what was known then.
enum BudgetBackTest {
  static func run(_ call: BudgetCall) throws -> ExitCode {
    let answer = try call.context.backTest()
    let result = answer.result
    let names: [BackTest.Strategy: String] = [
      .plan: "this planner", .equal: "equal parts", .naive: "share of visitors", .credited: "share of credited return",
      .current: "as the weeks before",
    ]
    let rows = BackTest.Strategy.allCases.map { strategy -> [BudgetTable.Value] in
      [
        .text(names[strategy] ?? strategy.rawValue), .integer(whole(result.total(strategy))),
        .number(BudgetRendering.fixed(result.regret(strategy) * 100, 1)),
      ]
    }
    let judge =
      result.judge == .truth
      ? "judged by the known truth"
      : "judged by curves fitted to the whole history: nobody saw what another division would have returned, so this judge shares the planner's assumptions and cannot prove a plan"
    let table = BudgetTable(
      name: "backtest", currency: call.base,
      columns: [.init("division", .text), .init("incremental_return_minor", .money), .init("regret_percent", .number)],
      rows: rows,
      extra: [
        ("periods", .integer(Int64(result.periods.count))), ("judge", .text(result.judge.rawValue)),
        ("best_return_minor", .integer(whole(result.bestTotal))),
        ("forecast_error", .number(BudgetRendering.fixed(result.forecastError, 4))),
        ("weeks", .integer(Int64(answer.weeks))),
      ],
      before: [
        "\(result.periods.count) periods of 4 weeks within \(answer.weeks) weeks, money as it was spent, divided by what was known then; \(judge)"
      ],
      after: [
        "Forecasts of the return of the real spend were off by \(BudgetRendering.percent(result.forecastError)) on average."
      ]
        + answer.missing.map { "Note: \($0)" })
    table.print(call.format)
    return .ok
  }

  private static func whole(_ value: Double) -> Int64 {
    value.isFinite ? Int64(min(max(value, -0x1p62), 0x1p62).rounded()) : 0
  }
}
