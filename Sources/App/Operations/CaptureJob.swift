package import Capture
package import Concurrency
internal import Failures
internal import Files
internal import Pipeline
package import Workspace

/// Capturing the sources into the log, as a job of the ledger.
package struct CaptureJob {
  private let session: CaptureSession
  private let job: JobRun

  /// The broken run that this one goes on from.
  package var resumes: Int64? { job.resumes }

  /// Opens (and where needed makes) the log, and takes the workspace's capture lock. `waits`: for a broker that is
  /// down. `accepting`: names of sheets that are taken though something about them is odd.
  package init(
    _ workspace: Workspace, _ configuration: Configuration, stop: StopFlag, waits: Bool, accepting: Set<String> = []
  ) throws {
    session = try workspace.captureSession(configuration, stop: stop, waits: waits, accepting: accepting)
    job = try JobRun(workspace.ledger(), .capture)
    // So that `runs` shows what sources wait for.
    session.tellTroubles { [weak job] in job?.remark($0, $1) }
  }

  /// Forgets the notes of broken histories.
  package func acknowledgeBreaks() throws { try session.acknowledgeBreaks() }

  /// What was captured so far; also when a run throws.
  package var counts: CaptureCounts { session.counts }

  /// Captures until every source is read to its end, or the wish to stop comes before. Throws the error of a source
  /// that cannot be read after the others were read to their end. Blocks. `progress` comes from several threads.
  package func runOnce(
    stop: StopFlag, progress: @escaping @Sendable (CaptureProgress) -> Void = { _ in }
  ) throws -> CaptureCounts {
    try track(progress) { try session.runOnce(stop: { stop.isAsked }, progress: $0) }
  }

  /// Captures until asked to stop; looks at each source every `pollMillis`. Blocks. `progress` comes from several
  /// threads.
  package func run(
    stop: StopFlag, pollMillis: Int = 200, progress: @escaping @Sendable (CaptureProgress) -> Void = { _ in }
  ) throws -> CaptureCounts {
    try track(progress) { try session.run(until: { stop.isAsked }, pollMillis: pollMillis, progress: $0) }
  }

  private func track(
    _ progress: @escaping @Sendable (CaptureProgress) -> Void,
    _ body: (@escaping @Sendable (CaptureProgress) -> Void) throws -> CaptureCounts
  ) throws -> CaptureCounts {
    let job = job
    return try job.track {
      // What was captured counts also when a source could not be read.
      defer { note(session.counts) }
      return try body { told in
        job.count("\(told.source).events", Int64(told.events))
        progress(told)
      }
    }
  }

  private func note(_ counts: CaptureCounts) {
    job.count("events", Int64(counts.events))
    job.count("rejected", Int64(counts.rejected))
    job.count("heartbeats", Int64(counts.heartbeats))
    job.count("resent", Int64(counts.resent))
    for (name, source) in counts.sources { job.count("\(name).events", Int64(source.events)) }
  }
}

extension Workspace {
  /// Takes Millrace's change tables and triggers out of all databases that are listed; answers their paths as
  /// millrace.yaml names them. Refused while a capture runs, which would put them back at its next look and take a new
  /// snapshot.
  package func removeTriggers(_ configuration: Configuration) throws -> [String] {
    let registry = SourceRegistry.shop
    let sources = configuration.sources.filter { registry.kind(named: $0.kind)?.removeTriggers != nil }
    guard !sources.isEmpty else {
      throw Failure(.configuration, "millrace.yaml lists no source of kind sqlite to remove triggers from")
    }
    let lock = try LockFile.tryLock("\(folder)/capture.lock")
    if lock == nil {
      throw Failure(.locked, "a capture works on this workspace; stop it before its triggers are removed")
    }
    for source in sources {
      var located = source
      located.place = resolve(source.place)
      try registry.kind(named: source.kind)?.removeTriggers?(located)
    }
    _ = consume lock
    return sources.map(\.place)
  }
}
