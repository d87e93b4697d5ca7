package import Concurrency
internal import EmbeddedLog
package import EventLog
internal import Failures
internal import Foundation
package import KafkaLog
internal import Money
internal import Telemetry

/// The workspace's log, whichever kind it is.
extension Workspace {
  /// The log for reading; throws when there is none yet. `progressOf` names the mart whose progress Kafka's own tools
  /// shall see; once `stop` is asked, calls that wait for a broker give up within seconds.
  package func openLog(
    _ configuration: Configuration? = nil, progressOf mart: String? = nil, stop: StopFlag? = nil
  ) throws -> any LogReader {
    switch try (configuration ?? self.configuration()).log {
    case .embedded(let folder):
      return try EmbeddedLog(folder: resolve(folder), readOnly: true, logger: logger, metrics: metrics)
    case .kafka(let settings):
      return try KafkaLog(
        located(settings), group: mart.map { "millrace.\($0)" }, logger: kafkaLogger(settings),
        counters: KafkaCounters(metrics), stop: stop ?? StopFlag())
    }
  }

  /// The log for capture.
  package func openWritableLog(_ configuration: Configuration, stop: StopFlag) throws -> any LogReader & LogWriter {
    switch configuration.log {
    case .embedded(let folder): return try EmbeddedLog(folder: resolve(folder), logger: logger, metrics: metrics)
    case .kafka(let settings):
      return try KafkaLog(
        located(settings), logger: kafkaLogger(settings), counters: KafkaCounters(metrics), stop: stop)
    }
  }

  /// A Kafka as source or target of a copy. `lineage`: it is to be a copy of that log, and is made where it is missing.
  package func openKafka(
    _ settings: KafkaSettings, lineage: String?, stop: StopFlag? = nil
  ) throws -> any LogReader & LogWriter & LogCopyTarget {
    let (settings, logger) = (located(settings), kafkaLogger(settings))
    if let lineage {
      _ = try KafkaLog.create(
        settings, id: lineage, nowMillis: Workspace.clock().millis, logger: logger, stop: stop ?? StopFlag())
    }
    return try KafkaLog(settings, logger: logger, counters: KafkaCounters(metrics), stop: stop ?? StopFlag())
  }

  /// Makes the log where it is missing. Answers whether it was made now.
  package func createLog(_ configuration: Configuration) throws -> Bool {
    switch configuration.log {
    case .embedded(let folder):
      let isNew = (try? EmbeddedLog(folder: resolve(folder), readOnly: true)) == nil
      _ = try EmbeddedLog(folder: resolve(folder), logger: logger, metrics: metrics)
      return isNew
    case .kafka(let settings):
      return try KafkaLog.create(
        located(settings), nowMillis: Workspace.clock().millis, logger: kafkaLogger(settings)
      ).isNew
    }
  }

  /// Runs `body`; while the log cannot be reached and `waits`, tries again with growing pauses, and says so once.
  package func whenReachable<R>(_ stop: StopFlag, waits: Bool, _ body: () throws -> R) throws -> R {
    var backoff = Backoff(first: 500, longest: 10_000)
    while true {
      do {
        return try body()
      } catch let error as LogError where error.isPassing && waits && !stop.isAsked {
        notices.sayOnce("waiting for the log", "Waiting for the log: \(error.cause)")
        stop.pause(milliseconds: backoff.next())
      }
    }
  }

  /// Paths of secrets and certificates are inside the workspace unless they begin with a slash.
  private func located(_ settings: KafkaSettings) -> KafkaSettings {
    if settings.isInsecure {
      notices.sayOnce(
        "insecure", "WARNING: log.insecure is true in millrace.yaml: nothing proves that the broker is the right one.")
    }
    var settings = settings
    settings.secretFiles = settings.secretFiles.mapValues(resolve)
    return settings
  }

  /// What librdkafka says, by the workspace's own level; figures where `properties` ask for `statistics.interval.ms`,
  /// and all that it says where they ask for `debug`.
  private func kafkaLogger(_ settings: KafkaSettings) -> Logger {
    var logger = logger
    if settings.properties["debug"] != nil {
      logger.level = .debug
    } else if settings.properties["statistics.interval.ms"] != nil {
      logger.level = min(logger.level, .info)
    }
    return logger
  }
}
