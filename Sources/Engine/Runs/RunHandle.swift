internal import Concurrency
internal import Files

/// A run under way. Its owner reports a heartbeat about once a second, and its end. A run that is dropped without an
/// end is found broken later, as after a crash.
package final class RunHandle: Sendable {
  package let id: Int64
  package let job: String
  /// The broken run that this one goes on from.
  package let resumes: Int64?

  private struct State {
    var lock: LockFile?
    var counts: [String: Int64] = [:]
  }

  private let ledger: RunLedger
  private let state: Lock<State>

  init(record: RunRecord, ledger: RunLedger, lock: LockFile) {
    id = record.id
    job = record.job
    resumes = record.resumes
    self.ledger = ledger
    state = Lock(State(lock: lock))
  }

  /// The counts last reported.
  package var progress: [String: Int64] { state.withLock { $0.counts } }

  /// A sign of life. Names that are missing from `counts` keep the value reported last.
  package func heartbeat(nowMillis: Int64, counts: [String: Int64] = [:]) throws(RunError) {
    try ledger.beat(id, nowMillis: nowMillis, counts: counts)
    state.withLock { $0.counts.merge(counts) { $1 } }
  }

  /// Notes the end and gives the lock up. Throws `.ended` when the run has ended already. Blocks for one small commit.
  /// `remark`: what stood in its way all the same.
  package func finish(nowMillis: Int64, counts: [String: Int64] = [:], remark: String? = nil) throws(RunError) {
    try end(.finished, nowMillis, counts, remark)
  }

  /// Says what stands in its way while it goes on, without any content of events; nil: nothing does. Shown where a
  /// failed run shows its reason. Throws `.ended` when the run has ended already. Blocks for one small commit.
  package func remark(_ text: String?) throws(RunError) { try ledger.remark(id, text) }

  /// `reason` says what went wrong, without any content of events.
  package func fail(nowMillis: Int64, counts: [String: Int64] = [:], reason: String) throws(RunError) {
    try end(.failed, nowMillis, counts, reason)
  }

  private func end(
    _ outcome: RunRecord.State, _ nowMillis: Int64, _ counts: [String: Int64], _ reason: String?
  ) throws(RunError) {
    try ledger.end(id, state: outcome, nowMillis: nowMillis, counts: counts, reason: reason)
    state.withLock {
      $0.counts.merge(counts) { $1 }
      $0.lock = nil
    }
    ledger.removeLock(of: id)
  }
}
