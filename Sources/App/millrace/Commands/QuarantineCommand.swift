internal import Capture
internal import EventLog
internal import Failures
internal import Money
internal import Operations
internal import Spreadsheet
internal import Text
internal import Workspace

extension Command {
  /// `millrace quarantine list|show|discard|export`: what was left out, and why.
  static let quarantine = Command(
    "quarantine", "say which records were left out of the marts, why, and what to do about them",
    discussion: """
      list     for each reason how many records, of which source, in which column, where one of them stands, what to do
      show     the records one by one
      discard  what is listed no longer counts; needs --reason. What comes later counts again
      export   all of it as CSV, for a spreadsheet

      A record no longer counts by itself once its row came through later, or is gone, its file was replaced or taken
      away, or another version of the mapping reads it. What it said stays sealed in the log; none of these commands
      shows it.
      """,
    arguments: [.action(quarantineActions)],
    options: [
      .init("reason", "REASON", "only this reason, as list shows it"),
      .init("source", "NAME", "only this source"),
      .init("limit", "N", "for show: how many records (default: 50)"),
      .init("format", choices: ["table", "json"], "for list and show (default: table)"),
    ],
    examples: [
      "millrace quarantine list", "millrace quarantine show --reason row.badNumber",
      "millrace quarantine discard --reason weblog.unparsable", "millrace quarantine export > quarantine.csv",
    ]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let action = invocation.arguments[0]
    guard quarantineActions.contains(action) else {
      let near = nearest(to: action, among: quarantineActions).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage,
        "'millrace quarantine' knows \(quarantineActions.joined(separator: ", ")), not '\(printable(action))'\(near)")
    }
    if action == "discard", !invocation.has("reason") {
      throw Failure(.usage, "say what is to be discarded: millrace quarantine discard --reason REASON")
    }
    let found = try Quarantine(of: workspace, source: invocation["source"], reason: invocation["reason"])
    switch action {
    case "list":
      let kinds = try Dictionary(
        workspace.configuration().sources.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
      list(found.groups(kinds: kinds), asJSON: invocation["format"] == "json")
    case "show":
      let limit = try invocation.integer("limit", in: 1...1_000_000, default: 50)
      show(found.entries, limit, asJSON: invocation["format"] == "json")
    case "discard":
      let count = try found.discard()
      guard count > 0 else {
        throw Failure(.usage, "nothing is in quarantine for '\(printable(invocation["reason"] ?? ""))' that counts")
      }
      Output.line("Discarded \(count) \(count == 1 ? "record" : "records"); they no longer count.")
    default: Output.rows(CSVWriter.bytes(of: table(found.entries), neutralizing: true))
    }
    return .ok
  }

  private static let quarantineActions = ["list", "show", "discard", "export"]

  private static func list(_ groups: [Quarantine.Group], asJSON: Bool) {
    guard !asJSON else {
      return Output.line(
        JSON.array(
          groups.map { group in
            .object(
              [("count", .integer(Int64(group.count)))] + members(of: group.first)
                + [("remedy", .text(group.remedy))])
          }
        ).text)
    }
    guard !groups.isEmpty else { return Output.line("Nothing is in quarantine that counts.") }
    for group in groups { Output.text(group.text) }
  }

  private static func show(_ entries: [Quarantine.Entry], _ limit: Int, asJSON: Bool) {
    let shown = entries.prefix(limit)
    guard !asJSON else { return Output.line(JSON.array(shown.map { .object(members(of: $0)) }).text) }
    let rows = shown.map { entry in
      [
        entry.source, entry.reason, entry.detail, entry.shownPlace, entry.stage, "\(entry.partition)",
        entry.offset.map { "\($0.rawValue)" } ?? "not yet", entry.capturedAt?.iso ?? "",
      ].map(escapeForTerminal)
    }
    Output.text(
      TextTable(
        ["source", "reason", "column", "place", "stage", "partition", "offset", "captured"], rows, rightAligned: [6]
      ).text)
    if entries.count > shown.count { Output.note("\(entries.count - shown.count) more; --limit shows them.") }
  }

  private static func members(of entry: Quarantine.Entry) -> [(String, JSON)] {
    [
      ("source", .text(entry.source)), ("stage", .text(entry.stage)), ("reason", .text(entry.reason)),
      ("detail", .text(entry.detail)), ("place", .text(entry.shownPlace)), ("topic", .text(entry.partition.topic)),
      ("partition", .integer(Int64(entry.partition.partition))),
      ("offset", entry.offset.map { .integer($0.rawValue) } ?? .null),
      ("number", .integer(entry.number)), ("captured_at", entry.capturedAt.map { .text($0.iso) } ?? .null),
    ]
  }

  private static func table(_ entries: [Quarantine.Entry]) -> SheetTable {
    SheetTable(
      header: [
        "source", "stage", "reason", "detail", "place", "topic", "partition", "offset", "number", "captured_at",
      ],
      rows: entries.map { entry in
        [
          .text(entry.source), .text(entry.stage), .text(entry.reason), .text(entry.detail), .text(entry.shownPlace),
          .text(entry.partition.topic), .number("\(entry.partition.partition)"),
          entry.offset.map { .number("\($0.rawValue)") } ?? .empty, .number("\(entry.number)"),
          .text(entry.capturedAt?.iso ?? ""),
        ]
      })
  }
}

extension Quarantine.Group {
  /// "12 × row.badNumber (amount), source spend: ads.csv, row 3" and what to do.
  var text: String {
    let what = first.detail.isEmpty ? first.reason : "\(first.reason) (\(first.detail))"
    let source = first.source.isEmpty ? "" : ", source \(first.source)"
    let example = count == 1 ? first.shownPlace : "for example \(first.shownPlace)"
    let sentence = escapeForTerminal("\(count) × \(what)\(source): \(example)")
    return sentence + "\n  " + Help.wrapped(remedy, to: 100).joined(separator: "\n  ") + "\n"
  }
}
