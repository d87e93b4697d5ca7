internal import Concurrency
internal import Entity
internal import EventLog
internal import Money
internal import Privacy
internal import Telemetry

/// One source under way: reads, numbers, seals, and hands finished batches to the delivery line. What it knows between
/// two commits is its own, so nothing that happens to another source touches it. One thread, which may wait long for
/// the source.
final class SourceSession {
  /// What sessions of one capture share; each part says itself who may use it when.
  struct Shared {
    var configuration: CaptureConfiguration
    var keyring: Keyring
    var vault: Vault
    var outbox: Outbox
    var log: any LogReader
    var delivery: DeliveryLine
    var clock: @Sendable () -> Timestamp
    /// Epoch of this capture among those that ever owned its outbox.
    var owner: UInt64
  }

  /// What a look at the source brought.
  enum Pace {
    /// There is more; only this turn is over.
    case goesOn
    /// Nothing more for now.
    case isIdle
  }

  let source: any CaptureSource
  let gate = SourceGate()
  private let shared: Shared
  private let telemetry: SourceTelemetry
  /// Reads ahead while the batch before is sealed; nil: the source does not allow it.
  private let reader: WorkThread?
  /// nil: to be loaded from the outbox before the next batch, at the start and after every failure.
  private var finisher: BatchFinisher?
  /// Whether the source stands where the outbox says.
  private var isResumed = false
  private var state = Outbox.Source(epoch: 1, position: "", readUpTo: nil)
  private(set) var notes: Set<SourceNote>?
  /// The source had nothing more when it was last asked, and could be read.
  private(set) var isCaughtUp = false
  private(set) var counts = CaptureCounts.Source()
  private var tally = RejectionTally()
  /// Nothing of the source was captured when this was made.
  private var isFirst = false
  /// The mapping that refused what was refused so far is another one; nil: it is the same.
  private var newMapping: String?

  init(_ source: any CaptureSource, _ shared: Shared, telemetry: SourceTelemetry) throws {
    self.source = source
    self.shared = shared
    self.telemetry = telemetry
    reader = source.readsAhead ? WorkThread("read \(source.name)") : nil
    try load()
    isFirst = state.position.isEmpty
  }

  func beginRun() {
    counts = CaptureCounts.Source()
    tally = RejectionTally()
  }

  /// What was captured in this run; asked once it is over.
  var result: CaptureCounts.Source {
    var result = counts
    result.rejections = tally.counts
    // A file that was never read before, and that is of another format altogether.
    if isFirst, result.refused.isEmpty, result.rejected > 0, result.rejected == result.events {
      result.refused = [source.place]
    }
    return result
  }

  // MARK: Where it stands

  /// Reads epoch, numbers and position from the outbox; the source itself is not asked.
  private func load() throws {
    let stored = try shared.outbox.source(source.name)
    state = stored ?? Outbox.Source(epoch: 1, position: "", readUpTo: nil)
    finisher = try BatchFinisher(
      source: source, owner: shared.owner, epoch: state.epoch, numbers: try shared.outbox.numbers(of: source.name),
      partitions: shared.configuration.partitions, keyring: shared.keyring, vault: shared.vault)
    isCaughtUp = false
    isResumed = false
    notes = nil
  }

  /// After a failure: what was read and not delivered is read again, from the committed position.
  private func reset() {
    finisher = nil
    isCaughtUp = false
  }

  private func makeReady() throws {
    if finisher == nil { try load() }
    if isResumed { return }
    let stored = try shared.outbox.source(source.name)
    let known = try shared.outbox.fact(Outbox.mappingFact(source.name))
    newMapping = known == source.mappingVersion ? nil : source.mappingVersion
    var checkpoint = SourceCheckpoint(
      position: stored?.position, epoch: state.epoch,
      state: try OutboxStateReader(shared.outbox, source: source.name, keyring: shared.keyring, vault: shared.vault),
      delivered: DeliveredRecords(shared.log, topics: source.topics))
    checkpoint.isOtherMapping = newMapping != nil && !state.position.isEmpty
    if newMapping == nil { checkpoint.rejected = try shared.outbox.rejectionKeys(of: source.name) }
    try ask { try source.resume(from: checkpoint) }
    isResumed = true
  }

  /// Whether the log's record of these numbers is known here.
  func knows(epoch: UInt64, number: UInt64, in partition: TopicPartition) -> Bool {
    guard let finisher else { return false }
    return (epoch, number) <= (finisher.epoch, finisher.lastNumber(partition))
  }

  // MARK: Reading

  /// Everything that waits for the source goes through here, so that others can see that it waits, and for how long.
  private func ask<R>(_ body: () throws -> R) throws -> R {
    guard gate.enter() else { throw SourceGate.Closed() }
    let result = Result { try SourceFailure.catching(source, body) }
    // Whoever ended the capture did not wait any longer: what came is not used.
    guard gate.leave() else { throw SourceGate.Closed() }
    return try result.get()
  }

