internal import Money
internal import Operations
internal import Runs
internal import Text
internal import Workspace

extension Command {
  /// `millrace runs`: the ledger of every job.
  static let runs = Command(
    "runs", "list the runs of every job: start, break, resume, finish, counts",
    discussion: """
      The ledger is a file of its own (runs.sqlite) and survives the loss of any mart. A run whose process vanished, by
      kill -9 or power loss, is shown as broken since its last sign of life; the next run of the job says which one it resumes.
      --format openlineage prints the events of OpenLineage, one a line, for tools that gather lineage.
      """,
    options: [
      .init("job", choices: JobKind.allCases.map(\.word), "only this job"),
      .init("limit", "N", "how many, newest first (default: 20)"),
      .init("format", choices: ["table", "json", "openlineage"], "how to print them (default: table)"),
    ],
    examples: ["millrace runs", "millrace runs --job capture --format json"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let records = try RunHistory.read(
      workspace, invocation["job"].flatMap(JobKind.init(word:)),
      limit: invocation.integer("limit", in: 1...1_000, default: 20))
    if invocation["format"] == "json" {
      Output.line(JSON.object([("runs", .array(records.map(json)))]).text)
      return .ok
    }
    if invocation["format"] == "openlineage" {
      Output.text(try OpenLineage.lines(records, sources: workspace.configuration().sourceNames))
      return .ok
    }
    let rows = records.map { record in
      [
        "\(record.id)", record.job, record.state.rawValue, moment(record.startedAtMillis),
        record.endedAtMillis.map(moment) ?? "", record.resumes.map { "\($0)" } ?? "",
        record.counts.filter { !$0.key.contains(".") && $0.value != 0 }.sorted { $0.key < $1.key }
          .map { "\($0.key) \($0.value)" }.joined(separator: ", ") + (record.reason.map { " \(printable($0))" } ?? ""),
      ]
    }
    Output.text(
      TextTable(["run", "job", "state", "started", "ended", "resumes", "counts"], rows, rightAligned: [0, 5]).text)
    return .ok
  }

  private static func moment(_ millis: Int64) -> String { Timestamp(millis: millis).iso }

  private static func json(_ record: RunRecord) -> JSON {
    .object([
      ("id", .integer(record.id)), ("job", .text(record.job)), ("command", .text(record.command)),
      ("state", .text(record.state.rawValue)),
      ("started_at", .text(Timestamp(millis: record.startedAtMillis).isoMillis)),
      ("heartbeat_at", .text(Timestamp(millis: record.heartbeatAtMillis).isoMillis)),
      ("ended_at", record.endedAtMillis.map { .text(Timestamp(millis: $0).isoMillis) } ?? .null),
      ("resumes", record.resumes.map(JSON.integer) ?? .null), ("reason", record.reason.map(JSON.text) ?? .null),
      ("counts", .object(record.counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
    ])
  }
}
