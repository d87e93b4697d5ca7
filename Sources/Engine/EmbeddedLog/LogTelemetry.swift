internal import Concurrency
internal import Telemetry

/// What the embedded log tells of its work: checkpoints, waits for other processes, a failed disk. No content of records.
struct LogTelemetry: Sendable {
  private let logger: Logger
  private let checkpoints: Counter
  private let waits: Histogram

  init(_ logger: Logger, _ metrics: Metrics) {
    self.logger = logger
    checkpoints = metrics.counter(
      "millrace_log_checkpoints_total", help: "Times that the write-ahead log of log.sqlite was moved into the file.")
    waits = metrics.histogram(
      "millrace_log_lock_wait_seconds",
      help: "How long an append waited for the log's lock, which others hold to append.")
  }

  /// The lock was asked for at `began` (`Monotonic`), and is held now.
  func gotLock(askedAt began: Int64) {
    let waited = Monotonic.millis - began
    waits.observe(Double(waited) / 1_000)
    guard waited >= EmbeddedLogLimits.toldWaitMilliseconds else { return }
    logger.info("log.sqlite: waited for another process that appends", ["milliseconds": .integer(waited)])
  }

  /// `bytes`: what had been appended since the last one.
  func checkpointed(bytes: Int64) {
    checkpoints.add()
    logger.debug("log.sqlite: checkpoint", ["bytes": .integer(bytes)])
  }

  func diskFailed(_ operation: String) {
    logger.error("log.sqlite: the disk failed; nothing more is acknowledged", ["operation": .string(operation)])
  }
}
