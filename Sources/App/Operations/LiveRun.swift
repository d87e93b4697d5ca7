package import Capture
package import Concurrency
internal import Failures
internal import Foundation
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
    let capturing = CaptureThread(capture, stop)
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
    switch capturing.join() {
    case .success(let counts): result.captured = counts
    case .failure(let error): result.failure = error
    }
    return result
  }
}

/// Capture on a thread of its own, looking at the sources often enough that marts are fresh within a second.
// Unchecked: the job is the thread's alone once it has begun, and `outcome` is written before the thread ends.
private final class CaptureThread: @unchecked Sendable {
  private static let pollMillis = 50
  private let job: CaptureJob
  private let stop: StopFlag
  private let hasEnded = DispatchSemaphore(value: 0)
  private var outcome: Result<CaptureCounts, any Error>?

  init(_ job: CaptureJob, _ stop: StopFlag) {
    self.job = job
    self.stop = stop
    let thread = Thread { [self] in
      outcome = Result { try self.job.run(stop: self.stop, pollMillis: Self.pollMillis) }
      self.stop.ask()
      hasEnded.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits for the end; to be called once.
  func join() -> Result<CaptureCounts, any Error> {
    hasEnded.wait()
    return outcome ?? .failure(Failure(.unexpected, "capture ended without an answer; please report it"))
  }
}
