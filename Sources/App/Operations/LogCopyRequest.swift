package import Concurrency
internal import EmbeddedLog
package import EventLog
internal import Failures
package import Files
internal import Foundation
package import KafkaLog
package import Workspace

/// Where a log is.
package enum LogCopyPlace: Equatable {
  case kafka
  case embedded
  /// A folder with a copy.
  case folder(String)

  /// `kafka`, `embedded`, or a folder, relative to the process's.
  package init(_ word: String) {
    switch word {
    case "kafka": self = .kafka
    case "embedded": self = .embedded
    default: self = .folder(LogCopyPlace.absolute(word))
    }
  }

  private static func absolute(_ path: String) -> String {
    var path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// As it is typed.
  package var name: String {
    switch self {
    case .kafka: "kafka"
    case .embedded: "embedded"
    case .folder(let path): path
    }
  }
}

/// What was asked for.
package struct LogCopyRequest {
  package var from: LogCopyPlace
  package var to: LogCopyPlace
  /// nil: all.
  package var topics: [String]?
  /// The Kafka to use where millrace.yaml names none.
  package var bootstrap: String?
  package var topicPrefix: String?
  /// The same with all settings.
  package var kafkaFile: String?
  package var follows: Bool
  package var verifies: Bool
  package var adopts: Bool

  /// Throws `.usage` where the wishes exclude each other.
  package init(
    from: LogCopyPlace, to: LogCopyPlace, topics: [String]? = nil, bootstrap: String? = nil,
    topicPrefix: String? = nil, kafkaFile: String? = nil, follows: Bool = false, verifies: Bool = false,
    adopts: Bool = false
  ) throws(Failure) {
    self.from = from
    self.to = to
    self.topics = topics
    self.bootstrap = bootstrap
    self.topicPrefix = topicPrefix
    self.kafkaFile = kafkaFile
    self.follows = follows
    self.verifies = verifies
    self.adopts = adopts
    guard from != to else { throw Failure(.usage, "--from and --to name the same log") }
    if topics?.isEmpty == true { throw Failure(.usage, "--topic names no topic") }
    if adopts, topics != nil {
      throw Failure(.usage, "--adopt needs the whole log: leave --topic out")
    }
    if adopts, follows {
      throw Failure(
        .usage, "--adopt needs a source that stands still: stop the copy that follows, then adopt without --follow")
    }
    if bootstrap != nil || topicPrefix != nil || kafkaFile != nil, from != .kafka, to != .kafka {
      throw Failure(.usage, "--bootstrap, --kafka-file and --topic-prefix are for copies from or to kafka")
    }
  }

  /// The target as millrace.yaml names it.
  package func place(_ configuration: Configuration) throws -> LogPlace {
    switch to {
    case .kafka: .kafka(try kafka(configuration))
    case .embedded: .embedded(folder: LogPlace.ownFolder)
    case .folder(let path): .embedded(folder: path)
    }
  }

  /// The Kafka of millrace.yaml, or the one that the options name.
  package func kafka(_ configuration: Configuration) throws -> KafkaSettings {
    var settings: KafkaSettings
    switch (configuration.log, kafkaFile, bootstrap) {
    case (.kafka(let configured), nil, nil): settings = configured
    case (.kafka, _, _):
      throw Failure(.usage, "millrace.yaml names a Kafka already; leave --bootstrap and --kafka-file out")
    case (.embedded, nil, let bootstrap?): settings = KafkaSettings(bootstrap: bootstrap)
    case (.embedded, let file?, nil):
      guard case .kafka(let named) = try Configuration(file: file).log else {
        throw Failure(.configuration, "\(file) has no log: block of kind kafka")
      }
      settings = named
    case (.embedded, _?, _?): throw Failure(.usage, "name the Kafka by --bootstrap or by --kafka-file, not by both")
    case (.embedded, nil, nil):
      throw Failure(.usage, "millrace.yaml names no Kafka; name one: --bootstrap HOST:PORT, or --kafka-file FILE")
    }
    if let topicPrefix { settings.topicPrefix = topicPrefix }
    return settings
  }
}

extension Workspace {
  /// What a copy can be written to.
  package typealias AnyLog = any LogReader & LogWriter & LogCopyTarget

  /// Where the workspace captures to.
  package func place(_ configuration: Configuration) -> LogCopyPlace {
    if case .kafka = configuration.log { .kafka } else { .embedded }
  }

  /// Opens the log to read from; throws where there is none.
  package func openSource(
    _ place: LogCopyPlace, _ configuration: Configuration, _ request: LogCopyRequest, stop: StopFlag
  ) throws -> any LogReader {
    switch place {
    case .kafka: try openKafka(request.kafka(configuration), lineage: nil, stop: stop)
    case .embedded: try EmbeddedLog(folder: resolve(configuration.log.folder), readOnly: true)
    case .folder(let path): try EmbeddedLog(folder: path, readOnly: true)
    }
  }

  /// Opens the log to write to; makes it where it is missing.
  package func openTarget(
    _ place: LogCopyPlace, _ configuration: Configuration, _ request: LogCopyRequest, of source: any LogReader,
    stop: StopFlag
  ) throws -> AnyLog {
    switch place {
    case .kafka: try openKafka(request.kafka(configuration), lineage: source.logID, stop: stop)
    case .embedded, .folder:
      try openFolder(folder(of: place, configuration), configuration, request, of: source)
    }
  }

  private func openFolder(
    _ folder: String, _ configuration: Configuration, _ request: LogCopyRequest, of source: any LogReader
  ) throws -> EmbeddedLog {
    let (from, to) = (self.folder(of: request.from, configuration) + "/log.sqlite", folder + "/log.sqlite")
    if Files.exists(to) {
      if request.from != .kafka, try Files.status(from) == Files.status(to) {
        throw Failure(.usage, "--from and --to name the same log")
      }
      // An adoption that was broken off after the copy had become a log of its own is finished, not begun again. What
      // cannot be opened here (a copy that died in its first moment) is judged below.
      if request.adopts, let existing = try? EmbeddedLog(folder: folder, readOnly: true),
        existing.logID == source.logID, try existing.copiedFrom == nil
      {
        return try EmbeddedLog(folder: folder, logger: logger, metrics: metrics)
      }
    }
    return try EmbeddedLog(
      folder: folder, lineage: source.logID, copiedFrom: request.from == .kafka ? "kafka" : "embedded", logger: logger,
      metrics: metrics)
  }

  /// The folder of an embedded log.
  package func folder(of place: LogCopyPlace, _ configuration: Configuration) -> String {
    if case .folder(let path) = place { path } else { resolve(configuration.log.folder) }
  }

  /// Keeps a second copier away; nil for Kafka, which has no folder.
  package func lockTarget(_ place: LogCopyPlace, _ configuration: Configuration) throws -> LockFile? {
    if place == .kafka { return nil }
    let folder = folder(of: place, configuration)
    // One copier at a time: a second one would only run into the first one's records.
    guard let lock = try LockFile.tryLock(folder + "/copy.lock") else {
      throw Failure(.locked, "another 'millrace log copy' writes to \(folder); stop it first, or let it finish")
    }
    return lock
  }
}
