internal import Concurrency
internal import Failures
internal import Foundation
package import Runs

/// A job in the ledger while it runs: tells its counts every second, and how it ended.
package final class JobRun: Sendable {
  private let run: RunHandle
  private let counts = Lock<[String: Int64]>([:])
  private let remarks = Lock(Remarks())
  private let isOver = StopFlag()

  /// Enters the job in the ledger. `mart`: whose run it is, for a kind that has runs of each mart. Throws where the
  /// ledger cannot be written.
  package init(_ ledger: RunLedger, _ kind: JobKind, of mart: String? = nil) throws {
    run = try ledger.start(
      job: kind.entry(of: mart), command: CommandLine.arguments.joined(separator: " "), nowMillis: JobRun.now)
    // Ends with the run; the thread holds it for a beat only.
    let isOver = isOver
    _ = WorkThread.run("millrace runs") { [weak self] in
      while !isOver.pause(milliseconds: 1_000) { self?.beat() }
    }
  }

  deinit { isOver.ask() }

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
      isOver.ask()
      try run.finish(nowMillis: JobRun.now, counts: counts.withLock { $0 }, remark: remarks.withLock(\.text))
      return result
    } catch {
      isOver.ask()
      // The first error is the one to report; a ledger that fails as well cannot add to it.
      try? run.fail(nowMillis: JobRun.now, counts: counts.withLock { $0 }, reason: Failure(explaining: error).message)
      throw error
    }
  }

  /// Writes down a run that failed before it could begin. That another process does the job, or that a person stopped
  /// it, is no failure of it.
  package static func noteFailure(of kind: JobKind, _ error: any Error, in ledger: RunLedger) {
    guard Failure(explaining: error).kind != .locked else { return }
    // As above: the error itself is reported in any case.
    _ = try? JobRun(ledger, kind).track { throw error }
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
