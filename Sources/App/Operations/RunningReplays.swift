package import Runs
internal import Workspace

/// Replays under way, as the ledger knows them; for `status`.
package struct RunningReplays {
  /// One mart's.
  package struct Replay {
    package var mart: String
    package var done: Int64
    package var total: Int64
    package var eventsPerSecond: Int64
    /// By partition: done and total.
    package var partitions: [(name: String, done: Int64, total: Int64)]

    /// nil: not known yet.
    package var secondsLeft: Int64? { eventsPerSecond > 0 ? max(0, total - done) / eventsPerSecond : nil }
    /// Rounded down: 100 means that all is read.
    package var percent: Int64 { total > 0 ? min(100, Int64(Double(done) * 100 / Double(total))) : 0 }
  }

  package var replays: [Replay] = []

  /// Marks what is broken first, so that what died is not shown as running.
  package init(_ ledger: RunLedger) throws {
    try ledger.markBroken()
    for record in try ledger.list(limit: 100) where record.state == .running {
      guard let mart = JobKind.replay.mart(of: record.job) else { continue }
      let counts = record.counts
      let partitions = counts.keys.filter { $0.hasPrefix("total.") }.sorted().map { key in
        let name = String(key.dropFirst("total.".count))
        return (name: name, done: counts["done.\(name)"] ?? 0, total: counts[key] ?? 0)
      }
      replays.append(
        Replay(
          mart: mart, done: counts["progress.done"] ?? 0,
          total: counts["progress.total"] ?? 0,
          eventsPerSecond: counts["progress.per_second"] ?? 0, partitions: partitions))
    }
  }
}
