internal import Concurrency
internal import EmbeddedLog
internal import Entity
internal import EventLog
internal import Events
internal import Failures
internal import Files
internal import Foundation
internal import Operations
internal import Text
internal import Workspace

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
    .init("from", "PLACE", known: ["kafka", "embedded"], "for copy: kafka, embedded, or a folder with a copy"),
    .init("to", "PLACE", known: ["kafka", "embedded"], "for copy: kafka, embedded, or a folder, which is made"),
    .init("topic", "NAMES", known: Topic.all, "for copy: only these topics, separated by commas (default: all)"),
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
    let stop = StopFlag.onSignals()
    let adoption = request.adopts ? try LogAdoption(workspace, configuration, from: request.from) : nil
    let source = try workspace.openSource(request.from, configuration, request, stop: stop)
    let target = try workspace.openTarget(request.to, configuration, request, of: source, stop: stop)
    let lock = try workspace.lockTarget(request.to, configuration)
    defer { withExtendedLifetime(lock) {} }

    let copy = try LogCopy(from: source, to: target, topics: request.topics)
    let job = try JobRun(workspace.ledger(), .logCopy)
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
          stop: stop, retrying: { Output.note("millrace: \($0); trying again") }, progress: tell)
      } else {
        result.summary = try copy.run(stop: stop, progress: tell)
      }
      job.count("records", result.summary.records)
      if stop.isAsked, !request.follows { result.isStopped = true }
      if request.verifies, !result.isStopped {
        result.comparison = try copy.compare { line.update(label: "compare", count: $0, share: nil) }
        job.count("compared", result.comparison?.records ?? 0)
      }
      if let adoption, !result.isStopped {
        try adoption.adopt(copy, as: request.place(configuration))
        result.isAdopted = true
      }
    }
    if result.isAdopted {
      Output.note(
        "The workspace uses \(try request.place(configuration).words) now; its former log is not needed any more.")
    }
    result.say(request, seconds: Date().timeIntervalSince(began), asJSON: invocation["format"] == "json")
    return .ok
  }
}

extension LogCopyRequest {
  fileprivate init(_ invocation: Invocation) throws {
    func place(_ name: String) throws -> LogCopyPlace {
      guard let word = invocation[name], !word.isEmpty else {
        throw Failure(.usage, "'millrace log copy' needs --\(name): kafka, embedded, or a folder")
      }
      return LogCopyPlace(word)
    }
    try self.init(
      from: place("from"), to: place("to"),
      topics: invocation["topic"].map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } },
      bootstrap: invocation["bootstrap"], topicPrefix: invocation["topic-prefix"], kafkaFile: invocation["kafka-file"],
      follows: invocation.has("follow"), verifies: invocation.has("verify"), adopts: invocation.has("adopt"))
  }
}

/// What came of it.
private struct LogCopyResult {
  var summary = LogCopy.Summary()
  var comparison: LogCopy.Comparison?
  var isAdopted = false
  var isStopped = false

  func say(_ request: LogCopyRequest, seconds: Double, asJSON: Bool) {
    if asJSON {
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
