internal import Concurrency
package import EventLog
package import Marts
package import Privacy
package import Projections
package import Telemetry

/// What a run has done so far.
package struct PipelineProgress: Sendable, Equatable {
  /// The mart's name.
  package var mart: String
  /// Events read in this run.
  package var done: Int64
  /// Events that this run will read; nil while live.
  package var total: Int64?
  /// What became of the events of this run that are in the mart.
  package var counts: MartCounts

  package init(mart: String, done: Int64, total: Int64?, counts: MartCounts) {
    self.mart = mart
    self.done = done
    self.total = total
    self.counts = counts
  }
}

/// The one road from the log into a mart: read → decode → open → tokenize → enrich → validate → fold → rows and
/// position in one transaction. Live running, rebuilding and tests differ in the reader, the writer and the stop rule
/// only.
///
/// Its workers are threads of its own, which read and do all that needs no mart; the caller's thread folds and writes.
/// No result depends on their number. `run` blocks its caller; call it from a thread of your own (`MartRuntime`), never
/// from the cooperative pool.
package final class MartPipeline {
  private let definition: MartDefinition
  private let log: any LogReader
  private let writer: MartWriter
  private let makeTokenizer: @Sendable () throws(PrivacyError) -> Tokenizer
  private let domain: Domain
  private let order: ReadOrder
  private let workers: Int
  private let shares: WorkShares?
  private let telemetry: PipelineTelemetry
  private let report: @Sendable (PipelineProgress) -> Void

  /// `log` must not be used by others while this runs; `tokenizer` and `domain.reader` are called on each worker's
  /// thread. `workers`: 1 to `PipelineLimits.mostWorkers`. `shares`: with the other marts of a rebuild; nil: nobody
  /// else is there. `logger` and `metrics` are told of batches, quarantined events and faults that pass.
  package init(
    definition: MartDefinition, log: any LogReader, writer: MartWriter,
    tokenizer: @escaping @Sendable () throws(PrivacyError) -> Tokenizer,
    domain: Domain, order: ReadOrder = .roundRobin(),
    workers: Int = PipelineLimits.workers, shares: WorkShares? = nil,
    logger: Logger = .silent, metrics: Metrics = Metrics(),
    progress: @escaping @Sendable (PipelineProgress) -> Void = { _ in }
  ) {
    precondition((1...PipelineLimits.mostWorkers).contains(workers), "a number of workers outside the limits")
    self.definition = definition
    self.log = log
    self.writer = writer
    makeTokenizer = tokenizer
    self.domain = domain
    self.order = order
    self.workers = workers
    self.shares = shares
    telemetry = PipelineTelemetry(definition.name, logger, metrics)
    report = progress
  }

  /// Runs until the rule says stop, then closes the batch in hand. Returns what this run did.
  ///
  /// When it throws, everything absorbed before stays; the next run goes on from there.
  /// `after`: what this process has done to the mart before, on another generation say; it counts as done in this run,
  /// too.
  @discardableResult
  package func run(
    until rule: StopRule, after before: PipelineProgress? = nil
  ) throws(PipelineError) -> PipelineProgress {
    var state = RunState(mart: definition.name)
    if let before { state.progress = before }
    while true {
      do {
        try attempt(rule, &state)
        try writer.close()
        return state.progress
      } catch {
        let failure = PipelineError(any: error, mart: definition.name)
        state.failures += 1
        let decision = Recovery.decide(failure, attempt: state.failures, isLive: rule.isLive)
        if case .retry(let pause) = decision {
          telemetry.retries(failure, attempt: state.failures, afterMilliseconds: pause)
        }
        guard case .retry(let pause) = decision, !rule.pause(milliseconds: pause) else {
          // Asked to end while the fault lasted: all that was absorbed is safe, and there is nothing to mend.
          if rule.isLive, failure.isPassing, rule.flag?.isAsked == true { return state.progress }
          throw failure
        }
      }
    }
  }

  private struct RunState {
    var progress: PipelineProgress
    /// Failures since the last batch that succeeded.
    var failures = 0

    init(mart: String) { progress = PipelineProgress(mart: mart, done: 0, total: nil, counts: MartCounts()) }
  }

  /// One start from the mart's own positions to the stop rule or the first error.
  private func attempt(_ rule: StopRule, _ state: inout RunState) throws {
    let stored = try writer.ledger()
    let guarding = TrapGuard(path: writer.directory.trapPath(of: writer.generation)) {
      stored.nextOffset(of: $0)
    }
    let projector = try Projector(
      writer: writer, projections: definition.projections(), slot: guarding?.slot(.folding))
    var feed = PartitionFeed(mart: definition.name, topics: definition.topics, order: order, isLive: rule.isLive)
    try feed.discover(in: log, positions: stored.positions)
    projector.know(feed.partitions.map(\.name))
    if !rule.isLive { state.progress.total = state.progress.done &+ feed.remaining }

    let preparation = Preparation(
      log: log, feed: feed, positions: stored.positions, guarding: guarding, stop: rule.flag,
      makeTokenizer: makeTokenizer,
      makeReader: { [interest = projector.interest, domain] in domain.reader(interest, $0) },
      shares: rule.isLive ? nil : shares)
    let threads = (0..<workers).map { worker in
      WorkThread.runGuarded("\(definition.name) prepare") { preparation.run(.preparing(worker)) }
    }
    defer {
      preparation.queue.cancel()
      for thread in threads { thread.join() }
    }
    try foldAll(preparation.queue, projector, isLive: rule.isLive, guarding?.slot(.folding), &state)
    // The records before the fault are good, and are in the mart now.
    if let error = preparation.failure { throw error }
  }

  private func foldAll(
    _ queue: BoundedQueue<Preparation.Item>, _ projector: Projector, isLive: Bool, _ slot: TrapGuard.Slot?,
    _ state: inout RunState
  ) throws {
    let before = projector.ledger.counts
    let known = state.progress.counts
    var order = order
    var flushEvents = order.flushEvents()
    var deadline = Deadline()

    func flush() throws {
      let quarantined = projector.quarantined
      try projector.flush()
      log.noteProgress(projector.ledger.positions.mapValues(\.nextOffset))
      if state.failures > 0 { telemetry.goesOn(afterAttempts: state.failures) }
      state.failures = 0
      let counts = known + (projector.ledger.counts - before)
      telemetry.absorbed(counts - state.progress.counts, quarantined, generation: writer.generation)
      state.progress.counts = counts
      report(state.progress)
      flushEvents = order.flushEvents()
      deadline = Deadline()
    }

    func work() throws {
      while let item = queue.take() {
        switch item {
        case .chunk(let chunk):
          projector.fold(chunk)
          state.progress.done &+= Int64(chunk.records.count)
          if projector.pendingEvents >= flushEvents || projector.pendingEntries >= PipelineLimits.pendingEntries
            || (isLive && deadline.hasPassed)
          {
            try flush()
          } else {
            report(state.progress)
          }
        case .found(let partitions): projector.know(partitions)
        case .caughtUp: try flush()
        }
      }
      try flush()
    }
    if let slot { try slot.watching(work) } else { try work() }
  }
}

/// When a live batch has waited long enough. Affects where batches end, never what is in them.
private struct Deadline {
  private let end = ContinuousClock.now + .milliseconds(PipelineLimits.liveFlushMilliseconds)
  var hasPassed: Bool { ContinuousClock.now >= end }
}
