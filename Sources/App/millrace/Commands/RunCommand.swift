internal import Capture
internal import Concurrency
internal import Operations
internal import Pipeline
internal import Projections
internal import ShopMarts
internal import Workspace

extension Command {
  /// `millrace run`: capture and project in one process.
  static let run = Command(
    "run", "capture and project in one process, until stopped",
    discussion: """
      Follows all sources and keeps all marts fresh, within a second, until Ctrl-C or SIGTERM; the batch in hand is finished
      then. Reports, status and snapshots can be asked for meanwhile from other terminals. When capture or one mart fails for
      good, the others finish too, and millrace ends with that error's code, so that a supervisor sees it.
      """,
    examples: ["millrace run", "millrace run --workspace /srv/millrace"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let stop = StopFlag.onSignals()
    let run = try LiveRun(workspace, stop: stop)
    Output.note("Running until Ctrl-C.")
    let board = ProjectBoard(ProgressLine("run"))
    let result = run.run(stop: stop, failed: { Output.note("millrace: \($0)") }, progress: { board.note($0) })
    board.finish()
    if let counts = result.captured { Output.line(counts.sentence) }
    for progress in result.marts { Output.line(progress.sentence) }
    for failure in result.martFailures.dropFirst() { Output.note("millrace: \(failure)") }
    if let failure = result.failure { throw failure }
    return .ok
  }
}
