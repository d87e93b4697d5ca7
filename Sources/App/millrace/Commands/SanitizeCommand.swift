internal import Concurrency
internal import Entity
internal import EventLog
internal import Events
internal import Failures
internal import Files
internal import Operations
internal import Pipeline
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
    arguments: [.init("TOPIC", .any, known: Topic.all, "topics to copy (default: all)")],
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
    let job = try SanitizeJob(workspace, topics: invocation.arguments)
    return try toLines ? print(job, invocation) : copy(job, invocation)
  }

  private static func rule(_ invocation: Invocation, _ stop: StopFlag) -> StopRule {
    invocation.has("once") ? .atEnd(stop) : .whenAsked(stop)
  }

  private static func print(_ job: SanitizeJob, _ invocation: Invocation) throws -> ExitCode {
    var starts: [TopicPartition: Offset] = [:]
    var partition: Int32?
    if invocation.has("partition") {
      guard let topic = invocation.arguments.first, invocation.arguments.count == 1 else {
        throw Failure(.usage, "--partition needs exactly one TOPIC")
      }
      let count = try job.log.partitions(of: topic).count
      let number = Int32(try invocation.integer("partition", in: 0...max(0, count - 1), default: 0))
      partition = number
      if invocation.has("from-offset") {
        starts[TopicPartition(topic, number)] = Offset(
          Int64(try invocation.integer("from-offset", in: 0...Int.max, default: 0)))
      }
    } else if invocation.has("from-offset") {
      throw Failure(.usage, "--from-offset needs --partition: each partition counts its own offsets")
    }
    let limit = invocation.has("limit") ? try invocation.integer("limit", in: 1...Int.max, default: 1) : nil
    let stop = StopFlag.onSignals()
    try job.lines(partition: partition, from: starts, limit: limit, until: rule(invocation, stop)) { lines in
      Output.bytes(lines)
      if Output.isAnswerUnread { stop.ask() }
    }
    return .ok
  }

  private static func copy(_ job: SanitizeJob, _ invocation: Invocation) throws -> ExitCode {
    let once = invocation.has("once")
    let stop = StopFlag.onSignals()
    let line = ProgressLine("sanitize")
    let records = try job.copy(
      to: invocation["to-folder"], until: rule(invocation, stop),
      begun: { resumes in
        if let resumes { Output.note("Going on after run \(resumes), which broke.") }
        if !once { Output.note("Copying until Ctrl-C.") }
      },
      progress: { records, total in
        line.update(label: "records", count: records, share: total.map { Double(records) / Double(max($0, 1)) })
      })
    line.finish()
    Output.line("Copied \(records) records.")
    if once, stop.isAsked { Output.note("Stopped before the end; the next run goes on from here.") }
    return .ok
  }
}
