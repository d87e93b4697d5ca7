internal import Concurrency
internal import EventLog
internal import Events
internal import Failures
internal import Files
internal import Pipeline
internal import Privacy
internal import Text
internal import Workspace

extension Command {
  /// `millrace sanitize`: log → tokenized copies as JSON.
  static let sanitize = Command(
    "sanitize", "copy topics with personal data tokenized, as JSON",
    discussion: """
      Writes each record of a topic as one JSON object in which personal data stand as keyed tokens, so that other programs can
      read the stream without keys: with --stdout as lines to a pipe, with --to-folder into an embedded log of its own, else
      into topics beside the originals (orders.tokenized, …) where the log is Kafka. proto/json/ documents the objects; --schema
      prints their JSON Schema.

      A copy keeps partitions, order, keys, timestamps and the header by which duplicates are told. It goes on exactly where it
      ended, whatever broke in between; one that was made of another log or with other tokens is refused. Records that no mart
      could use stand as 'rejected' with their reason and no content.

      Erasing a person changes what is copied from then on. Copies made before hold that person's tokens: delete them and copy
      anew where that matters.
      """,
    arguments: [.init("TOPIC", .any, "topics to copy (default: all)")],
    options: [
      .init("once", "stop at the log's end (default: go on until Ctrl-C or SIGTERM)"),
      .init("to-folder", "DIR", "copy into an embedded log in this folder (default: beside the originals, on Kafka)"),
      .init("stdout", "write lines of JSON to standard output instead of copying"),
      .init("partition", "N", "with --stdout: only this partition of the one topic named"),
      .init("from-offset", "N", "with --stdout and --partition: begin here (default: at the earliest record)"),
      .init("limit", "N", "with --stdout: stop after this many lines"),
      .init("format", choices: ["json"], "the form of a record (default: json)"),
      .init("schema", "print the JSON Schema of the objects, and do nothing else"),
    ],
    examples: [
      "millrace sanitize orders --stdout --once | jq -c 'select(.kind == \"order\") | .after'",
      "millrace sanitize --once --to-folder /srv/open-log",
      "millrace sanitize weblog --stdout --partition 0 --from-offset 1000 --limit 10",
    ]
  ) { invocation in
    if invocation.has("schema") {
      Output.text(EventJSONSchema.text)
      return .ok
    }
    let workspace = try Workspace(invocation)
    let toLines = invocation.has("stdout")
    for option in ["partition", "from-offset", "limit"] where invocation.has(option) && !toLines {
      throw Failure(.usage, "--\(option) is for --stdout; a copy always goes on where it ended")
    }
    if toLines, invocation.has("to-folder") {
      throw Failure(.usage, "--stdout and --to-folder exclude each other")
    }
    let log = try workspace.openLog()
    let topics = try topics(invocation, in: log)
    return try toLines ? print(topics, of: log, workspace, invocation) : copy(topics, of: log, workspace, invocation)
  }

  /// nil: all.
  private static func topics(_ invocation: Invocation, in log: any LogReader) throws -> [String]? {
    let wanted = invocation.arguments
    guard Set(wanted).count == wanted.count else { throw Failure(.usage, "a topic is named twice") }
    let known = try log.topics().filter { !$0.hasSuffix(Sanitizer.suffix) }
    for topic in wanted where !known.contains(topic) {
      let near = nearest(to: topic, among: known).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "the log has no topic '\(printable(topic))' to copy\(near) (topics: \(known.joined(separator: ", ")))")
    }
    return wanted.isEmpty ? nil : wanted
  }

  private static func rule(_ invocation: Invocation, _ stop: StopFlag) -> StopRule {
    invocation.has("once") ? .atEnd(stop) : .whenAsked(stop)
  }

  private static func print(
    _ topics: [String]?, of log: any LogReader, _ workspace: Workspace, _ invocation: Invocation
  ) throws -> ExitCode {
    var starts: [TopicPartition: Int64] = [:]
    var partition: Int32?
    if invocation.has("partition") {
      guard let topic = topics?.first, topics?.count == 1 else {
        throw Failure(.usage, "--partition needs exactly one TOPIC")
      }
      let count = try log.partitions(of: topic).count
      let number = Int32(try invocation.integer("partition", in: 0...max(0, count - 1), default: 0))
      partition = number
      if invocation.has("from-offset") {
        starts[TopicPartition(topic, number)] = Int64(
          try invocation.integer("from-offset", in: 0...Int.max, default: 0))
      }
    } else if invocation.has("from-offset") {
      throw Failure(.usage, "--from-offset needs --partition: each partition counts its own offsets")
    }
    let limit = invocation.has("limit") ? try invocation.integer("limit", in: 1...Int.max, default: 1) : nil
    let lines = SanitizedLines(from: starts, limit: limit) { Output.bytes($0) }
    let (tokenizer, version) = try workspace.tokenizer()
    _ = try Sanitizer(
      log: log, topics: topics, partition: partition, sink: lines, tokenizer: tokenizer, tokenVersion: version
    ).run(until: rule(invocation, StopFlag.onSignals()))
    return .ok
  }

  private static func copy(
    _ topics: [String]?, of log: any LogReader, _ workspace: Workspace, _ invocation: Invocation
  ) throws -> ExitCode {
    let folder = invocation["to-folder"]
    let target = try workspace.copyTarget(of: log, folder: folder)
    let lock = try LockFile.tryLock("\(folder ?? workspace.folder)/sanitize.lock")
    guard lock != nil else {
      throw Failure(.locked, "another 'millrace sanitize' writes these copies; stop it first, or name another folder")
    }
    defer { withExtendedLifetime(lock) {} }
    let stop = StopFlag.onSignals()
    let job = try JobRun(workspace.ledger(), job: "sanitize")
    if let broken = job.resumes { Output.note("Going on after run \(broken), which broke.") }
    let line = ProgressLine("sanitize")
    return try job.track {
      let (tokenizer, version) = try workspace.tokenizer()
      let sanitizer = Sanitizer(
        log: log, topics: topics, sink: SanitizedCopy(target: target, tokenVersion: version), tokenizer: tokenizer,
        tokenVersion: version
      ) { records, total in
        job.count("records", records)
        line.update(label: "records", count: records, share: total.map { Double(records) / Double(max($0, 1)) })
      }
      if !invocation.has("once") { Output.note("Copying until Ctrl-C.") }
      let records = try sanitizer.run(until: rule(invocation, stop))
      line.finish()
      Output.line("Copied \(records) records.")
      if invocation.has("once"), stop.isAsked {
        Output.note("Stopped before the end; the next run goes on from here.")
      }
      return .ok
    }
  }
}
