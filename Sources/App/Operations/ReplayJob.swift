package import Concurrency
internal import EventLog
internal import Failures
internal import Marts
package import Pipeline
package import Projections
package import Workspace

/// What a replay is asked for.
package struct ReplayRequest: Sendable {
  /// Marts that are built together and swapped together.
  package var definitions: [MartDefinition]
  /// Folder of a copy of the log that reaches further back.
  package var archive: String?
  /// Copy of the one mart to begin from; an absolute path, since a later run that goes on may be started elsewhere.
  package var snapshot: String?
  /// Build a detached generation up to here, with the words that said so.
  package var until: (limit: ReplayLimit, text: String)?
  /// Differences that are wanted: `name@version`. With several marts each takes what is its own.
  package var accept: [String]
  /// Preparing threads of each mart.
  package var workers: Int

  package init(
    _ definitions: [MartDefinition], archive: String? = nil, snapshot: String? = nil,
    until: (limit: ReplayLimit, text: String)? = nil, accept: [String] = [], workers: Int = PipelineLimits.workers
  ) {
    self.definitions = definitions
    self.archive = archive
    self.snapshot = snapshot
    self.until = until
    self.accept = accept
    self.workers = workers
  }
}

/// Replays of several marts, with their ledger: all are built first and swapped together, so that reports over several
/// of them see different versions for a moment only.
package struct ReplayJob {
  /// What is told while it works, in this order for each mart; progress comes from several threads.
  package enum News: Sendable {
    /// This run goes on from one that broke.
    case resumes(run: Int64)
    case progress(mart: String, ReplayProgress)
    /// Built and compared, not yet in use.
    case prepared(ReplayOutcome)
    /// In use, detached or refused.
    case ended(ReplayOutcome)
  }

  private let workspace: Workspace
  private let setups: [Replay.Setup]
  private let tell: @Sendable (News) -> Void

  /// Reads configuration, keys and the log's identity; begins nothing. Once `stop` is asked, the work in hand is
  /// committed and the replay throws; the same request goes on.
  package init(
    _ request: ReplayRequest, _ workspace: Workspace, stop: StopFlag,
    tell: @escaping @Sendable (News) -> Void = { _ in }
  ) throws {
    self.workspace = workspace
    self.tell = tell
    if let snapshot = request.snapshot, snapshot.contains("\n") {
      throw Failure(.usage, "the snapshot's name has a line end in it")
    }
    var setups = try workspace.replaySetups(
      request.definitions, workspace.configuration(), archive: request.archive, workers: request.workers, stop: stop)
    for index in setups.indices {
      setups[index].until = request.until
      setups[index].snapshot = request.snapshot
      let names = Set(setups[index].identity.parts.keys.map(GenerationIdentity.shortName(of:)))
      setups[index].accept = request.accept.filter {
        setups.count == 1 || names.contains(String($0.prefix { $0 != "@" }))
      }
    }
    self.setups = setups
  }

  /// What each replay would do and what is missing for it; changes nothing.
  package func preflight() throws -> [ReplayPreflight] { try setups.map { try Replay($0).preflight() } }

  /// Builds, compares and hands over. An outcome with a refusal is no error: both generations are kept.
  package func run() throws -> [ReplayOutcome] { try run(setups[...], prepared: []) }

  private func run(_ rest: ArraySlice<Replay.Setup>, prepared: [(Replay, JobRun)]) throws -> [ReplayOutcome] {
    guard var setup = rest.first else { return try handOver(prepared) }
    let mart = setup.definition.name
    let job = try JobRun(workspace.ledger(), .replay, of: mart)
    let counts = ReplayCounts(job)
    let tell = tell
    setup.progress = { progress in
      counts.note(progress)
      tell(.progress(mart: mart, progress))
    }
    let stop = setup.stop
    setup.step = { CrashPoint.reach($0.rawValue, stop) }
    // Inside, so that the ledger of every mart says how all of it ended.
    return try job.track {
      if let broken = job.resumes { tell(.resumes(run: broken)) }
      let replay = try Replay(setup)
      let outcome = try replay.prepare()
      note(outcome, in: job)
      tell(.prepared(outcome))
      return try run(rest.dropFirst(), prepared: prepared + [(replay, job)])
    }
  }

  private func handOver(_ prepared: [(Replay, JobRun)]) throws -> [ReplayOutcome] {
    try prepared.map { replay, job in
      let outcome = try replay.handOver()
      note(outcome, in: job)
      tell(.ended(outcome))
      return outcome
    }
  }

  /// What the ledger keeps of it: from where to where, what came of the events, who took whose place.
  private func note(_ outcome: ReplayOutcome, in job: JobRun) {
    job.count("events", outcome.counts.eventsIn)
    job.count("applied", outcome.counts.applied)
    job.count("quarantined", outcome.counts.quarantined)
    job.count("duplicates", outcome.counts.duplicates)
    job.count("generation", Int64(outcome.generation))
    job.count("differences", Int64(outcome.comparison?.differences.count ?? 0))
    for (partition, next) in outcome.positions {
      job.count("from.\(partition)", (outcome.began[partition] ?? .first).rawValue)
      job.count("to.\(partition)", next.rawValue)
    }
    if outcome.isSwapped {
      job.count("swapped from", Int64(outcome.old ?? 0))
      job.count("swapped to", Int64(outcome.generation))
    }
  }
}
