internal import Concurrency
internal import EmbeddedLog
internal import EventLog
internal import Events
internal import Failures
internal import Foundation
internal import KafkaLog
internal import Money
internal import Pipeline
internal import Telemetry
internal import Text
internal import Workspace

extension Command {
  /// `millrace log create|topics|tail|scan|verify|copy`: the log itself.
  static let log = Command(
    "log", "look at the log: topics, its newest events, proof that it is undamaged; copy it",
    discussion: """
      create   make the log's topics (on Kafka: with settings that keep the whole history); tells what exists, changes nothing
      topics   every topic and partition with its offsets
      tail     the newest events of a topic, without their content (personal data stay sealed)
      scan     read every record once, and say how fast; with --decode decode each one too, as projecting does on its way
      verify   recompute the hash chain over everything stored, and compare it with the anchors that capture and every mart
               keep. Proof against accidents and cut tails; not against someone who rewrites the log and all anchors together.
               Kafka keeps no chain: there every record is read with its checksum, and the anchors' records are compared.
      \(copyDiscussion)
      """,
    arguments: [
      .init("ACTION", .one, "create, topics, tail, scan, verify or copy"),
      .init("TOPIC", .optional, "for tail: the topic (default: all)"),
    ],
    options: [
      .init("limit", "N", "for tail: how many events of each partition (default: 5)"),
      .init("decode", "for scan: decode every record too; the bound of what any rebuild can reach"),
      .init("format", choices: ["table", "json"], "for topics, scan, verify and copy (default: table)"),
    ] + copyOptions,
    examples: ["millrace log topics", "millrace log tail orders --limit 3", "millrace log verify"] + copyExamples
  ) { invocation in
    let workspace = try Workspace(invocation)
    let asJSON = invocation["format"] == "json"
    switch invocation.arguments[0] {
    case "create": return try create(workspace)
    case "topics": return try topics(workspace, asJSON)
    case "tail":
      return try tail(
        workspace, topic: invocation.arguments.dropFirst().first,
        limit: invocation.integer("limit", in: 1...10_000, default: 5))
    case "scan": return try scan(workspace, asJSON, decodes: invocation.has("decode"))
    case "verify": return try verify(workspace, asJSON)
    case "copy": return try copy(workspace, invocation)
    case let action:
      let near =
        nearest(to: action, among: ["create", "topics", "tail", "scan", "verify", "copy"]).map {
          "; did you mean \($0)?"
        } ?? ""
      throw Failure(
        .usage, "'millrace log' knows create, topics, tail, scan, verify and copy, not '\(printable(action))'\(near)")
    }
  }

  private static func create(_ workspace: Workspace) throws -> ExitCode {
    let configuration = try workspace.configuration()
    let isNew = try workspace.createLog(configuration)
    let log = try workspace.openWritableLog(configuration, stop: StopFlag())
    Output.line("log \(log.logID): \(isNew ? "made" : "exists")")
    for topic in Topic.all {
      let existed = try !log.partitions(of: topic).isEmpty
      try log.ensureTopic(topic, partitions: configuration.partitions)
      Output.line("  \(topic): \(existed ? "exists" : "made") (\(configuration.partitions) partitions)")
    }
    return .ok
  }

