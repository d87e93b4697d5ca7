internal import Concurrency
internal import EventLog
internal import Failures
internal import Foundation
internal import Marts
internal import Operations
internal import Pipeline
internal import Projections
internal import ShopMarts
internal import Text
internal import Workspace

extension Command {
  /// `millrace replay MART`: a mart's next generation from the log.
  static let replay = Command(
    "replay", "build a mart anew from the log, compare, and put it to use, while reading and projecting go on",
    discussion: """
      Builds the next generation beside the one being served, up to exactly where that one stands; compares both per table
      and month; verifies the new one; then asks a live projector to make way for a moment, applies the last events, and
      switches over. Reports keep being answered, from the old or the new generation, never from a mixture. Interrupted at
      any moment, also by kill -9, the same command goes on from the last commit.

      The switch happens by itself only when both are equal, or when --accept names the projection whose rule is meant to
      differ. Otherwise both are kept, the differences are printed, and millrace ends with code \(ExitCode.differs.rawValue). Events in quarantine are
      read again under the present rules; the report says what changed, by reason. What is missing (the log's beginning,
      keys, disk space) is said before any work, with code \(ExitCode.notReady.rawValue).

      --from-snapshot begins from a copy of the mart, which is checked (undamaged; made from this log, by these versions) and
      brought up to date from there. --until builds a detached generation that is never served: millrace report NAME --generation N reads it.
      """,
    arguments: [.marts("or --topic, or --all")],
    options: [
      .init("topic", "T", known: readTopics, "every mart that reads this topic"),
      .init("all", "every mart"),
      .init("from-snapshot", "FILE", "begin from this copy (millrace snapshot) instead of the log's beginning"),
      .init(
        "until", "END",
        "a date or moment (2026-10-31, 2026-10-31T12:00:00Z: what was captured before it), or offsets (orders/0=120,orders/1=90)"
      ),
    ] + rebuildOptions,
    examples: [
      "millrace replay sales --dry-run", "millrace replay sales", "millrace replay sales --accept orders@2",
      "millrace replay sales --until 2026-10-31",
    ]
  ) { invocation in
    let definitions = try ReplayChoice.definitions(invocation)
    if invocation.has("from-snapshot") {
      guard definitions.count == 1 else { throw Failure(.usage, "--from-snapshot is for one mart; name it") }
      guard !invocation.has("until") else {
        throw Failure(.usage, "--until builds from the log alone; leave --from-snapshot out")
      }
    }
    return try rebuild(definitions, invocation, snapshot: invocation["from-snapshot"])
  }

  private static let readTopics = Set(Shop.marts.flatMap(\.topics)).sorted()

  /// Options of all commands that rebuild.
  static let rebuildOptions: [Option] = [
    .init("from-archive", "DIR", "read the log's beginning from this copy of the log's folder"),
    .init("dry-run", "only say what would be done and what is missing"),
    .init(
      "workers", "N",
      "threads that read, open and tokenize, 1 to \(PipelineLimits.mostWorkers) (default: \(PipelineLimits.workers)); the result does not depend on it"
    ),
    .init("accept", "NAME@VERSION", "differences that this projection's version makes are wanted; several: a@1,b@2"),
    .init("format", choices: ["table", "json"], "how to print the result (default: table)"),
  ]

  /// `snapshot`: a copy of the mart to begin from.
  static func rebuild(
    _ definitions: [MartDefinition], _ invocation: Invocation, snapshot: String?
  ) throws -> ExitCode {
    let workspace = try Workspace(invocation)
    let until = try invocation["until"].map { text in
      guard let limit = ReplayLimit(text) else {
        throw Failure(
          .usage, "--until takes a date, a moment or offsets (orders/0=120,orders/1=90), not '\(printable(text))'")
      }
      return (limit: limit, text: text)
    }
    let request = ReplayRequest(
      definitions, archive: invocation["from-archive"],
      // Absolute, since a later run that goes on with it may be started elsewhere.
      snapshot: snapshot.map { URL(fileURLWithPath: $0).standardizedFileURL.path }, until: until,
      accept: (invocation["accept"] ?? "").split(separator: ",").map(String.init),
      workers: try invocation.integer("workers", in: 1...PipelineLimits.mostWorkers, default: PipelineLimits.workers))
    let asJSON = invocation["format"] == "json"
    let board = ReplayBoard()
    let job = try ReplayJob(request, workspace, stop: StopFlag.onSignals()) { news in
      switch news {
      case .resumes(let run): Output.note("Going on after run \(run), which broke.")
      case .progress(let mart, let progress): board.note(progress, of: mart)
      case .prepared(let outcome):
        board.finish()
        if !asJSON { Output.text(ReplayReport.comparison(of: outcome)) }
      case .ended(let outcome): if !asJSON { Output.line(ReplayReport.sentence(of: outcome)) }
      }
    }
    if invocation.has("dry-run") { return try ReplayReport.say(job.preflight(), asJSON: asJSON) }
    let outcomes = try job.run()
    if asJSON { Output.line(JSON.object([("replays", .array(outcomes.map(ReplayReport.json)))]).text) }
    return outcomes.contains { $0.refusal != nil } ? .differs : .ok
  }
}

/// Which marts a replay is for.
enum ReplayChoice {
  static func definitions(_ invocation: Invocation) throws -> [MartDefinition] {
    let ways = [!invocation.arguments.isEmpty, invocation.has("topic"), invocation.has("all")].count { $0 }
    guard ways == 1 else { throw Failure(.usage, "name marts, or --topic T, or --all, one of these") }
    if invocation.has("all") { return Shop.marts }
    if let topic = invocation["topic"] {
      let found = Shop.marts.filter { $0.topics.contains(topic) }
      guard found.isEmpty else { return found }
      let topics = Set(Shop.marts.flatMap(\.topics)).sorted()
      throw Failure(
        .usage,
        "no mart reads the topic '\(printable(topic))' (topics that are read: \(topics.joined(separator: ", ")))")
    }
    guard Set(invocation.arguments).count == invocation.arguments.count else {
      throw Failure(.usage, "a mart is named twice")
    }
    return try invocation.arguments.map { try Workspace.definition(named: $0) }
  }
}
