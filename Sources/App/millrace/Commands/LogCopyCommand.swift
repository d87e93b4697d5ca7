internal import EmbeddedLog
internal import EventLog
internal import Files
internal import Foundation
internal import KafkaLog

/// `millrace log copy`: a log into an archive, or from one kind of log to another.
extension Command {
  static let copyDiscussion = """
    copy     copy the log to another place, which keeps the log's identity, partitions, order, keys, timestamps and headers.
                 Places: 'embedded' and 'kafka' are the ones of millrace.yaml, anything else is a folder with a copy (an
                 archive). A copy goes on where it stopped, after proof that its last record is the source's; it never jumps
                 over what the source has lost. An archive keeps what Kafka's retention deletes, and marts can be rebuilt
                 from it. --adopt makes the workspace use the copy from now on; capture and project must be stopped.
    """

  static let copyOptions: [Option] = [
    .init("from", "PLACE", "for copy: kafka, embedded, or a folder with a copy"),
    .init("to", "PLACE", "for copy: kafka, embedded, or a folder, which is made"),
    .init("topic", "NAMES", "for copy: only these topics, separated by commas (default: all)"),
    .init("bootstrap", "HOST:PORT", "for copy: the Kafka to use where millrace.yaml names none"),
    .init("kafka-file", "FILE", "for copy: the same with all settings: a file with a log: block"),
    .init("topic-prefix", "TEXT", "for copy: begins every topic's name in Kafka"),
    .init("follow", "for copy: go on copying what comes, until Ctrl-C or SIGTERM"),
    .init("verify", "for copy: then read both sides, and compare every record"),
    .init("adopt", "for copy: then let the workspace use the copy instead of its log"),
  ]

  static let copyExamples = [
    "millrace log copy --from kafka --to /backup/archive --verify",
    "millrace log copy --from embedded --to kafka --bootstrap broker:9092 --adopt",
  ]

  static func copy(_ workspace: Workspace, _ invocation: Invocation) throws -> ExitCode {
    let request = try LogCopyRequest(invocation)
    let configuration = try workspace.configuration()
    let stop = StopRequest.onSignals()
    let adoption = request.adopts ? try LogAdoption(workspace, configuration, from: request.from) : nil
    let source = try workspace.openSource(request.from, configuration, request, stop: stop)
    let target = try workspace.openTarget(request.to, configuration, request, of: source, stop: stop)
    let lock = try workspace.lockTarget(request.to, configuration)
    defer { _ = consume lock }

    let copy = try LogCopy(from: source, to: target, topics: request.topics)
    let job = try JobRun(workspace.ledger(), job: "log copy")
    let line = ProgressLine("copy")
    let began = Date()
    var result = LogCopyResult()
    try job.track {
      defer { line.finish() }
      let tell: (LogCopy.Progress) -> Void = { progress in
        job.count("offsets", progress.done)
        line.update(
          label: progress.partition.topic, count: progress.done,
          share: Double(progress.done) / Double(max(progress.total, 1)))
      }
      if request.follows {
        Output.note("Copying until Ctrl-C.")
        result.summary = try copy.follow(
          stop: { stop.isRequested }, retrying: { Output.note("millrace: \($0); trying again") }, progress: tell)
      } else {
        result.summary = try copy.run(stop: { stop.isRequested }, progress: tell)
      }
      job.count("records", result.summary.records)
      if stop.isRequested, !request.follows { result.isStopped = true }
      if request.verifies, !result.isStopped {
        result.comparison = try copy.compare { line.update(label: "compare", count: $0, share: nil) }
        job.count("compared", result.comparison?.records ?? 0)
      }
      if let adoption, !result.isStopped {
        try adoption.adopt(copy, as: request.place(configuration))
        result.isAdopted = true
      }
    }
    result.say(request, seconds: Date().timeIntervalSince(began))
    return .ok
  }
}

/// Where a log is.
enum LogCopyPlace: Equatable {
  case kafka
  case embedded
  /// A folder with a copy.
  case folder(String)

  init(_ word: String) {
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

  var name: String {
    switch self {
    case .kafka: "kafka"
    case .embedded: "embedded"
    case .folder(let path): path
    }
  }
}

/// What was asked for.
struct LogCopyRequest {
  var from: LogCopyPlace
  var to: LogCopyPlace
  var topics: [String]?
  var bootstrap: String?
  var topicPrefix: String?
  var kafkaFile: String?
  var follows: Bool
  var verifies: Bool
  var adopts: Bool
  var asJSON: Bool

