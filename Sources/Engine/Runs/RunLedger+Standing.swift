extension RunLedger {
  /// The newest run of a job that failed or broke and was not made good since; nil: there is none. A later run makes it good
  /// by ending well, or by living on for `RunLimits.settledMillis`: what runs for months must not stay red for its
  /// predecessor's end, and what dies at each start never gets that old.
  ///
  /// Runs of processes that are gone count as running until `markBroken` was called. Blocks like `list`.
  package func unresolvedFailure(of job: String, nowMillis: Int64) throws(RunError) -> RunRecord? {
    for record in try list(job: job) {
      switch record.state {
      case .failed, .broken: return record
      case .finished: return nil
      case .running:
        if nowMillis &- record.startedAtMillis >= RunLimits.settledMillis { return nil }
      }
    }
    return nil
  }
}
