internal import Concurrency
internal import EventLog
internal import Events
internal import Failures
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
    let job = try LogCopyJob(request, workspace, stop: StopFlag.onSignals())
    if request.follows { Output.note("Copying until Ctrl-C.") }
    let line = ProgressLine("copy")
    let began = Date()
    let result = try {
      defer { line.finish() }
      return try job.run { news in
        switch news {
        case .progress(let progress):
          line.update(
            label: progress.partition.topic, count: progress.done,
            share: Double(progress.done) / Double(max(progress.total, 1)))
        case .retrying(let error): Output.note("millrace: \(error); trying again")
        case .compared(let records): line.update(label: "compare", count: records, share: nil)
        }
      }
    }()
    if let place = result.adopted {
      Output.note("The workspace uses \(place.words) now; its former log is not needed any more.")
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

extension LogCopyJob.Result {
  fileprivate func say(_ request: LogCopyRequest, seconds: Double, asJSON: Bool) {
    if asJSON {
      Output.line(
        JSON.object([
          ("records", .integer(summary.records)), ("bytes", .integer(summary.bytes)),
          ("seconds", .number(String(format: "%.6f", seconds))),
          ("compared", comparison.map { .integer($0.records) } ?? .null), ("complete", .bool(!isStopped)),
          ("adopted", .bool(adopted != nil)),
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
