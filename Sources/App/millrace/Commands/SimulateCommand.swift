internal import Concurrency
internal import Failures
internal import Money
internal import Operations
internal import Simulator
internal import Workspace

extension Command {
  /// `millrace simulate`: source systems to play with.
  static let simulate = Command(
    "simulate", "build simulated source systems, or keep them busy (--live)",
    discussion: """
      Builds sources/platform.sqlite, sources/weblogs/access.log with its rotations and sources/leads/ in the workspace, and
      truth.json, which says what reports must show. The same seed and date give the same bytes.
      With --live it goes on producing orders, status changes, returns, requests and stock counts in what an earlier simulate built.
      """,
    options: [
      .init("days", "N", "days of history (default: 400)"),
      .init("seed", "S", "which business to make up (default: 1)"),
      .init("until", "DATE", "the last day, YYYY-MM-DD (default: today, UTC)"),
      .init("orders", "N", "orders in all (default: 100000 for 400 days); customers and products follow"),
      .init("weblog-lines", "N", "access log lines in all (default: 200000 for 400 days)"),
      .init("faults", "RATE", "share of rows with a planted fault, for example 0.01 (default: 0)"),
      .init("live", "keep producing until Ctrl-C"),
      .init("rate", "N", "with --live: events a second (default: 50)"),
    ],
    examples: [
      "millrace simulate --days 396 --seed 1", "millrace simulate --orders 2000 --faults 0.02",
      "millrace simulate --live --rate 200",
    ]
  ) { invocation in
    let sources = try SimulatedSources(Workspace(invocation))
    let seed = UInt64(try invocation.integer("seed", in: 0...Int.max, default: 1))
    if invocation.has("live") {
      for option in ["days", "until", "orders", "weblog-lines", "faults"] where invocation.has(option) {
        throw Failure(.usage, "--live goes on with what is there; --\(option) belongs to the first simulate")
      }
      return try live(sources, seed: seed, rate: invocation.integer("rate", in: 1...100_000, default: 50))
    }
    if invocation.has("rate") { throw Failure(.usage, "--rate belongs to --live") }
    let today = Workspace.clock().day
    let until = try invocation["until"].map { try date($0, option: "until") } ?? today
    let plan = SimulationPlan(
      until: until, days: try invocation.integer("days", in: 1...4_000, default: SimulationPlan.defaultDays),
      seed: seed,
      orders: invocation.has("orders") ? try invocation.integer("orders", in: 0...10_000_000, default: 0) : nil,
      weblogLines: invocation.has("weblog-lines")
        ? try invocation.integer("weblog-lines", in: 0...100_000_000, default: 0) : nil,
      faultRate: try invocation.fraction("faults", in: 0...0.2, default: 0))
    let line = ProgressLine("simulate")
    try sources.build(plan) { stage, share in line.update(label: stage.rawValue, count: nil, share: share) }
    line.finish()
    Output.line(
      "Simulated \(plan.days) days until \(until): \(plan.orders) orders, \(plan.weblogLines) access log lines, lead sheets. Next: millrace capture --once"
    )
    return .ok
  }

  private static func live(_ sources: SimulatedSources, seed: UInt64, rate: Int) throws -> ExitCode {
    let line = ProgressLine("simulate")
    let produced = try sources.keepBusy(
      seed: seed, ratePerSecond: rate, stop: StopFlag.onSignals(),
      begun: { Output.note("Producing about \(rate) events a second until Ctrl-C.") },
      progress: { line.update(label: "events", count: Int64($0), share: nil) })
    line.finish()
    Output.line("Produced \(produced) events.")
    return .ok
  }

  static func date(_ text: String, option: String) throws -> CivilDate {
    guard let date = CivilDate(text) else {
      throw Failure(.usage, "--\(option) takes a date such as 2026-10-31, not '\(printable(text))'")
    }
    return date
  }
}
