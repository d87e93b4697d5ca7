internal import Concurrency
internal import Dispatch
internal import Foundation
package import Runs

/// A job in the ledger while it runs: tells its counts every second, and how it ended.
// Unchecked: the timer is set once and its own calls are safe from any thread.
package final class JobRun: @unchecked Sendable {
  private let run: Run
  private let counts = Lock<[String: Int64]>([:])
  private let timer: any DispatchSourceTimer

  package init(_ ledger: RunLedger, job: String) throws {
    run = try ledger.start(job: job, command: CommandLine.arguments.joined(separator: " "), nowMillis: JobRun.now)
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "millrace.runs"))
    timer.schedule(deadline: .now() + 1, repeating: 1)
    timer.setEventHandler { @Sendable [weak self] in self?.beat() }
    timer.activate()
  }

  deinit { timer.cancel() }

  package var id: Int64 { run.id }
  /// The broken run that this one goes on from.
  package var resumes: Int64? { run.resumes }

  package func count(_ name: String, _ value: Int64) { counts.withLock { $0[name] = value } }

  /// Runs `body` and writes down how it ended.
  package func track<R>(_ body: () throws -> R) throws -> R {
    do {
      let result = try body()
      timer.cancel()
      try run.finish(nowMillis: JobRun.now, counts: counts.withLock { $0 })
      return result
    } catch {
      timer.cancel()
      // The first error is the one to report; a ledger that fails as well cannot add to it.
      try? run.fail(nowMillis: JobRun.now, counts: counts.withLock { $0 }, reason: Failure(explaining: error).message)
      throw error
    }
  }

  /// Writes down a run that failed before it could begin. That another process does the job, or that a person stopped it, is
  /// no failure of it.
  package static func noteFailure(of job: String, _ error: any Error, in ledger: RunLedger) {
    guard Failure(explaining: error).kind != .locked else { return }
    // As above: the error itself is reported in any case.
    _ = try? JobRun(ledger, job: job).track { throw error }
  }

  /// A missed beat only makes a later break look older.
  private func beat() { try? run.heartbeat(nowMillis: JobRun.now, counts: counts.withLock { $0 }) }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
