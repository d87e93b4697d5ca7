internal import Capture
internal import Concurrency
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
    let configuration = try workspace.configuration()
    let stop = StopFlag.onSignals()
    // Opens (and where needed makes) the log before the projectors look for it, and takes the capture lock.
    let session = try workspace.captureSession(configuration, stop: stop, waits: true)
    let ledger = try workspace.ledger()
    let captureJob = try JobRun(ledger, job: "capture")
    let projectJob = try JobRun(ledger, job: "project")
    let line = ProgressLine("run")
    let board = ProjectBoard(job: projectJob, line: line)
    Output.note("Running until Ctrl-C.")

    let box = SendableBox(session)
    let capturing = WorkThread.run("capture") {
      // Whatever ends one half ends the other.
      defer { stop.ask() }
      return try captureJob.track {
        let counts = try box.value.run(until: { stop.isAsked }, pollMillis: 50) { progress in
          captureJob.count("\(progress.source).events", Int64(progress.events))
        }
        counts.report(to: captureJob)
        return counts
      }
    }
    var outcomes: [MartRuntime.Outcome] = []
    var projectFailure: (any Error)?
    do {
      try projectJob.track {
        let jobs = try workspace.projectJobs(Shop.marts, configuration, stop: stop, waits: true) {
          board.note($0)
        }
        let rule = StopRule.whenAsked(stop)
        let say = sayAtOnce(rule)
        outcomes = MartRuntime.run(jobs, until: rule) { error in
          say(error)
          // What passes by itself was tried again already. Going on without this mart would hide from a supervisor that it
          // grows stale, so all stop in order, and the process ends with this error.
          stop.ask()
        }
        // Inside, so that the ledger says how it ended.
        try outcomes.throwFirstFailure()
      }
    } catch {
      projectFailure = error
    }
    // Whatever ended this half, the other finishes its batch first.
    stop.ask()
    let captured = Result { try capturing.wait() }
    board.finish()
    if case .success(let counts) = captured { Output.line(counts.sentence) }
    for outcome in outcomes { if case .success(let progress) = outcome.result { Output.line(progress.sentence) } }
    _ = try captured.get()
    if let projectFailure { throw projectFailure }
    return .ok
  }
}

/// Hands a value to exactly one other thread.
struct SendableBox<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
