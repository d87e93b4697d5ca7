internal import Concurrency
internal import Dispatch
internal import Failures
internal import Foundation
package import Runs

/// A job in the ledger while it runs: tells its counts every second, and how it ended.
// Unchecked: the timer is set once and its own calls are safe from any thread.
package final class JobRun: @unchecked Sendable {
  private let run: Run
  private let counts = Lock<[String: Int64]>([:])
  private let remarks = Lock(Remarks())
  private let timer: any DispatchSourceTimer

  /// Enters the job in the ledger. Throws where the ledger cannot be written.
  package init(_ ledger: RunLedger, job: String) throws {
    run = try ledger.start(job: job, command: CommandLine.arguments.joined(separator: " "), nowMillis: JobRun.now)
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "millrace.runs"))
    timer.schedule(deadline: .now() + 1, repeating: 1)
    timer.setEventHandler { @Sendable [weak self] in self?.beat() }
    timer.activate()
  }

  deinit { timer.cancel() }

  /// The ledger's number of this run.
  package var id: Int64 { run.id }
  /// The broken run that this one goes on from.
  package var resumes: Int64? { run.resumes }

  private struct Remarks {
    var texts: [String: String] = [:]
    var isWritten = true

    /// One text for all; nil: there are none.
    var text: String? {
      texts.isEmpty ? nil : texts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }
  }

  /// What stands in the way of a part of the job while it goes on, as `runs` shows it; nil: nothing any more. Written
  /// down with the next sign of life.
  package func remark(_ part: String, _ text: String?) {
    remarks.withLock { remarks in
      guard remarks.texts[part] != text else { return }
      remarks.texts[part] = text
      remarks.isWritten = false
    }
  }

  /// Sets a count; the ledger has it within a second.
  package func count(_ name: String, _ value: Int64) { counts.withLock { $0[name] = value } }

  /// Runs `body` and writes down how it ended.
  package func track<R>(_ body: () throws -> R) throws -> R {
    do {
      let result = try body()
      timer.cancel()
      try run.finish(nowMillis: JobRun.now, counts: counts.withLock { $0 }, remark: remarks.withLock(\.text))
      return result
    } catch {
      timer.cancel()
      // The first error is the one to report; a ledger that fails as well cannot add to it.
      try? run.fail(nowMillis: JobRun.now, counts: counts.withLock { $0 }, reason: Failure(explaining: error).message)
      throw error
    }
  }

  /// Writes down a run that failed before it could begin. That another process does the job, or that a person stopped
  /// it, is no failure of it.
  package static func noteFailure(of job: String, _ error: any Error, in ledger: RunLedger) {
    guard Failure(explaining: error).kind != .locked else { return }
    // As above: the error itself is reported in any case.
    _ = try? JobRun(ledger, job: job).track { throw error }
  }

  /// A missed beat only makes a later break look older.
  private func beat() {
    try? run.heartbeat(nowMillis: JobRun.now, counts: counts.withLock { $0 })
    let news: String?? = remarks.withLock { remarks in
      defer { remarks.isWritten = true }
      return remarks.isWritten ? .none : .some(remarks.text)
    }
    if let news { try? run.remark(news) }
  }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
