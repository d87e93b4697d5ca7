extension Command {
  /// `millrace budget evaluate`: how far the planner's figures can be trusted.
  static let budget = Command(
    "budget", "advertising budgets: how well the planner does on simulated companies",
    discussion: """
      evaluate   plan for simulated companies whose response to advertising is known, and compare each plan's true return
                 with the best possible one, with the naive split by share of visits and others, and the plan's intervals
                 with the truth. Needs no workspace.
      """,
    arguments: [.init("ACTION", .one, "evaluate")],
    options: [
      .init("seeds", "A-B", "which companies to simulate, at most 10,000 (default: 1001-1100)"),
      .init("weeks", "N", "weeks of history each company has (default: 52)"),
      .init("explore", "SHARE", "share of the budget divided equally over all rows (default: 0.05)"),
      .init("level", "SHARE", "share of the time that intervals shall hold the truth (default: 0.9)"),
      .init("format", choices: ["table", "json"], "how to print it (default: table)"),
    ],
    examples: ["millrace budget evaluate", "millrace budget evaluate --seeds 1001-1100 --weeks 8 --format json"]
  ) { invocation in
    switch invocation.arguments[0] {
    case "evaluate": return try evaluateBudgets(invocation)
    case let action:
      throw Failure(.usage, "'millrace budget' knows evaluate, not '\(printable(action))'")
    }
  }
}
