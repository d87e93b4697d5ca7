internal import Advertising
package import Capture
package import Health
internal import Marts
internal import Money
internal import Projections
package import Reports
internal import Runs
internal import ShopMarts
internal import Text
package import Workspace

/// How a workspace is: whether its figures can be relied on, and if not, why.
package struct WorkspaceStatus: Sendable {
  /// Of every mart there is, with all reasons, those of the sources too.
  package var health: HealthReport
  package var findings: Findings
  /// Of every source that is captured, also those that nothing was captured of yet.
  package var capture: CaptureStatus
  /// Replays under way.
  package var replays: [RunningReplays.Replay]
  /// Channels that only spend or only visits know, as sentences; no matter of health.
  package var channelGaps: [String]

  package var isHealthy: Bool { health.isHealthy }
  /// Sentences, without control characters; empty when healthy.
  package var reasons: [String] { health.reasons }

  /// Reads marts, ledger and capture's file; takes no lock, so it works while everything runs. Runs whose process
  /// vanished are marked as broken first. `nowMillis`, since 1970, decides ages and nothing else. Blocks.
  package init(of workspace: Workspace, _ configuration: Configuration, nowMillis: Int64) throws {
    let names = Shop.marts.map(\.name)
    let quarantine = try workspace.quarantineRules()
    health = try HealthReport(
      marts: workspace.martsFolder, names: names,
      sources: configuration.sourcesByMart(Shop.registry),
      rules: configuration.healthRules, quarantine: quarantine, nowMillis: nowMillis)
    findings = try Findings.read(
      marts: workspace.martsFolder, parked: Shop.registry.parked, baseCurrency: configuration.baseCurrency,
      quarantine: quarantine)
    var capture = try CaptureStatus.read(workspace: workspace.folder)
    // What was said of a source before it was switched off is no matter of today.
    capture.sources.removeAll { !configuration.sourceNames.contains($0.name) }
    for name in configuration.sourceNames.subtracting(capture.sources.map(\.name)) {
      capture.sources.append(CaptureStatus.Source(nothingOf: name))
    }
    capture.sources.sort { $0.name < $1.name }
    self.capture = capture
    // Where a mart is missing or cannot be read, its own reasons say so.
    channelGaps = (try? AdvertisingReader(marts: workspace.martsFolder).channelGaps()) ?? []
    let ledger = try workspace.ledger()
    try ledger.markBroken()
    // The ledger knows without touching the job's own lock, which a capture that starts at this moment would find
    // taken.
    let isCapturing = try ledger.list(job: JobKind.capture.rawValue).contains { $0.state == .running }
    let faults = try Self.lastFailures(ledger, nowMillis) + capture.faults(isCapturing: isCapturing)
    health.otherReasons = ([workspace.keyFault()].compactMap(\.self) + faults).map(escapeForTerminal)
    replays = try RunningReplays(ledger).replays
  }

  /// What ended the last run of each job that keeps the marts fresh, as sentences; empty: each ended well, or is well
  /// under way.
  private static func lastFailures(_ ledger: RunLedger, _ nowMillis: Int64) throws -> [String] {
    try [JobKind.capture, .project].map(\.rawValue).compactMap { job in
      guard let run = try ledger.unresolvedFailure(of: job, nowMillis: nowMillis) else { return nil }
      let end = "\(job): its last run (\(run.id), \(Timestamp(millis: run.endedAtMillis ?? run.startedAtMillis).iso))"
      let remedy = "then start `millrace \(job)` again, or `millrace run`"
      guard let reason = run.reason?.replacing("\n", with: " ") else {
        return "\(end) died without a word; look at what stopped it, \(remedy)"
      }
      return "\(end) ended with an error: \(reason); mend that, \(remedy)"
    }
  }
}

extension Configuration {
  /// What counts as healthy in this workspace.
  var healthRules: HealthRules {
    HealthRules(
      freshnessLimitSeconds: Int64(freshnessLimitMinutes) * 60,
      quarantineLimitBasisPoints: Int64(quarantineThresholdPercent) * 100)
  }
}
