internal import Capture
internal import Health
internal import Marts
internal import Money
internal import Operations
internal import Projections
internal import Reports
internal import Runs
internal import ShopMarts
internal import Telemetry
internal import Text
internal import Workspace

extension Command {
  /// `millrace status`: health with reasons.
  static let status = Command(
    "status", "say whether everything is fresh, gapless and counted, and if not, why",
    discussion: """
      Healthy means: every mart fresher than freshness_limit_minutes, no numbered event missing, quarantine under its
      threshold, events in = applied + quarantined + duplicates, every source found and readable with its history whole,
      nothing captured that waits for a capture to deliver it, and neither the last capture nor the last project ended with an
      error. Otherwise millrace prints the reasons and ends with
      code \(ExitCode.unhealthy.rawValue). With --format json it always ends with 0 when it could answer.
      """,
    options: [.init("format", choices: ["table", "json"], "how to print it (default: table)")],
    examples: ["millrace status", "millrace status --format json"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    let names = Shop.marts.map(\.name)
    var health = try HealthReport(
      marts: workspace.martsFolder, names: names,
      sources: Shop.sourcesByMart(configured: configuration.sourceNames),
      rules: HealthRules(
        freshnessLimitSeconds: Int64(configuration.freshnessLimitMinutes) * 60,
        quarantineLimitBasisPoints: Int64(configuration.quarantineThresholdPercent) * 100),
      nowMillis: Workspace.clock().millis)
    let findings = try Findings.read(
      marts: workspace.martsFolder, names: names, baseCurrency: configuration.baseCurrency)
    var capture = try CaptureStatus.read(workspace: workspace.folder)
    // What was said of a source before it was switched off is no matter of today.
    capture.sources.removeAll { !configuration.sourceNames.contains($0.name) }
    let isCapturing = try capture.undelivered > 0 && isRunning("capture", in: workspace)
    health.otherReasons = try (lastFailures(in: workspace) + capture.faults(isCapturing: isCapturing))
      .map(escapeForTerminal)
    let replays = try RunningReplays(workspace.ledger()).replays
    if invocation["format"] == "json" {
      let running = JSON.array(replays.map(\.json)).text
      Output.text(health.json(extra: extra(findings, capture) + [("replays", running)]))
      return .ok
    }
    Output.line(health.isHealthy ? "healthy" : "NOT healthy")
    for reason in health.reasons { Output.line("  - \(reason)") }
    Output.line("")
    let rows = health.marts.map { mart in
      [
        mart.name, "\(mart.generation)", mart.ageSeconds.map { "\($0) s" } ?? "unknown", "\(mart.counts.eventsIn)",
        "\(mart.counts.applied)", "\(mart.counts.quarantined)", "\(mart.counts.duplicates)", "\(mart.gaps)",
      ]
    }
    Output.text(
      TextTable(
        ["mart", "generation", "age", "events in", "= applied", "+ quarantined", "+ duplicates", "gaps"], rows,
        rightAligned: Set(1...7)
      ).text)
    for (title, counts) in [
      ("in quarantine, by reason", findings.quarantine), ("applied but flagged", findings.flags),
      ("waiting for what they refer to", findings.parked),
    ] where counts.values.contains(where: { $0 > 0 }) {
      Output.line("\n\(title):")
      for (name, count) in counts.sorted(by: { $0.key < $1.key }) where count > 0 { Output.line("  \(name): \(count)") }
    }
    for replay in replays { Output.line("\n\(replay.sentence)") }
    if capture.undelivered > 0 { Output.line("\n\(capture.undelivered) captured events are on their way to the log") }
    for source in capture.sources {
      for note in source.notes { Output.line("\n\(source.name): \(note.kind.rawValue): \(printable(note.text))") }
    }
    return health.isHealthy ? .ok : .unhealthy
  }

  /// Whether a process does this job now. The ledger knows without touching the job's own lock, which a job that starts at
  /// this moment would find taken.
  private static func isRunning(_ job: String, in workspace: Workspace) throws -> Bool {
    let ledger = try workspace.ledger()
    try ledger.markBroken()
    return try ledger.list(job: job).contains { $0.state == .running }
  }

  /// What ended the last run of each job that keeps the marts fresh, as sentences; empty: each ended well, or is well under
  /// way.
  private static func lastFailures(in workspace: Workspace) throws -> [String] {
    let ledger = try workspace.ledger()
    try ledger.markBroken()
    let now = Workspace.clock().millis
    return try ["capture", "project"].compactMap { job in
      guard let run = try ledger.unresolvedFailure(of: job, nowMillis: now) else { return nil }
      let end = "\(job): its last run (\(run.id), \(Timestamp(millis: run.endedAtMillis ?? run.startedAtMillis).iso))"
      let remedy = "then start `millrace \(job)` again, or `millrace run`"
      guard let reason = run.reason?.replacing("\n", with: " ") else {
        return "\(end) died without a word; look at what stopped it, \(remedy)"
      }
      return "\(end) ended with an error: \(reason); mend that, \(remedy)"
    }
  }

  private static func extra(_ findings: Findings, _ capture: CaptureStatus) -> [(key: String, json: String)] {
    func object(_ counts: [String: Int64]) -> String {
      JSON.object(counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }).text
    }
    return [
      ("quarantine", object(findings.quarantine)), ("flags", object(findings.flags)),
      ("parked", object(findings.parked)),
      ("undelivered", String(capture.undelivered)),
      ("dropped_columns", JSON.array(capture.droppedColumns.map(JSON.text)).text),
    ]
  }
}
