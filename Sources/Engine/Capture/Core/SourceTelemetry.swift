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
    let scope = TelemetryScope("millrace_capture", "source", source, logger, metrics)
    self.logger = scope.logger
    events = scope.counter("events", "Numbered events delivered to the log, heartbeats not counted.")
    rejected = scope.counter("rejected", "Source records that could not be read as events and were kept sealed.")
    heartbeats = scope.counter("heartbeats", "Heartbeats delivered to the log.")
    bytes = scope.counter("bytes", "Bytes of encoded events delivered to the log.")
    retries = scope.counter("retries", "Times that a source was tried again after an error.")
    epochs = scope.counter("epochs", "Times that a source's numbers began again, as when its history broke.")
    rotations = scope.counter("rotations", "Times that a new file took the place of the current one.")
    readUpTo = scope.gauge(
      seconds: "read_up_to", "Up to when the source was read to its end, in seconds since 1970.")
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

  /// `isBreak`: history broke. Else nothing was missed, as where a table came that was not there before.
  func beganEpoch(_ epoch: UInt64, isBreak: Bool) {
    epochs.add()
    let fields: KeyValuePairs<String, LogValue> = ["epoch": .integer(Int64(clamping: epoch))]
    guard isBreak else { return logger.info("a new epoch begins; all rows are read again", fields) }
    logger.warning("history broke: a new epoch begins", fields)
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
        case .unread, .historyBroken, .comparing, .held: .warning
        case .droppedColumn, .missingColumn, .missingTable, .waiting, .leftOut, .mended: .info
        }
      logger.log(level, note.text, ["kind": .string(note.kind.rawValue)])
    }
    for note in (old ?? []).subtracting(new).sorted()
    where [.unread, .waiting, .held].contains(note.kind) {
      logger.info("no longer: \(note.text)", ["kind": .string(note.kind.rawValue)])
    }
  }
}
