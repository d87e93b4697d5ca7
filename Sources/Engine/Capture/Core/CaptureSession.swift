internal import Entity
package import EventLog
internal import Files
package import Money
package import Privacy
package import Telemetry

/// Sources → log, exactly once: each batch of finished records is committed to the outbox together with the position
/// that follows it, then appended; after a crash exactly the bytes that may be missing are sent again.
///
/// Each source has a session, a supervisor and a thread of its own, so that one that is locked, broken or slow holds up
/// no other. They share the outbox, the log and the vault by the rule that `DeliveryLine` states.
///
/// All calls block; use one thread of your own. What they are given to call is called from the sources' threads.
package final class CaptureSession {
  private let configuration: CaptureConfiguration
  private let log: any LogReader & LogWriter
  private let clock: @Sendable () -> Timestamp
  private let lock: LockFile
  private let outbox: Outbox
  private let delivery: DeliveryLine
  private let logTrouble: TroubleNote
  private let supervisors: [SourceSupervisor]
  private let logger: Logger
  /// What the last run has done, also when it ended with an error.
  package private(set) var counts = CaptureCounts()

  /// Opens the configured sources, takes the workspace's capture lock and opens its outbox; refused while another
  /// capture runs, and where a source seems to have got another name. `kinds`: what kinds of sources there are.
  package convenience init(
    _ configuration: CaptureConfiguration, kinds: SourceRegistry, log: any LogReader & LogWriter, keyring: Keyring,
    vault: Vault, clock: @escaping @Sendable () -> Timestamp, logger: Logger = .silent, metrics: Metrics = Metrics()
  ) throws {
    let tools = SourceKind.Tools(
      keyring: keyring, installsTriggers: configuration.installsTriggers, metrics: metrics,
      accepted: configuration.accepted)
    let sources = try configuration.sources.map { try kinds.open($0, tools) }
    try self.init(
      configuration, sources: sources, log: log, keyring: keyring, vault: vault, clock: clock, logger: logger,
      metrics: metrics)
    try SourceNames(configuration: configuration, kinds: kinds, outbox: outbox).check()
  }

  /// The same over sources that are open already, in the order in which they are told of. Throws `CaptureError` where
  /// the workspace is taken, or its outbox and the log do not belong together.
  package init(
    _ configuration: CaptureConfiguration, sources: [any CaptureSource], log: any LogReader & LogWriter,
    keyring: Keyring, vault: Vault, clock: @escaping @Sendable () -> Timestamp, logger: Logger = .silent,
    metrics: Metrics = Metrics()
  ) throws {
    guard let lock = try LockFile.tryLock(configuration.lockPath) else {
      throw CaptureError(
        .alreadyRunning, operation: "start",
        cause: configuration.role == .capture
          ? "another capture works on this workspace" : "another decision is being recorded in this workspace",
        hint: "stop it first, or give this one another workspace")
    }
    self.configuration = configuration
    self.log = log
    self.clock = clock
    self.lock = lock
    self.logger = logger
    outbox = try Outbox(path: configuration.outboxPath, logger: logger, metrics: metrics)
    logTrouble = try TroubleNote(of: TroubleNote.log, outbox, logger: logger, metrics: metrics)
    delivery = DeliveryLine(
      vault: vault, outbox: outbox, log: log, trouble: logTrouble, clock: clock, metrics: metrics)
    for source in sources {
      for topic in source.topics { try log.ensureTopic(topic, partitions: configuration.partitions) }
    }
    let shared = SourceSession.Shared(
      configuration: configuration, keyring: keyring, vault: vault, outbox: outbox, log: log, delivery: delivery,
      clock: clock, owner: try Self.nextOwner(outbox))
    supervisors = try sources.map { [outbox, delivery] source in
      let telemetry = SourceTelemetry(source.name, logger: logger, metrics: metrics)
      return SourceSupervisor(
        try SourceSession(source, shared, telemetry: telemetry),
        trouble: try TroubleNote(of: source.name, outbox, logger: logger, metrics: metrics), outbox: outbox,
        delivery: delivery, telemetry: telemetry)
    }
    try comparePositionsWithLog(vault)
  }

  /// The epoch of this capture: one more than that of the last one that owned this outbox. Each record carries it, so
  /// that of two who both believe to own the sources the later one can be told.
  private static func nextOwner(_ outbox: Outbox) throws -> UInt64 {
    let owner = (try outbox.fact(ownerFact).flatMap(UInt64.init) ?? 0) + 1
    try outbox.setFact(ownerFact, String(owner))
    return owner
  }

  private static let ownerFact = "owner epoch"

  /// A person has seen that a source's history broke, and what it means: the notes that say so go away.
  package func acknowledgeBreaks() throws { try outbox.forgetBreaks() }

  /// Tells from now on, beginning with what stands, what a source or the log (named "log") waits for; nil: nothing any
  /// more.
  package func tellTroubles(_ listener: @escaping @Sendable (_ source: String, _ trouble: String?) -> Void) {
    logTrouble.tell { listener(TroubleNote.log, $0) }
    for supervisor in supervisors { supervisor.trouble.tell { [name = supervisor.name] in listener(name, $0) } }
  }

  // MARK: Running

  /// Reads every source until it has nothing more, then tells all partitions so.
  /// Ends earlier when `stop` answers true; the batch in hand is finished first, and the next run goes on from there.
  /// A source that cannot be read is told of and keeps no other from being read to its end; its error is thrown then.
  package func runOnce(
    stop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (CaptureProgress) -> Void = { _ in }
  ) throws -> CaptureCounts {
    begin()
    try delivery.resend()
    return try supervise(stop: stop, progress, endsAll: false) { supervisor, run, looked in
      try supervisor.runOnce(run, looked: looked)
    }
  }

  /// Follows the sources until `stop` answers true; the batch in hand is finished first. A source that cannot be read,
  /// and a log that cannot be reached, are told of and tried again with growing pauses; what all sources share ends the
  /// run with its error when it is broken.
  package func run(
    until stop: @escaping @Sendable () -> Bool, pollMillis: Int = 200,
    progress: @escaping @Sendable (CaptureProgress) -> Void = { _ in }
  ) throws -> CaptureCounts {
    begin()
    return try supervise(stop: stop, progress, endsAll: true) { supervisor, run, looked in
      try supervisor.follow(run, pollMillis: pollMillis, looked: looked)
    }
  }

  private func begin() {
    counts = CaptureCounts()
    delivery.beginRun()
    for supervisor in supervisors { supervisor.session.beginRun() }
  }

  /// Runs `body` for each source on a thread of its own and waits for all; but once the run stops, not for ever for a
  /// source that does not answer. Nothing of what such a one may still bring is used; its outcome is nil.
  private func supervise(
    stop: @escaping @Sendable () -> Bool, _ progress: @escaping @Sendable (CaptureProgress) -> Void, endsAll: Bool,
    _ body: @escaping @Sendable (SourceSupervisor, SourceSupervisor.Run, () -> Void) throws -> Void
  ) throws -> CaptureCounts {
    let threads = CaptureThreads(count: supervisors.count)
    let run = SourceSupervisor.Run(stopping: stop, ending: threads.ending, progress: progress, clock: clock)
    for (index, supervisor) in supervisors.enumerated() {
      threads.start(index, supervisor.name, endsAll: endsAll) { try body(supervisor, run) { threads.looked(index) } }
    }
    while !threads.wait(millis: CaptureLimits.lookMillis) {
      for supervisor in supervisors {
        do { try supervisor.lookAfter(at: clock(), configuration.silentMillis) } catch { threads.end(with: error) }
      }
      guard run.mustStop else { continue }
      let unfinished = zip(supervisors, threads.outcomes).filter { $1 == nil }.map(\.0.session.gate)
      if unfinished.allSatisfy({ $0.isClosed || $0.close(after: configuration.silentMillis) }) { break }
    }
    return try end(threads.outcomes, threads.fault)
  }

  private func end(_ outcomes: [Result<Void, any Error>?], _ fault: (any Error)?) throws -> CaptureCounts {
    counts.resent = delivery.resentInRun
    var failure = fault
    for (supervisor, outcome) in zip(supervisors, outcomes) {
      guard let outcome else {
        logger.warning("ended without an answer of \(supervisor.session.source.place)")
        continue
      }
      let done = supervisor.session.result
      if done != CaptureCounts.Source() { counts.sources[supervisor.name] = done }
      if case .failure(let error) = outcome { failure = failure ?? error }
    }
    // Where nothing went well, nothing more is tried.
    if failure == nil || outcomes.contains(where: { if case .success = $0 { true } else { false } }) {
      try outbox.settle()
    }
    if let failure { throw failure }
    try outbox.checkpoint()
    return counts
  }

  // MARK: Whether the files belong together

  /// A capture.sqlite that is older than the log would give numbers away twice, and readers would drop real events as
  /// duplicates; so that is refused, and so is a log that is older than capture.sqlite.
  private func comparePositionsWithLog(_ vault: Vault) throws {
    if let known = try outbox.fact("log"), known != log.logID {
      throw CaptureError(
        .positions, operation: "start", cause: "capture.sqlite belongs to another log",
        hint: "put the log back that it was used with, or start a new workspace")
    }
    var work: [(partition: TopicPartition, bounds: LogBounds, session: SourceSession)] = []
    for session in supervisors.map(\.session) {
      for topic in session.source.topics {
        for partition in try log.partitions(of: topic) {
          work.append((partition, try log.bounds(of: partition), session))
        }
      }
    }
    // The last record of each is looked at: it is the one before the newest anchor, as a rule.
    var last: [TopicPartition: Offset] = [:]
    for item in work where item.bounds.next > item.bounds.earliest { last[item.partition] = item.bounds.next - 1 }
    log.willRead(last)
    for item in work { try compare(item.partition, item.bounds, item.session, vault) }
    try outbox.setFact("log", log.logID)
  }

  private func compare(
    _ partition: TopicPartition, _ bounds: LogBounds, _ session: SourceSession, _ vault: Vault
  ) throws {
    if let kept = try outbox.newestAnchor(of: partition) {
      // What was acknowledged is there for good, so a log without it is an older copy, or was written anew. Going on
      // would leave a gap that nothing can close, and new records would take the place of those that readers have seen.
      guard bounds.next >= kept.nextOffset, try log.check(kept, of: partition) != .differs else {
        throw CaptureError(
          .positions, operation: "start",
          cause: "the log no longer holds what was appended to \(partition) up to offset \(kept.nextOffset)",
          hint: "the log lost its tail or was exchanged: restore its latest copy, or start a new workspace")
      }
    }
    guard bounds.next > bounds.earliest else { return }
    let batch = try log.read(partition, from: bounds.next - 1, maximumBytes: 1)
    guard let range = batch.records.last?.origin,
      let origin = try? EventOrigin(decoding: batch.bytes.span.extracting(range)), origin.source == session.source.name
    else { return }
    try vault.require(VaultMark(keys: origin.vault, newest: nil))
    guard session.knows(epoch: origin.epoch, number: origin.number, in: partition) else {
      throw CaptureError(
        .positions, operation: "start",
        cause: "the log already holds number \(origin.number) of \(partition), which capture.sqlite does not know",
        hint: "capture.sqlite is older than the log: restore its latest copy, or start a new workspace")
    }
  }
}
