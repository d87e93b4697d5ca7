package import Concurrency
package import EventLog
internal import Failures
internal import Files
package import Workspace

/// Copying a log to another place, as a job of the ledger.
package struct LogCopyJob {
  /// What happens while it runs.
  package enum News {
    case progress(LogCopy.Progress)
    /// A copy that follows could not go on, and tries again.
    case retrying(LogError)
    /// Records compared so far.
    case compared(Int64)
  }

  /// What came of it.
  package struct Result {
    package var summary = LogCopy.Summary()
    /// nil: not asked for, or stopped before.
    package var comparison: LogCopy.Comparison?
    /// Where the workspace's log is from now on; nil: where it was.
    package var adopted: LogPlace?
    /// It was asked to stop before the end; the same request goes on from there.
    package var isStopped = false
  }

  private let workspace: Workspace
  private let request: LogCopyRequest
  private let stop: StopFlag
  /// As the target is named once it is adopted.
  private let place: LogPlace?
  private let adoption: LogAdoption?
  private let copy: LogCopy
  private let lock: LockFile?

  /// Opens both logs, makes the target where it is missing, and keeps other copiers away from it; for an adoption also
  /// takes the locks of capture and of every mart. Blocks.
  package init(_ request: LogCopyRequest, _ workspace: Workspace, stop: StopFlag) throws {
    let configuration = try workspace.configuration()
    self.workspace = workspace
    self.request = request
    self.stop = stop
    adoption = request.adopts ? try LogAdoption(workspace, configuration, from: request.from) : nil
    let source = try workspace.openSource(request.from, configuration, request, stop: stop)
    let target = try workspace.openTarget(request.to, configuration, request, of: source, stop: stop)
    lock = try workspace.lockTarget(request.to, configuration)
    copy = try LogCopy(from: source, to: target, topics: request.topics)
    place = request.adopts ? try request.place(configuration) : nil
  }

  /// Copies, and then compares and adopts where that was asked for. Blocks; until `stop` is asked when the request
  /// follows. `tell` is called from this thread.
  package func run(tell: (News) -> Void = { _ in }) throws -> Result {
    defer { withExtendedLifetime(lock) {} }
    let job = try JobRun(workspace.ledger(), .logCopy)
    return try job.track {
      var result = Result()
      let progress: (LogCopy.Progress) -> Void = {
        job.count("offsets", $0.done)
        tell(.progress($0))
      }
      if request.follows {
        result.summary = try copy.follow(stop: stop, retrying: { tell(.retrying($0)) }, progress: progress)
      } else {
        result.summary = try copy.run(stop: stop, progress: progress)
        result.isStopped = stop.isAsked
      }
      job.count("records", result.summary.records)
      if result.isStopped { return result }
      if request.verifies {
        result.comparison = try copy.compare { tell(.compared($0)) }
        job.count("compared", result.comparison?.records ?? 0)
      }
      if let adoption, let place {
        try adoption.adopt(copy, as: place)
        result.adopted = place
      }
      return result
    }
  }
}