  init(_ invocation: Invocation) throws {
    func place(_ name: String) throws -> LogCopyPlace {
      guard let word = invocation[name], !word.isEmpty else {
        throw Failure(.usage, "'millrace log copy' needs --\(name): kafka, embedded, or a folder")
      }
      return LogCopyPlace(word)
    }
    from = try place("from")
    to = try place("to")
    topics = invocation["topic"].map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    bootstrap = invocation["bootstrap"]
    topicPrefix = invocation["topic-prefix"]
    kafkaFile = invocation["kafka-file"]
    follows = invocation.has("follow")
    verifies = invocation.has("verify")
    adopts = invocation.has("adopt")
    asJSON = invocation["format"] == "json"
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
  func place(_ configuration: Configuration) throws -> LogPlace {
    switch to {
    case .kafka: .kafka(try kafka(configuration))
    case .embedded: .embedded(folder: LogPlace.ownFolder)
    case .folder(let path): .embedded(folder: path)
    }
  }

  /// The Kafka of millrace.yaml, or the one that the options name.
  func kafka(_ configuration: Configuration) throws -> KafkaSettings {
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

/// What came of it.
private struct LogCopyResult {
  var summary = LogCopy.Summary()
  var comparison: LogCopy.Comparison?
  var isAdopted = false
  var isStopped = false

  func say(_ request: LogCopyRequest, seconds: Double) {
    if request.asJSON {
      Output.line(
        JSON.object([
          ("records", .integer(summary.records)), ("bytes", .integer(summary.bytes)),
          ("seconds", .number(String(format: "%.6f", seconds))),
          ("compared", comparison.map { .integer($0.records) } ?? .null), ("complete", .bool(!isStopped)),
          ("adopted", .bool(isAdopted)),
        ]).text)
      return
    }
    Output.line(
      "Copied \(summary.records) records in \(summary.bytes / 1_000_000) MB to \(request.to.name); "
        + String(format: "%.1f s, %.0f records/s", seconds, Double(summary.records) / max(seconds, 0.000_001)))
    for (partition, offset) in summary.beginnings.sorted(by: { $0.key < $1.key }) {
      Output.line("\(partition) begins at offset \(offset): the source holds nothing older.")
    }
    if let comparison {
      Output.line("Compared \(comparison.records) records of \(comparison.partitions) partitions: all are the same.")
    }
    if isStopped { Output.line("Stopped before the end; the same command goes on from here.") }
  }
}

extension Workspace {
  typealias AnyLog = any LogReader & LogWriter & LogCopyTarget

  /// Where the workspace captures to.
  func place(_ configuration: Configuration) -> LogCopyPlace {
    if case .kafka = configuration.log { .kafka } else { .embedded }
  }

  func openSource(
    _ place: LogCopyPlace, _ configuration: Configuration, _ request: LogCopyRequest, stop: StopRequest
  ) throws -> any LogReader {
    switch place {
    case .kafka: try openKafka(request.kafka(configuration), lineage: nil, stop: stop)
    case .embedded: try EmbeddedLog(folder: resolve(configuration.log.folder), readOnly: true)
    case .folder(let path): try EmbeddedLog(folder: path, readOnly: true)
    }
  }

  func openTarget(
    _ place: LogCopyPlace, _ configuration: Configuration, _ request: LogCopyRequest, of source: any LogReader,
    stop: StopRequest
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
      // An adoption that was broken off after the copy had become a log of its own is finished, not begun again. What cannot
      // be opened here (a copy that died in its first moment) is judged below.
      if request.adopts, let existing = try? EmbeddedLog(folder: folder, readOnly: true),
        existing.logID == source.logID, try existing.copiedFrom == nil
      {
        return try EmbeddedLog(folder: folder)
      }
    }
    return try EmbeddedLog(
      folder: folder, lineage: source.logID, copiedFrom: request.from == .kafka ? "kafka" : "embedded")
  }

  /// The folder of an embedded log.
  func folder(of place: LogCopyPlace, _ configuration: Configuration) -> String {
    if case .folder(let path) = place { path } else { resolve(configuration.log.folder) }
  }

  /// Keeps a second copier away; nil for Kafka, which has no folder.
  func lockTarget(_ place: LogCopyPlace, _ configuration: Configuration) throws -> TargetLock? {
    place == .kafka ? nil : try TargetLock(folder: folder(of: place, configuration))
  }
}

/// One copier at a time: a second one would only run into the first one's records.
final class TargetLock {
  private let file: LockFile

  init(folder: String) throws {
    guard let file = try LockFile.tryLock(folder + "/copy.lock") else {
      throw Failure(.locked, "another 'millrace log copy' writes to \(folder); stop it first, or let it finish")
    }
    self.file = file
  }
}
