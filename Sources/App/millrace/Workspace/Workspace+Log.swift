internal import EmbeddedLog
internal import EventLog
internal import Foundation
internal import KafkaLog
internal import Money
internal import Synchronization
internal import Telemetry

/// The workspace's log, whichever kind it is.
extension Workspace {
  /// Said once per process, whoever waits.
  private static let hasSaidThatItWaits = Mutex(false)

  /// The log for reading; throws when there is none yet. `progressOf` names the mart whose progress Kafka's own tools shall
  /// see; once `stop` is asked, calls that wait for a broker give up within seconds.
  func openLog(
    _ configuration: Configuration? = nil, progressOf mart: String? = nil, stop: StopRequest? = nil
  ) throws -> any LogReader {
    switch try (configuration ?? self.configuration()).log {
    case .embedded(let folder): return try EmbeddedLog(folder: resolve(folder), readOnly: true)
    case .kafka(let settings):
      return try KafkaLog(
        located(settings), group: mart.map { "millrace.\($0)" }, logger: Workspace.kafkaLogger(settings),
        isStopping: { stop?.isRequested ?? false })
    }
  }

  /// The log for capture.
  func openWritableLog(_ configuration: Configuration, stop: StopRequest) throws -> any LogReader & LogWriter {
    switch configuration.log {
    case .embedded(let folder): return try EmbeddedLog(folder: resolve(folder))
    case .kafka(let settings):
      return try KafkaLog(
        located(settings), logger: Workspace.kafkaLogger(settings), isStopping: { stop.isRequested })
    }
  }

  /// A Kafka as source or target of a copy. `lineage`: it is to be a copy of that log, and is made where it is missing.
  func openKafka(
    _ settings: KafkaSettings, lineage: String?, stop: StopRequest? = nil
  ) throws -> any LogReader & LogWriter & LogCopyTarget {
    let (settings, logger) = (located(settings), Workspace.kafkaLogger(settings))
    let isStopping: @Sendable () -> Bool = { stop?.isRequested ?? false }
    if let lineage {
      _ = try KafkaLog.create(
        settings, id: lineage, nowMillis: Workspace.clock().millis, logger: logger, isStopping: isStopping)
    }
    return try KafkaLog(settings, logger: logger, isStopping: isStopping)
  }

  /// Makes the log where it is missing. Answers whether it was made now.
  func createLog(_ configuration: Configuration) throws -> Bool {
    switch configuration.log {
    case .embedded(let folder):
      let isNew = (try? EmbeddedLog(folder: resolve(folder), readOnly: true)) == nil
      _ = try EmbeddedLog(folder: resolve(folder))
      return isNew
    case .kafka(let settings):
      return try KafkaLog.create(
        located(settings), nowMillis: Workspace.clock().millis, logger: Workspace.kafkaLogger(settings)
      ).isNew
    }
  }

  /// Runs `body`; while the log cannot be reached and `waits`, tries again with growing pauses, and says so once.
  func whenReachable<R>(_ stop: StopRequest, waits: Bool, _ body: () throws -> R) throws -> R {
    var pause = 0.5
    while true {
      do {
        return try body()
      } catch let error as LogError where error.kind == .unavailable && waits && !stop.isRequested {
        let isFirst = Workspace.hasSaidThatItWaits.withLock { said in
          defer { said = true }
          return !said
        }
        if isFirst { Output.note("Waiting for the log: \(error.cause)") }
        let end = Date() + pause
        while Date() < end, !stop.isRequested { Thread.sleep(forTimeInterval: 0.05) }
        pause = min(pause * 2, 10)
      }
    }
  }

  /// Said once per process.
  private static let hasWarned = Mutex(false)

  /// Paths of secrets and certificates are inside the workspace unless they begin with a slash.
  private func located(_ settings: KafkaSettings) -> KafkaSettings {
    if settings.isInsecure {
      let isFirst = Workspace.hasWarned.withLock { warned in
        defer { warned = true }
        return !warned
      }
      if isFirst {
        Output.note("WARNING: log.insecure is true in millrace.yaml: nothing proves that the broker is the right one.")
      }
    }
    var settings = settings
    settings.secretFiles = settings.secretFiles.mapValues(resolve)
    return settings
  }

  /// Warnings of librdkafka on standard error; figures where `properties` ask for `statistics.interval.ms`, and all that it
  /// says where they ask for `debug`.
  private static func kafkaLogger(_ settings: KafkaSettings) -> Logger {
    let level: LogLevel =
      if settings.properties["debug"] != nil {
        .debug
      } else {
        settings.properties["statistics.interval.ms"] == nil ? .warning : .info
      }
    return Logger.standardError(format: .logfmt, level: level)
  }
}
