internal import Telemetry

/// What one source has done, as counters and log lines. Lines carry positions, counts and names of ours, never content.
struct SourceTelemetry: Sendable {
  let logger: Logger
  let events: Counter
  let rejected: Counter
  let heartbeats: Counter
  let bytes: Counter
  let retries: Counter
  let epochs: Counter
  let rotations: Counter
  let readUpTo: Gauge

  init(_ source: String, logger: Logger, metrics: Metrics) {
    self.logger = logger.with(["source": .string(source)])
    func counter(_ name: String, _ help: String) -> Counter {
      metrics.counter("millrace_capture_\(name)_total", help: help, labels: ["source": source])
    }
    events = counter("events", "Numbered events delivered to the log, heartbeats not counted.")
    rejected = counter("rejected", "Source records that could not be read as events and were kept sealed.")
    heartbeats = counter("heartbeats", "Heartbeats delivered to the log.")
    bytes = counter("bytes", "Bytes of encoded events delivered to the log.")
    retries = counter("retries", "Times that a source was tried again after an error.")
    epochs = counter("epochs", "Times that a source's history broke and its numbers began again.")
    rotations = counter("rotations", "Times that a new file took the place of the current one.")
    readUpTo = metrics.gauge(
      "millrace_capture_read_up_to_seconds", help: "Up to when the source was read to its end, in seconds since 1970.",
      labels: ["source": source])
  }

  func delivered(_ finished: BatchFinisher.Finished) {
    events.add(Int64(finished.events))
    rejected.add(Int64(finished.rejected))
    bytes.add(Int64(finished.bytes))
    guard finished.events > 0 else { return }
    logger.debug(
      "batch delivered", ["events": .integer(Int64(finished.events)), "bytes": .integer(Int64(finished.bytes))])
    if finished.rejected > 0 {
      logger.info(
        "records could not be read as events and were kept sealed", ["rejected": .integer(Int64(finished.rejected))])
    }
  }

  func sent(heartbeats count: Int) {
    heartbeats.add(Int64(count))
    logger.debug("heartbeats delivered", ["heartbeats": .integer(Int64(count))])
  }

  /// `old` nil: not known, so everything is new.
  func changed(_ old: Set<SourceNote>?, to new: Set<SourceNote>) {
    for note in new.subtracting(old ?? []).sorted() {
      let level: LogLevel =
        switch note.kind {
        case .unread, .historyBroken: .warning
        case .droppedColumn, .missingColumn, .missingTable, .waiting, .leftOut: .info
        }
      logger.log(level, note.text, ["kind": .string(note.kind.rawValue)])
    }
    for note in (old ?? []).subtracting(new).sorted() where note.kind == .unread || note.kind == .waiting {
      logger.info("no longer: \(note.text)", ["kind": .string(note.kind.rawValue)])
    }
  }
}
