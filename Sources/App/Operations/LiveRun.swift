package import Capture
package import Concurrency
package import Pipeline
internal import ShopMarts
package import Workspace

/// Capture and projecting of all marts in one process. Whatever ends one half ends the other, in order.
package struct LiveRun {
  /// How both halves ended.
  package struct Result: Sendable {
    /// nil: capture ended with an error.
    package var captured: CaptureCounts?
    /// Of the marts that came to their end.
    package var marts: [PipelineProgress] = []
    /// Of marts that stopped with an error.
    package var martFailures: [PipelineError] = []
    /// What ended the run, where it was not the wish to stop; capture's own error first.
    package var failure: (any Error)?
  }

  /// Often enough that marts are fresh within a second.
  private static let pollMillis = 50

  private let configuration: Configuration
  private let capture: CaptureJob
  private let project: ProjectJob

  /// Opens (and where needed makes) the log before the projectors look for it, takes the capture lock, and enters both
  /// jobs in the ledger. Waits for a broker that is down, until `stop` is asked.
  package init(_ workspace: Workspace, stop: StopFlag) throws {
    configuration = try workspace.configuration()
    capture = try CaptureJob(workspace, configuration, stop: stop, waits: true)
    project = try ProjectJob(workspace, configuration)
  }

  /// Runs until `stop` is asked or something fails for good. `failed` is told at once of each mart that stops,
  /// `progress` from several threads. Blocks.
  package func run(
    stop: StopFlag, failed: @escaping @Sendable (PipelineError) -> Void = { _ in },
    progress: @escaping @Sendable (PipelineProgress) -> Void = { _ in }
  ) -> Result {
    let handed = HandedOver(job: capture)
    let capturing = WorkThread.run("capture") {
      defer { stop.ask() }
      return try handed.job.run(stop: stop, pollMillis: Self.pollMillis)
    }
    var result = Result()
    do {
      let projected = try project.run(
        Shop.marts, until: .whenAsked(stop), stop: stop, waits: true,
        failed: { error in
          failed(error)
          // What passes by itself was tried again already. Going on without this mart would hide from a supervisor that
          // it grows stale, so all stop in order.
          stop.ask()
        }, progress: progress)
      result.marts = projected.marts
      result.martFailures = projected.failures
      result.failure = projected.failures.first
    } catch {
      result.failure = error
    }
    // Whatever ended this half, the other finishes its batch first.
    stop.ask()
    do { result.captured = try capturing.wait() } catch { result.failure = error }
    return result
  }
}

/// The capture of a run on its way to the thread that works it.
// Unchecked: nobody touches the job any more once the thread has it.
private struct HandedOver: @unchecked Sendable {
  let job: CaptureJob
}
