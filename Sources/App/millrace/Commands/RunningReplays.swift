internal import Runs

/// Replays under way, as the ledger knows them; for `status`.
struct RunningReplays {
  struct Replay {
    var mart: String
    var done: Int64
    var total: Int64
    var eventsPerSecond: Int64
    /// By partition: done and total.
    var partitions: [(name: String, done: Int64, total: Int64)]

    /// nil: not known yet.
    var secondsLeft: Int64? { eventsPerSecond > 0 ? max(0, total - done) / eventsPerSecond : nil }
    /// Rounded down: 100 means that all is read.
    var percent: Int64 { total > 0 ? min(100, Int64(Double(done) * 100 / Double(total))) : 0 }

    var sentence: String {
      "replay of \(mart): \(percent) %, \(done) of \(total) events, \(eventsPerSecond) events/s"
        + (secondsLeft.map { ", about \($0) s left" } ?? "")
    }

    var json: JSON {
      .object([
        ("mart", .text(mart)), ("percent", .integer(percent)), ("done", .integer(done)), ("total", .integer(total)),
        ("events_per_second", .integer(eventsPerSecond)), ("seconds_left", secondsLeft.map(JSON.integer) ?? .null),
        (
          "partitions",
          .array(
            partitions.map {
              .object([("partition", .text($0.name)), ("done", .integer($0.done)), ("total", .integer($0.total))])
            })
        ),
      ])
    }
  }

  var replays: [Replay] = []

  /// Marks what is broken first, so that what died is not shown as running.
  init(_ ledger: RunLedger) throws {
    try ledger.markBroken()
    for record in try ledger.list(limit: 100) where record.state == .running && record.job.hasPrefix("replay ") {
      let counts = record.counts
      let partitions = counts.keys.filter { $0.hasPrefix("total.") }.sorted().map { key in
        let name = String(key.dropFirst("total.".count))
        return (name: name, done: counts["done.\(name)"] ?? 0, total: counts[key] ?? 0)
      }
      replays.append(
        Replay(
          mart: String(record.job.dropFirst("replay ".count)), done: counts["progress.done"] ?? 0,
          total: counts["progress.total"] ?? 0,
          eventsPerSecond: counts["progress.per_second"] ?? 0, partitions: partitions))
    }
  }
}
