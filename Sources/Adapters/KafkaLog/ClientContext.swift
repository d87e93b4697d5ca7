internal import CKafka
internal import Concurrency
package import Telemetry

/// What a client's callbacks work on. Lives until the client is gone, even when that is never.
final class ClientContext: Sendable {
  /// Something that librdkafka reported beside the calls: why a broker cannot be reached, most often.
  struct Trouble: Sendable {
    var code: Int32
    var text: String
    var millis: Int64
  }

  private let logger: Logger
  private let counters: KafkaCounters
  /// Texts that must never be shown.
  private let secrets: [String]
  private let trouble = Lock<Trouble?>(nil)
  private let budget = Lock<(second: Int64, lines: Int, dropped: Int)>((0, 0, 0))
  /// Acknowledgements of the producer's records; touched on the appending thread only.
  let deliveries = DeliveryBoard()

  init(logger: Logger, counters: KafkaCounters, secrets: [String]) {
    self.logger = logger
    self.counters = counters
    self.secrets = secrets.filter { !$0.isEmpty }
  }

  /// The latest trouble since `millis`.
  func trouble(since millis: Int64) -> Trouble? { trouble.withLock { $0.flatMap { $0.millis >= millis ? $0 : nil } } }

  func note(code: rd_kafka_resp_err_t, text: String) {
    counters.errors.add()
    let clean = redacted(text)
    trouble.withLock { trouble in
      // That no broker answers is a consequence; who said why keeps the word. So it does when a handshake fails again
      // and is now and then reported as a line that broke.
      let now = Monotonic.millis
      if let known = trouble, now - known.millis < KafkaLimits.reasonMillis,
        code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN
          || code == RD_KAFKA_RESP_ERR__TRANSPORT && known.code == RD_KAFKA_RESP_ERR__SSL.rawValue
      {
        trouble?.millis = now
      } else {
        trouble = Trouble(code: code.rawValue, text: clean, millis: now)
      }
    }
    logger.warning("kafka: \(clean)", ["code": .string(String(cString: rd_kafka_err2name(code)))])
  }

  func commitFailed(_ code: rd_kafka_resp_err_t) {
    // No offset to commit is no failure.
    if code != RD_KAFKA_RESP_ERR__NO_OFFSET { counters.commitErrors.add() }
  }

  /// A line of librdkafka's own log; `level` is syslog's.
  func line(level: Int32, facility: String, text: String) {
    let second = Monotonic.millis / 1_000
    let dropped: Int? = budget.withLock { budget in
      if budget.second != second {
        let dropped = budget.dropped
        budget = (second, 1, 0)
        return dropped
      }
      // Debug lines come only when `debug` asks for them.
      if level >= 7 { return 0 }
      guard budget.lines < KafkaLimits.logLinesPerSecond else {
        budget.dropped += 1
        return nil
      }
      budget.lines += 1
      return 0
    }
    guard let dropped else { return }
    let importance: LogLevel =
      switch level {
      case ...3: .error
      case 4...5: .warning
      case 6: .info
      default: .debug
      }
    logger.log(
      importance, "librdkafka: \(redacted(text))",
      ["facility": .string(facility), "dropped": .integer(Int64(dropped))])
  }

  /// A line of figures since the client was made.
  func report(_ statistics: ClientStatistics) {
    logger.info(
      "kafka: \(statistics.type)",
      [
        "sent": .integer(statistics.txmsgs), "sent_bytes": .integer(statistics.txbytes),
        "queued": .integer(statistics.queued), "resent": .integer(counters.resent.value),
        "fetched": .integer(statistics.rxmsgs), "fetched_bytes": .integer(statistics.rxbytes),
        "fetch_restarts": .integer(counters.restarts.value), "requests_repeated": .integer(statistics.requestsRepeated),
        "requests_timed_out": .integer(statistics.requestsTimedOut), "errors": .integer(counters.errors.value),
      ])
  }

  private func redacted(_ text: String) -> String {
    var text = text
    for secret in secrets where text.contains(secret) {
      text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "[redacted]")
    }
    return text
  }
}

/// What this module counts.
package struct KafkaCounters: Sendable {
  let errors: Counter
  let commitErrors: Counter
  let restarts: Counter
  let resent: Counter
  let stale: Counter

  /// Counts into `metrics`; several logs that share them add up.
  package init(_ metrics: Metrics) {
    errors = metrics.counter("millrace_kafka_errors_total", help: "Errors that librdkafka reported beside its calls.")
    commitErrors = metrics.counter(
      "millrace_kafka_commit_errors_total", help: "Commits of group offsets that failed; they only show the lag.")
    restarts = metrics.counter(
      "millrace_kafka_fetch_restarts_total",
      help: "Partitions whose fetching began anew, after an error or at another offset.")
    resent = metrics.counter(
      "millrace_kafka_resent_records_total", help: "Records sent again by a new client after a fatal error.")
    stale = metrics.counter(
      "millrace_kafka_stale_records_total", help: "Records below the offset asked for, dropped.")
  }
}
