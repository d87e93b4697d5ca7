internal import Concurrency
internal import EmbeddedLog
internal import Entity
internal import EventLog
internal import Events
internal import Failures
internal import Foundation
internal import Money
internal import Operations
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
      .action(logActions),
      .init("TOPIC", .optional, known: Topic.all, "for tail: the topic (default: all)"),
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
      let near = nearest(to: action, among: logActions).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "'millrace log' knows \(logActions.joined(separator: ", ")), not '\(printable(action))'\(near)")
    }
  }

  private static let logActions = ["create", "topics", "tail", "scan", "verify", "copy"]

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
    let inspection = try LogInspection(workspace)
    let rows = try inspection.extents().map { partition, bounds in
      [partition.topic, "\(partition.partition)", "\(bounds.earliest)", "\(bounds.next)"]
    }
    guard asJSON else {
      Output.line("log \(inspection.log.logID)")
      Output.text(
        TextTable(["topic", "partition", "earliest offset", "next offset"], rows, rightAligned: [1, 2, 3]).text)
      return .ok
    }
    let partitions = rows.map { row in
      JSON.object([
        ("topic", .text(row[0])), ("partition", .number(row[1])), ("earliest_offset", .number(row[2])),
        ("next_offset", .number(row[3])),
      ])
    }
    Output.line(JSON.object([("log", .text(inspection.log.logID)), ("partitions", .array(partitions))]).text)
    return .ok
  }

  private static func tail(_ workspace: Workspace, topic: String?, limit: Int) throws -> ExitCode {
    let rows = try LogInspection(workspace).newest(limit, of: topic).map { glance in
      [glance.partition.description, "\(glance.offset)"] + words(of: glance)
    }
    Output.text(
      TextTable(
        ["partition", "offset", "captured", "occurred", "source", "number", "operation", "kind", "from"], rows,
        rightAligned: [1, 5]
      ).text)
    return .ok
  }

  private static func words(of glance: LogInspection.Glance) -> [String] {
    let captured = glance.capturedAt.isoMillis
    guard let event = glance.event else { return [captured, "", "", "", "unreadable", "", ""] }
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
    let inspection = try LogInspection(workspace)
    let began = Date()
    let found = try inspection.scan(decodes: decodes)
    say(
      asJSON, records: found.records, bytes: found.bytes, since: began, "Read",
      extra: found.decoded.map { ("decoded", $0) }, "of them decoded")
    return .ok
  }

  private static func verify(_ workspace: Workspace, _ asJSON: Bool) throws -> ExitCode {
    let inspection = try LogInspection(workspace)
    let began = Date()
    let bar = ProgressLine("verifying")
    let found = try inspection.verify { done, total, unit in bar.update(done: done, of: total, unit: unit) }
    bar.finish()
    say(
      asJSON, records: found.records, bytes: found.bytes, since: began,
      found.hasChain ? "Undamaged:" : "Every record passes its checksum:", extra: ("anchors", found.anchorsChecked),
      "anchors agree")
    if !found.hasChain, !asJSON {
      Output.note(
        "Kafka keeps no hash chain: what lies between the anchors is proved by checksums only."
          + (found.anchorsUnknown == 0
            ? "" : " \(found.anchorsUnknown) anchors could not be compared: their records are no longer kept."))
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
