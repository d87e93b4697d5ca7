internal import Advertising
internal import Capture
internal import Entity
internal import Events
internal import Failures
internal import Health
internal import Marts
internal import Money
internal import Operations
internal import Workspace

extension Command {
  /// `millrace budget ACTION`: advertising budgets out of the site's own figures.
  static let budget = Command(
    "budget", "divide an advertising budget by what the site's traffic and orders show",
    discussion: """
      plan         how to divide --total over markets and channels in --period, with a reason for each row
      attribution  which channels orders are credited to, by six rules side by side
      costs        what a visitor, a lead, a qualified lead and an order cost, by campaign
      backtest     how plans would have done in the past against simpler divisions
      review       what became of recorded plans: spent and returned so far against what was planned
      evaluate     how well plans do for simulated companies whose response to advertising is known: each plan's true return
                   against the best possible one and against simple divisions, and its intervals against the truth.
                   Needs no workspace.

      A plan is refused with code \(ExitCode.budgetRefused.rawValue) when data are stale, have gaps or are too thin; what is missing is
      printed. --force plans all the same, and every form of the plan then carries the warning.
      A period that is over gets no plan. No row moves by more than --max-change from its present share of the total,
      since curves out of history are least wrong near what was tried. With --record a plan is kept in the log (topic
      decisions), so that review can look back at it.
      """,
    arguments: [.action(budgetActions)],
    options: [
      .init("total", "AMOUNT", "plan: the whole budget, e.g. 50000 or 50000.00"),
      .init("currency", "CODE", "plan: its currency (default: base_currency)"),
      .init("period", "P", "plan: 2026-11, 2026-Q4, 2026-W45 or 2026-11-02..2026-11-29"),
      .init(
        repeatable: "min", "ROW=AMOUNT",
        "plan: at least this much; ROW is MARKET/CHANNEL, MARKET or CHANNEL; may be repeated"),
      .init(repeatable: "max", "ROW=AMOUNT", "plan: at most this much; may be repeated"),
      .init(
        "explore", "SHARE", "plan, evaluate: share divided equally over all rows, to go on learning (default: 0.05)"),
      .init("chart", "FILE", "plan: also draw it as an SVG file"),
      .init("force", "plan: despite stale, gapped or thin data"),
      .init(
        "max-change", "SHARE",
        "plan: how far a row may move from its present share, 0 to 1 or 'none' (default: 0.3)"),
      .init("record", "plan: record it in the log, for review"),
      .init(
        "by", "ROLE",
        "plan: in what role it is asked for, kept with the record; not a person's name (default: operator)"),
      .init("seeds", "A-B", "evaluate: which companies to simulate, at most 10,000 (default: 1001-1100)"),
      .init("weeks", "N", "evaluate: weeks of history each company has (default: 52)"),
      .init("markets", "N", "evaluate: markets of each company, 1 to 60 (default: the seed decides)"),
      .init("channels", "N", "evaluate: channels in each market, 1 to 12 (default: the seed decides)"),
      .init("level", "SHARE", "evaluate: share of the time that intervals shall hold the truth (default: 0.9)"),
      .init("as-of", "DATE", "the last day that counts, YYYY-MM-DD (default: today, UTC)"),
      .init("from", "DATE", "attribution, costs: first day (default: all full weeks, up to two years)"),
      .init("to", "DATE", "attribution, costs: last day (default: --as-of)"),
      .init("format", choices: ["table", "csv", "json"], "how to print it (default: table)"),
    ],
    examples: [
      "millrace budget plan --total 3500000 --currency USD --period 2026-12",
      "millrace budget plan --total 3500000 --period 2026-12 --min CA/search=60000 --max display=150000 --chart plan.svg",
      "millrace budget attribution --from 2026-09-01 --to 2026-10-31", "millrace budget costs --format csv",
      "millrace budget review",
    ]
  ) { invocation in
    if invocation.arguments[0] == "evaluate" { return try evaluateBudgets(invocation) }
    guard budgetActions.contains(invocation.arguments[0]) else {
      let action = invocation.arguments[0]
      let near = nearest(to: action, among: budgetActions).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "'millrace budget' knows \(budgetActions.joined(separator: ", ")), not '\(printable(action))'\(near)")
    }
    let call = try BudgetCall(invocation)
    do {
      switch invocation.arguments[0] {
      case "plan": return try BudgetPlanning.run(call)
      case "attribution": return try BudgetAttribution.run(call)
      case "costs": return try BudgetCosts.run(call)
      case "backtest": return try BudgetBackTest.run(call)
      default: return try BudgetReviewing.run(call)
      }
    } catch let refusal as BudgetRefusal {
      let what = invocation.arguments[0] == "backtest" ? "back-test" : invocation.arguments[0]
      Output.note("millrace: no \(what)\(refusal.canBeForced ? ", since the data do not carry one" : ""):")
      for reason in refusal.reasons { Output.note("  - \(reason)") }
      if refusal.canBeForced { Output.note("--force plans all the same, with this warning in it.") }
      return .budgetRefused
    }
  }

  private static let budgetActions = ["plan", "attribution", "costs", "backtest", "review", "evaluate"]
}

/// A budget command as it was typed, over the workspace that answers it.
struct BudgetCall {
  let invocation: Invocation
  let context: BudgetContext

  init(_ invocation: Invocation) throws {
    self.invocation = invocation
    context = try BudgetContext(
      Workspace(invocation), asOf: invocation["as-of"].map { try Command.date($0, option: "as-of") })
  }

  var base: Currency { context.base }
  var format: String { invocation["format"] ?? "table" }

  /// --from and --to, or nil for the full weeks.
  func days() throws -> ClosedRange<CivilDate>? {
    guard invocation.has("from") || invocation.has("to") else { return nil }
    let to = try invocation["to"].map { try Command.date($0, option: "to") } ?? context.asOf
    let from = try invocation["from"].map { try Command.date($0, option: "from") } ?? to.adding(days: -364)
    guard from <= to else { throw Failure(.usage, "--from \(from) lies after --to \(to)") }
    return from...to
  }
}