  /// Reads until the source has nothing more, `deadline` has passed (milliseconds of `Monotonic`) or `stop`
  /// answers true; the batch in hand is finished and delivered first.
  func drain(
    until deadline: Int64?, stop: () -> Bool, _ progress: (CaptureProgress) -> Void
  ) throws -> Pace {
    try makeReady()
    let limit = BatchLimit(events: shared.configuration.batchEvents)
    // Three batches under way: one is read, one sealed, one delivered.
    var ahead: (startedAt: Timestamp, step: WorkResult<SourceBatch>)?
    var delivery: Delivery?
    func settle() throws {
      guard let ending = delivery else { return }
      delivery = nil
      try ending.step.wait()
      count(ending.finished)
    }
    do {
      var isDone = false
      while true {
        let startedAt = ahead?.startedAt ?? shared.clock()
        let reading = ahead?.step
        ahead = nil
        // Such a source compares with what the batch before has left in the outbox.
        if !source.readsAhead { try settle() }
        var batch = try ask { try reading?.take() ?? source.poll(limit: limit, now: startedAt) }
        let isTurnOver = deadline.map { Monotonic.millis >= $0 } ?? false
        let goesOn = !batch.isCaughtUp && !isTurnOver && !stop()
        if goesOn, let reader {
          let now = shared.clock()
          ahead = (now, reader.start { [source] in try source.poll(limit: limit, now: now) })
        }
        let finished = try finish(&batch, readUpTo: startedAt)
        try settle()
        if let finished { delivery = deliver(finished) }
        if !goesOn { try settle() }
        progress(CaptureProgress(source: source.name, events: counts.events, share: batch.share))
        isDone = batch.isCaughtUp
        if !goesOn { break }
      }
      try ask { try source.delivered() }
      return isDone ? .isIdle : .goesOn
    } catch {
      if let ahead { _ = try? ask { ahead.step.join() } }
      try? settle()
      reset()
      throw error
    }
  }

  // MARK: Finishing

  /// A finished batch with the position that follows it.
  private struct FinishedBatch {
    var commit: Outbox.Commit
    var finished: BatchFinisher.Finished
  }

  private struct Delivery {
    var finished: BatchFinisher.Finished
    var step: WorkResult<Void>
  }

  private func deliver(_ batch: FinishedBatch) -> Delivery {
    Delivery(finished: batch.finished, step: shared.delivery.deliver(batch.commit))
  }

  /// Numbers, seals and encodes. nil: nothing has changed.
  private func finish(_ batch: inout SourceBatch, readUpTo: Timestamp) throws -> FinishedBatch? {
    guard let finisher else { return nil }
    isCaughtUp = batch.isCaughtUp && batch.isReadable
    if isCaughtUp {
      state.readUpTo = readUpTo
      telemetry.readUpTo.set(readUpTo.millis / 1_000)
    }
    if batch.rotations > 0 {
      telemetry.rotations.add(Int64(batch.rotations))
      telemetry.logger.info("a new file took the place of the current one")
    }
    let isUnchanged =
      batch.events.isEmpty && batch.state.isEmpty && !batch.beginsEpoch && batch.position == state.position
      && batch.notes == notes && batch.settled.isEmpty && (newMapping == nil || !batch.isReadable)
    if isUnchanged { return nil }

    var beginsEpoch = false
    // Everything of the old epoch is in the log before this batch is committed: batches are delivered one by one.
    // The very first epoch needs no beginning.
    if batch.beginsEpoch, !state.position.isEmpty {
      finisher.beginEpoch()
      beginsEpoch = true
      let isBreak = batch.notes.contains { $0.kind == .historyBroken || $0.kind == .comparing }
      telemetry.beganEpoch(finisher.epoch, isBreak: isBreak)
    }
    for file in batch.refused where !counts.refused.contains(file) { counts.refused.append(file) }
    let finished = try finisher.finish(&batch.events, capturedAt: shared.clock())
    let sealed = try finisher.seal(batch.state)
    state.epoch = finisher.epoch
    state.position = batch.position
    if batch.notes != notes { telemetry.changed(notes, to: batch.notes) }
    notes = batch.notes
    return FinishedBatch(
      commit: Outbox.Commit(
        source: source.name, state: state, beginsEpoch: beginsEpoch, numbers: finished.numbers,
        batches: finished.batches, kept: batch.state, sealed: sealed, rejections: finished.rejections,
        settled: batch.settled, mapping: batch.isReadable ? takeNewMapping() : nil, notes: batch.notes,
        notedAt: readUpTo),
      finished: finished)
  }

  /// A new mapping is told of with the first batch that it has made.
  private func takeNewMapping() -> String? {
    defer { newMapping = nil }
    return newMapping
  }

  private func count(_ finished: BatchFinisher.Finished) {
    tally.add(finished.rejections, of: source.name)
    counts.events += finished.events
    counts.rejected += finished.rejected
    counts.bytes += finished.bytes
    telemetry.delivered(finished)
  }

  /// Tells partitions how far the source was read: those without a heartbeat after `moment`, or all. Only where the
  /// source could be read to its end.
  func sendHeartbeats(silentSince moment: Timestamp?) throws {
    guard isCaughtUp, let finisher, let readUpTo = state.readUpTo else { return }
    let silent = finisher.silentPartitions(since: moment)
    guard !silent.isEmpty else { return }
    do {
      let finished = try finisher.heartbeats(to: silent, readUpTo: readUpTo, capturedAt: shared.clock())
      let commit = Outbox.Commit(
        source: source.name, state: state, numbers: finished.numbers, batches: finished.batches)
      try shared.delivery.deliver(commit).wait()
      counts.heartbeats += finished.events
      telemetry.sent(heartbeats: finished.events)
    } catch {
      reset()
      throw error
    }
  }
}
