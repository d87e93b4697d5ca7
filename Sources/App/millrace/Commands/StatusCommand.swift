internal import Capture
internal import Health
internal import Marts
internal import Money
internal import Operations
internal import Reports
internal import Runs
internal import ShopMarts
internal import Telemetry
internal import Text
internal import Workspace

extension Command {
  /// `millrace status`: health with reasons.
  static let status = Command(
    "status", "say whether everything is fresh, gapless and counted, and if not, why",
    discussion: """
      Healthy means: every mart fresher than freshness_limit_minutes, no numbered event missing, quarantine under its
      threshold, events in = applied + quarantined + duplicates, every source found and readable with its history whole,
      nothing captured that waits for a capture to deliver it, and neither the last capture nor the last project ended with an
      error. Otherwise millrace prints the reasons and ends with
      code \(ExitCode.unhealthy.rawValue). With --format json it always ends with 0 when it could answer.
      """,
    options: [.init("format", choices: ["table", "json"], "how to print it (default: table)")],
    examples: ["millrace status", "millrace status --format json"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let status = try WorkspaceStatus(
      of: workspace, workspace.configuration(), nowMillis: Workspace.clock().millis)
    if invocation["format"] == "json" {
      Output.text(status.json)
      return .ok
    }
    Output.text(status.text)
    return status.isHealthy ? .ok : .unhealthy
  }
}

/// How `status` shows a workspace.
extension WorkspaceStatus {
  var text: String {
    var text = isHealthy ? "healthy\n" : "NOT healthy\n"
    for reason in reasons { text += "  - \(reason)\n" }
    text += "\n" + marts + sources + counts
    for replay in replays { text += "\n\(replay.sentence)\n" }
    if capture.undelivered > 0 { text += "\n\(capture.undelivered) captured events are on their way to the log\n" }
    for source in capture.sources {
      for note in source.notes {
        let since = source.notedSince[note].map { " (since \($0.iso))" } ?? ""
        let sentence = "\(source.name): \(note.kind.rawValue): \(escapeForTerminal(note.text))\(since)"
        text += "\n" + Help.wrapped(sentence, to: 100).joined(separator: "\n  ") + "\n"
      }
    }
    for gap in channelGaps { text += "\n" + Help.wrapped("channels: \(gap)", to: 100).joined(separator: "\n  ") + "\n" }
    return text
  }

  private var marts: String {
    let rows = health.marts.map { mart in
      [
        mart.name, "\(mart.generation)", mart.ageSeconds.map { "\($0) s" } ?? "unknown", "\(mart.counts.eventsIn)",
        "\(mart.counts.applied)", "\(mart.counts.quarantined)", "\(mart.counts.duplicates)", "\(mart.gaps)",
      ]
    }
    return TextTable(
      ["mart", "generation", "age", "events in", "= applied", "+ quarantined", "+ duplicates", "gaps"], rows,
      rightAligned: Set(1...7)
    ).text
  }

  private var sources: String {
    guard !capture.sources.isEmpty else { return "" }
    let rows = capture.sources.map { source in
      [source.name, "\(source.epoch)", "\(source.numbered)", source.readUpTo?.iso ?? "not yet"]
    }
    return "\n"
      + TextTable(["source", "epoch", "records of it", "read to its end at"], rows, rightAligned: Set(1...2)).text
  }

  private var counts: String {
    var text = ""
    for (title, counts) in [
      ("in quarantine, by reason (millrace quarantine list: where, and what to do)", findings.quarantine),
      ("applied but flagged", findings.flags),
      ("waiting for what they refer to", findings.parked),
    ] where counts.values.contains(where: { $0 > 0 }) {
      text += "\n\(title):\n"
      for (name, count) in counts.sorted(by: { $0.key < $1.key }) where count > 0 { text += "  \(name): \(count)\n" }
    }
    return text
  }

  var json: String {
    func object(_ counts: [String: Int64]) -> String {
      JSON.object(counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }).text
    }
    return health.json(extra: [
      ("quarantine", object(findings.quarantine)), ("flags", object(findings.flags)),
      ("parked", object(findings.parked)), ("undelivered", String(capture.undelivered)),
      ("dropped_columns", JSON.array(capture.droppedColumns.map(JSON.text)).text),
      ("sources", JSON.array(capture.sources.map(Self.source)).text),
      ("channel_gaps", JSON.array(channelGaps.map(JSON.text)).text),
      ("replays", JSON.array(replays.map(\.json)).text),
    ])
  }

  private static func source(_ source: CaptureStatus.Source) -> JSON {
    .object([
      ("name", .text(source.name)), ("epoch", .integer(Int64(clamping: source.epoch))),
      ("records", .integer(Int64(clamping: source.numbered))),
      ("read_up_to", source.readUpTo.map { .text($0.iso) } ?? .null),
      ("trouble", source.trouble.map { .text($0.text) } ?? .null),
      (
        "notes",
        .array(
          source.notes.map { note in
            .object([
              ("kind", .text(note.kind.rawValue)), ("text", .text(note.text)),
              ("since", source.notedSince[note].map { .text($0.iso) } ?? .null),
            ])
          })
      ),
    ])
  }
}
