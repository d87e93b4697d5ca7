internal import Advertising
internal import Capture
internal import Enrichment
internal import Events
internal import Failures
internal import Health
internal import Marts
internal import Money
internal import Privacy
internal import Projections
internal import ShopMarts
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
      Each plan is recorded in the log (topic decisions) unless --no-record is given, so that review can look back at it.
      """,
    arguments: [.init("ACTION", .one, "plan, attribution, costs, backtest, review or evaluate")],
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
      .init("record", "plan: record it in the log (the default)"),
      .init("no-record", "plan: only look"),
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
      "millrace budget plan --total 50000 --currency USD --period 2026-12",
      "millrace budget plan --total 50000 --period 2026-12 --min CA/search=2000 --max display=5000 --chart plan.svg",
      "millrace budget attribution --from 2026-09-01 --to 2026-10-31", "millrace budget costs --format csv",
      "millrace budget review",
    ]
  ) { invocation in
    let actions = ["plan", "attribution", "costs", "backtest", "review", "evaluate"]
    if invocation.arguments[0] == "evaluate" { return try evaluateBudgets(invocation) }
    guard actions.contains(invocation.arguments[0]) else {
      let action = invocation.arguments[0]
      let near = nearest(to: action, among: actions).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "'millrace budget' knows \(actions.joined(separator: ", ")), not '\(printable(action))'\(near)")
    }
    let context = try BudgetContext(invocation)
    switch invocation.arguments[0] {
    case "plan": return try BudgetPlanning.run(context)
    case "attribution": return try BudgetAttribution.run(context)
    case "costs": return try BudgetCosts.run(context)
    case "backtest": return try BudgetBackTest.run(context)
    default: return try BudgetReviewing.run(context)
    }
  }
}

/// What all budget commands need: the workspace, the marts, the day, and how to print.
struct BudgetContext {
  let invocation: Invocation
  let workspace: Workspace
  let configuration: Configuration
  let base: Currency
  let now: Timestamp
  let asOf: CivilDate

  init(_ invocation: Invocation) throws {
    self.invocation = invocation
    workspace = try Workspace(invocation)
    configuration = try workspace.configuration()
    guard let base = Currency(configuration.baseCurrency) else {
      throw Failure(
        .configuration,
        "base_currency '\(printable(configuration.baseCurrency))' in millrace.yaml is no ISO 4217 currency")
    }
    self.base = base
    now = Workspace.clock()
    asOf = try invocation["as-of"].map { try Command.date($0, option: "as-of") } ?? now.day
  }

  var format: String { invocation["format"] ?? "table" }

  func reader() throws -> AdvertisingReader { try AdvertisingReader(marts: workspace.martsFolder) }

  func query(_ days: ClosedRange<CivilDate>? = nil) throws -> AdvertisingQuery {
    AdvertisingQuery(asOf: asOf, days: days, baseCurrency: base, staff: try staff())
  }

  /// --from and --to, or nil for the full weeks.
  func days() throws -> ClosedRange<CivilDate>? {
    guard invocation.has("from") || invocation.has("to") else { return nil }
    let to = try invocation["to"].map { try Command.date($0, option: "to") } ?? asOf
    let from = try invocation["from"].map { try Command.date($0, option: "from") } ?? to.adding(days: -364)
    guard from <= to else { throw Failure(.usage, "--from \(from) lies after --to \(to)") }
    return from...to
  }

  /// Names and addresses of staff become tokens only here, so that no mart has to be rebuilt when somebody comes or goes.
  private func staff() throws -> AdvertisingQuery.Staff {
    var staff = AdvertisingQuery.Staff()
    guard !configuration.staffUsers.isEmpty || !configuration.staffNetworks.isEmpty else { return staff }
    let keyring = try workspace.keyring()
    let vault = try Vault(path: workspace.vaultFile, keyring: keyring, mode: .reader)
    // A mart that was not rebuilt yet has tokens of an older version.
    for version in 1...keyring.tokenVersion {
      let tokenizer = try Tokenizer(keyring, version: version, vault: vault)
      for name in configuration.staffUsers {
        staff.users.insert(try tokenizer.token(of: PersonalData(name), field: .user).bytes)
      }
      for block in configuration.staffNetworks {
        for address in block.addresses {
          staff.addresses.insert(try tokenizer.token(of: PersonalData(address), field: .ip).bytes)
        }
      }
    }
    return staff
  }

  /// Why the marts are not to be trusted now, as sentences.
  func unfitness() throws -> [String] {
    let names = AdvertisingReader.marts
    let health = try HealthReport(
      marts: workspace.martsFolder, names: names,
      sources: Shop.sourcesByMart(configured: configuration.sourceNames).filter { names.contains($0.key) },
      rules: HealthRules(
        freshnessLimitSeconds: Int64(configuration.freshnessLimitMinutes) * 60,
        quarantineLimitBasisPoints: Int64(configuration.quarantineThresholdPercent) * 100),
      nowMillis: now.millis)
    return health.marts.flatMap { mart in mart.reasons.map { "\(mart.name): \($0)" } }
  }

  func refuse(_ what: String, _ reasons: [String]) -> ExitCode {
    Output.note("millrace: no \(what), since the data do not carry one:")
    for reason in reasons { Output.note("  - \(reason)") }
    return .budgetRefused
  }
}
