/// One run of a job as the ledger shows it. Times are milliseconds since 1970, UTC.
package struct RunRecord: Sendable, Equatable {
  /// What became of a run.
  package enum State: String, Sendable, CaseIterable {
    case running
    case finished
    /// Ended by itself with an error.
    case failed
    /// Its process went away without a word: kill -9, a crash, power loss.
    case broken
  }

  /// Ascending in the order of starts.
  package var id: Int64
  /// "capture", "project", "replay sales", …
  package var job: String
  /// The command line that started it.
  package var command: String
  /// Of the process that started it, for people; nothing is decided by it.
  package var processID: Int32
  /// As the ledger has it; see `RunLedger.list`.
  package var state: State
  /// When it began.
  package var startedAtMillis: Int64
  /// The last sign of life.
  package var heartbeatAtMillis: Int64
  /// nil while it runs. A broken run's is its last heartbeat: nobody saw the end.
  package var endedAtMillis: Int64?
  /// The broken run that this one goes on from.
  package var resumes: Int64?
  /// Why it failed, or what stands in the way of one that goes on.
  package var reason: String?
  /// What it counted so far, by name.
  package var counts: [String: Int64]

  package init(
    id: Int64, job: String, command: String, processID: Int32, state: State, startedAtMillis: Int64,
    heartbeatAtMillis: Int64, endedAtMillis: Int64?, resumes: Int64?, reason: String?, counts: [String: Int64]
  ) {
    self.id = id
    self.job = job
    self.command = command
    self.processID = processID
    self.state = state
    self.startedAtMillis = startedAtMillis
    self.heartbeatAtMillis = heartbeatAtMillis
    self.endedAtMillis = endedAtMillis
    self.resumes = resumes
    self.reason = reason
    self.counts = counts
  }
}