  private static func topics(_ workspace: Workspace, _ asJSON: Bool) throws -> ExitCode {
    let log = try workspace.openLog()
    var rows: [[String]] = []
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        let bounds = try log.bounds(of: partition)
        rows.append([topic, "\(partition.partition)", "\(bounds.earliest)", "\(bounds.next)"])
      }
    }
    if asJSON {
      Output.line(
        JSON.object([
          ("log", .text(log.logID)),
          (
            "partitions",
            .array(
              rows.map {
                .object([
                  ("topic", .text($0[0])), ("partition", .number($0[1])), ("earliest_offset", .number($0[2])),
                  ("next_offset", .number($0[3])),
                ])
              })
          ),
        ]).text)
    } else {
      Output.line("log \(log.logID)")
      Output.text(
        TextTable(["topic", "partition", "earliest offset", "next offset"], rows, rightAligned: [1, 2, 3]).text)
    }
    return .ok
  }

  private static func tail(_ workspace: Workspace, topic wanted: String?, limit: Int) throws -> ExitCode {
    let log = try workspace.openLog()
    let topics = try log.topics()
    if let wanted, !topics.contains(wanted) {
      throw Failure(.usage, "the log has no topic '\(printable(wanted))' (topics: \(topics.joined(separator: ", ")))")
    }
    var rows: [[String]] = []
    for topic in topics where wanted == nil || topic == wanted {
      for partition in try log.partitions(of: topic) {
        let bounds = try log.bounds(of: partition)
        var offset = max(bounds.earliest, bounds.next - Int64(limit))
        while offset < bounds.next {
          let batch = try log.read(partition, from: offset, maximumBytes: 1 << 20)
          guard let next = batch.nextOffset else { break }
          for record in batch.records {
            rows.append([partition.description, "\(record.offset)"] + words(of: record, in: batch))
          }
          offset = next
        }
      }
    }
    Output.text(
      TextTable(
        ["partition", "offset", "captured", "occurred", "source", "number", "operation", "kind", "from"], rows,
        rightAligned: [1, 5]
      ).text)
    return .ok
  }

  private static func words(of record: RecordBatch.Record, in batch: RecordBatch) -> [String] {
    let captured = Timestamp(millis: record.timestampMillis).isoMillis
    guard let range = record.value, let event = try? Event<SealedPerson>(decoding: batch.bytes.span.extracting(range))
    else {
      return [captured, "", "", "", "unreadable", "", ""]
    }
    return [
      captured, event.occurredAt.isoMillis, escapeForTerminal(event.source), "\(event.number)", event.operation.name,
      kind(of: event),
      "\(escapeForTerminal(event.position.stream))@\(event.position.record)",
    ]
  }

  private static func kind(of event: Event<SealedPerson>) -> String {
    if case .rejected(let rejected) = event.payload {
      "rejected: \(escapeForTerminal(rejected.reason))"
    } else {
      event.payload.name
    }
  }

  private static func scan(_ workspace: Workspace, _ asJSON: Bool, decodes: Bool) throws -> ExitCode {
    let log = try workspace.openLog()
    let began = Date()
    var records = 0
    var bytes = 0
    var decoded = 0
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        var offset = try log.bounds(of: partition).earliest
        while true {
          let batch = try log.read(partition, from: offset, maximumBytes: 4 << 20)
          guard let next = batch.nextOffset else { break }
          records += batch.records.count
          bytes += batch.bytes.count
          if decodes { decoded += batch.records.count { isReadable($0, in: batch) } }
          offset = next
        }
      }
    }
    say(
      asJSON, records: Int64(records), bytes: Int64(bytes), since: began, "Read",
      extra: decodes ? ("decoded", decoded) : nil, "of them decoded")
    return .ok
  }

  /// Decodes by the road that projecting takes: most web requests are read where they lie.
  private static func isReadable(_ record: RecordBatch.Record, in batch: RecordBatch) -> Bool {
    guard let range = record.value else { return false }
    let value = batch.bytes.span.extracting(range)
    if batch.partition.topic == Topic.weblog, SealedRequest(decoding: value) != nil { return true }
    return (try? Event<SealedPerson>(decoding: value)) != nil
  }

  private static func verify(_ workspace: Workspace, _ asJSON: Bool) throws -> ExitCode {
    let log = try workspace.openLog()
    let anchors = try workspace.anchors()
    let began = Date()
    let bar = ProgressLine("verifying")
    switch log {
    case let log as EmbeddedLog:
      let result = try log.verify(anchors: anchors) { done, total in bar.update(done: done, of: total, unit: "bytes") }
      bar.finish()
      say(
        asJSON, records: result.records, bytes: result.bytes, since: began, "Undamaged:",
        extra: ("anchors", result.anchorsChecked), "anchors agree")
    case let log as KafkaLog:
      let result = try log.verify(anchors: anchors) { done, total in bar.update(done: done, of: total, unit: "records")
      }
      bar.finish()
      say(
        asJSON, records: result.records, bytes: result.bytes, since: began, "Every record passes its checksum:",
        extra: ("anchors", result.anchorsChecked), "anchors agree")
      if !asJSON {
        Output.note(
          "Kafka keeps no hash chain: what lies between the anchors is proved by checksums only."
            + (result.anchorsUnknown == 0
              ? "" : " \(result.anchorsUnknown) anchors could not be compared: their records are no longer kept."))
      }
    default: throw Failure(.configuration, "this kind of log cannot be verified")
    }
    return .ok
  }

  private static func say(
    _ asJSON: Bool, records: Int64, bytes: Int64, since began: Date, _ verb: String,
    extra: (name: String, count: Int)? = nil, _ words: String = ""
  ) {
    let seconds = max(Date().timeIntervalSince(began), 0.000_001)
    if asJSON {
      Output.line(
        JSON.object(
          [
            ("records", .integer(records)), ("bytes", .integer(bytes)),
            ("seconds", .number(String(format: "%.6f", seconds))),
          ]
            + (extra.map { [($0.0, .integer(Int64($0.1)))] } ?? [])
        ).text)
    } else {
      let checked = extra.map { ", \($0.count) \(words)" } ?? ""
      Output.line(
        "\(verb) \(records) records in \(bytes / 1_000_000) MB\(checked); \(String(format: "%.1f s, %.0f MB/s, %.0f records/s", seconds, Double(bytes) / seconds / 1e6, Double(records) / seconds))"
      )
    }
  }
}
