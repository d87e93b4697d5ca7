internal import Concurrency
internal import Failures
internal import Marts
internal import Operations
internal import Pipeline
internal import Projections
internal import ShopMarts
internal import Workspace

extension Command {
  /// `millrace project`: log → marts.
  static let project = Command(
    "project", "fold the log into the marts",
    discussion: """
      Reads each mart's topics from where the mart stands, tokenizes, and folds: rows and position move in one transaction,
      so every event changes a mart exactly once, whatever breaks in between. Bad events go to the mart's quarantine with
      their position and a reason; the stream goes on. A mart that does not exist yet is built from the log's beginning.
      """,
    arguments: [.marts("default: all")],
    options: [
      .init("once", "stop at the log's end (default: go on until Ctrl-C or SIGTERM)"),
      .init(
        "workers", "N",
        "threads of each mart that read, open and tokenize, 1 to \(PipelineLimits.mostWorkers) (default: \(PipelineLimits.workers)); the result does not depend on it"
      ),
    ],
    examples: ["millrace project --once", "millrace project sales --once", "millrace project --once --workers 4"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    let names = invocation.arguments
    let definitions = names.isEmpty ? Shop.marts : try names.map { try Workspace.definition(named: $0) }
    guard Set(names).count == names.count else { throw Failure(.usage, "a mart is named twice") }
    let workers = try invocation.integer(
      "workers", in: 1...PipelineLimits.mostWorkers, default: PipelineLimits.workers)
    let once = invocation.has("once")
    let stop = StopFlag.onSignals()
    let rule: StopRule = once ? .atEnd(stop) : .whenAsked(stop)
    let job = try ProjectJob(workspace, configuration)
    if let broken = job.resumes { Output.note("Going on after run \(broken), which broke.") }
    if !once { Output.note("Projecting until Ctrl-C.") }
    let board = ProjectBoard(ProgressLine("project"))
    let result = try job.run(
      definitions, until: rule, stop: stop, waits: !once, workers: workers, failed: sayAtOnce(rule)
    ) { board.note($0) }
    board.finish()
    for progress in result.marts { Output.line(progress.sentence) }
    // One failure is thrown, the others are said before.
    for failure in result.failures.dropFirst() { Output.note("millrace: \(failure)") }
    if let first = result.failures.first { throw first }
    guard once, stop.isAsked else { return .ok }
    Output.note("Stopped before the log's end; the same command goes on from here.")
    return .unfinished
  }
}

/// A mart that stops while others go on live is said now; at the end of a short run the error itself says it.
func sayAtOnce(_ rule: StopRule) -> @Sendable (PipelineError) -> Void {
  guard case .whenAsked = rule else { return { _ in } }
  return { Output.note("millrace: \($0)") }
}

/// Shows the progress of several marts, which comes from their threads, as one.
final class ProjectBoard: Sendable {
  private let line: ProgressLine
  private let latest = Lock<[String: PipelineProgress]>([:])

  init(_ line: ProgressLine) { self.line = line }

  func note(_ progress: PipelineProgress) {
    let all = latest.withLock { latest in
      latest[progress.mart] = progress
      return Array(latest.values)
    }
    let done = all.reduce(0) { $0 + $1.done }
    let totals = all.compactMap(\.total)
    let share = totals.count == all.count && !totals.isEmpty ? Double(done) / Double(max(totals.reduce(0, +), 1)) : nil
    line.update(label: "events", count: done, share: share)
  }

  func finish() { line.finish() }
}

extension PipelineProgress {
  /// "sales: 12 events; applied 10, quarantined 1, duplicates 1."
  var sentence: String {
    "\(mart): \(counts.eventsIn) events; applied \(counts.applied), quarantined \(counts.quarantined), duplicates \(counts.duplicates)."
  }
}
