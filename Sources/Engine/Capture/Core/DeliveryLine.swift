internal import Concurrency
internal import EventLog
internal import Money
internal import Privacy
internal import Telemetry

/// The one way from finished batches into the log, shared by all sources of a capture: one delivery after the other, in
/// the order in which they were asked for, so that no source can push itself before another.
///
/// Who may touch what: the outbox gets batches, and the log is appended to, on this thread only. Outbox and vault have
/// locks of their own, under which sources read what is theirs meanwhile; a `TroubleNote` asks for the outbox's while
/// it holds its own, and nobody else holds two.
// Unchecked: the variables are touched on the thread only.
final class DeliveryLine: @unchecked Sendable {
  private let thread = WorkThread("deliver")
  private let vault: Vault
  private let outbox: Outbox
  private let log: any LogReader & LogWriter
  private let trouble: TroubleNote
  private let clock: @Sendable () -> Timestamp
  private let resentCounter: Counter
  /// The outbox may hold what the log does not.
  private var hasUnsent = true
  private var resent = 0
  /// The log could not be reached, as was found at this moment (milliseconds of `Monotonic`).
  private var unreachable: (at: Int64, error: LogError)?

  init(
    vault: Vault, outbox: Outbox, log: any LogReader & LogWriter, trouble: TroubleNote,
    clock: @escaping @Sendable () -> Timestamp, metrics: Metrics
  ) {
    self.vault = vault
    self.outbox = outbox
    self.log = log
    self.trouble = trouble
    self.clock = clock
    resentCounter = metrics.counter(
      "millrace_capture_resent_total", help: "Records sent again because an interrupted delivery may have lost them.")
  }

  /// Delivers aside, so that the next batch is sealed meanwhile. What an interrupted delivery left goes first.
  func deliver(_ commit: Outbox.Commit) -> WorkResult<Void> {
    let asked = Monotonic.millis
    return thread.start { [self] in try telling(asked) { try deliverNow(commit) } }
  }

  /// Sends again what an interrupted delivery has finished and perhaps not sent: the same bytes in the same order.
  /// Blocks.
  func resend() throws {
    let asked = Monotonic.millis
    try thread.start { [self] in try telling(asked) { try sendPending() } }.wait()
  }

  /// Begins the count anew.
  func beginRun() { thread.start { [self] in resent = 0 }.join() }
  /// Records that an earlier delivery had finished but perhaps not delivered, in this run.
  var resentInRun: Int { (try? thread.start { [self] in resent }.wait()) ?? 0 }

  // MARK: On the thread

  private func deliverNow(_ commit: Outbox.Commit) throws {
    try sendPending()
    hasUnsent = true
    // A data key must outlive everything that was sealed with it.
    try vault.commit()
    var commit = commit
    commit.vault = vault.mark
    let ids = try outbox.commit(commit)
    if !commit.batches.isEmpty { outbox.wereSent(ids, as: try log.append(commit.batches)) }
    hasUnsent = false
  }

  private func sendPending() throws {
    guard hasUnsent else { return }
    for pending in try outbox.pending() {
      let ranges = try log.append([pending.batch])
      outbox.wereSent([pending.id], as: ranges)
      resent += pending.batch.count
      resentCounter.add(Int64(pending.batch.count))
    }
    try outbox.settle()
    hasUnsent = false
  }

  /// Says once that the log cannot be reached, and once that it can again.
  private func telling(_ asked: Int64, _ body: () throws -> Void) throws {
    // Found out while this waited for its turn; each would only find the same, and take as long.
    if let unreachable, unreachable.at > asked { throw unreachable.error }
    do {
      try body()
      unreachable = nil
      try trouble.clear(at: clock())
    } catch let error as LogError where error.kind == .unavailable {
      unreachable = (Monotonic.millis, error)
      try trouble.raise("\(error.cause); \(error.hint)", since: clock())
      throw error
    }
  }
}
