internal import Dispatch
package import Enrichment
internal import Entity
package import EventLog
internal import Events
internal import Files
internal import Glibc
package import Money
package import Privacy
internal import SQLite

/// Sources → log, exactly once: each batch of finished records is committed to the outbox together with the position that
/// follows it, then appended; after a crash exactly the bytes that may be missing are sent again.
///
/// All calls block; use one thread of your own.
package final class CaptureSession {
  private let configuration: CaptureConfiguration
  private let log: any LogReader & LogWriter
  private let keyring: Keyring
  private let vault: Vault
  private let clock: @Sendable () -> Timestamp
  private let lock: LockFile
  private let outbox: Outbox
  private let lanes: [CaptureLane]
  private let readQueue = DispatchQueue(label: "millrace.capture.read")
  private let deliveryQueue = DispatchQueue(label: "millrace.capture.deliver")
  private var hasUnsent = true
  private var counts = CaptureCounts()

  /// Takes the workspace's capture lock and opens its outbox; refused while another capture runs.
  package convenience init(
    _ configuration: CaptureConfiguration, log: any LogReader & LogWriter, keyring: Keyring, vault: Vault,
    countries: CountryDatabase?, clock: @escaping @Sendable () -> Timestamp
  ) throws {
    var sources: [any CaptureSource] = []
    if let path = configuration.platformPath {
      sources.append(
        try PlatformSource(path: path, installsTriggers: configuration.installsTriggers, keyring: keyring))
    }
    if let folder = configuration.leadsFolder { sources.append(try LeadsSource(folder: folder, keyring: keyring)) }
    if let folder = configuration.spendFolder { sources.append(try SpendSource(folder: folder, keyring: keyring)) }
    if let path = configuration.weblogPath {
      sources.append(try WeblogSource(path: path, keyring: keyring, countries: countries))
    }
    try self.init(configuration, sources: sources, log: log, keyring: keyring, vault: vault, clock: clock)
  }

  package init(
    _ configuration: CaptureConfiguration, sources: [any CaptureSource], log: any LogReader & LogWriter,
    keyring: Keyring, vault: Vault, clock: @escaping @Sendable () -> Timestamp
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
    self.keyring = keyring
    self.vault = vault
    self.clock = clock
    self.lock = lock
    outbox = try Outbox(path: configuration.outboxPath)
    lanes = sources.map(CaptureLane.init)
    for lane in lanes {
      for topic in lane.source.topics { try log.ensureTopic(topic, partitions: configuration.partitions) }
    }
    for lane in lanes { try load(lane) }
    try comparePositionsWithLog()
  }

  /// A person has seen that a source's history broke, and what it means: the notes that say so go away.
  package func acknowledgeBreaks() throws { try outbox.forgetBreaks() }

  // MARK: Running

  /// Reads every source until it has nothing more, then tells all partitions so.
  /// Ends earlier when `stop` answers true; the batch in hand is finished first, and the next run goes on from there.
  package func runOnce(
    stop: () -> Bool = { false }, progress: (CaptureProgress) -> Void = { _ in }
  ) throws -> CaptureCounts {
    counts = CaptureCounts()
    try sendPending()
    for lane in lanes where !stop() { try drain(lane, until: nil, stop: stop, progress) }
    try drainWhatSettles(stop, progress)
    for lane in lanes where lane.isCaughtUp { try sendHeartbeats(lane, silentSince: nil) }
    try outbox.settle()
    try outbox.checkpoint()
    return counts
  }

  /// A sheet or a rotated web log that was written a moment ago is only left for later when it keeps changing.
  private func drainWhatSettles(_ stop: () -> Bool, _ progress: (CaptureProgress) -> Void) throws {
    let deadline =
      monotonicMillis() + max(2 * CaptureLimits.sheetSettlingMillis, CaptureLimits.rotatedSettlingMillis + 200)
    while monotonicMillis() < deadline, !stop() {
      let waiting = lanes.filter { $0.notes?.contains { $0.kind == .waiting } ?? false }
      if waiting.isEmpty { return }
      wait(100, stop)
      for lane in waiting { try drain(lane, until: nil, stop: stop, progress) }
    }
  }

  /// Follows the sources until `stop` answers true; the batch in hand is finished first. What may pass by itself
  /// (an unreachable log, a locked platform) is tried again with growing pauses; every other error ends the run.
  package func run(
    until stop: @escaping @Sendable () -> Bool, pollMillis: Int = 200,
    progress: (CaptureProgress) -> Void = { _ in }
  ) throws -> CaptureCounts {
    counts = CaptureCounts()
    var pause = CaptureLimits.firstRetryMillis
    while !stop() {
      do {
        try sendPending()
        for lane in lanes where !stop() {
          try drain(lane, until: monotonicMillis() + CaptureLimits.turnMillis, stop: stop, progress)
        }
        let silence = Timestamp(millis: clock().millis - CaptureLimits.heartbeatMillis)
        for lane in lanes where lane.isCaughtUp { try sendHeartbeats(lane, silentSince: silence) }
        pause = CaptureLimits.firstRetryMillis
        let isIdle = lanes.allSatisfy(\.isCaughtUp)
        if isIdle {
          try outbox.settle()
          wait(pollMillis, stop)
        }
      } catch  where Self.isTransient(error) {
        wait(pause, stop)
        pause = min(pause * 2, CaptureLimits.longestRetryMillis)
      }
    }
    try outbox.settle()
    try outbox.checkpoint()
    return counts
  }

  /// Whether the same may go well in a while. Positions are untouched and finished bytes wait in the outbox either way.
  private static func isTransient(_ error: any Error) -> Bool {
    switch error {
    // The broker restarts, or the line is cut.
    case let error as LogError: error.kind == .unavailable
    // The platform holds its own lock for longer than a statement waits.
    case let error as SQLiteError: error.isBusy
    // Wrong settings, full disks and damage do not mend themselves, and trying again would hide them.
    default: false
    }
  }

  private func wait(_ millis: Int, _ stop: () -> Bool) {
    let end = monotonicMillis() + Int64(millis)
    while !stop() {
      let rest = end - monotonicMillis()
      if rest <= 0 { return }
      // Short naps, so that a request to stop is heard soon.
      usleep(UInt32(min(rest, 50)) * 1_000)
    }
  }

  private func monotonicMillis() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) &* 1_000 &+ Int64(now.tv_nsec) / 1_000_000
  }

  // MARK: One source

  private func load(_ lane: CaptureLane) throws {
    let name = lane.source.name
    let stored = try outbox.source(name)
    lane.state = stored ?? Outbox.Source(epoch: 1, position: "", readUpTo: nil)
    lane.finisher = try BatchFinisher(
      source: lane.source, epoch: lane.state.epoch, numbers: try outbox.numbers(of: name),
      partitions: configuration.partitions, keyring: keyring, vault: vault)
    lane.isCaughtUp = false
    lane.notes = nil
    try lane.source.resume(
      from: SourceCheckpoint(
        position: stored?.position, epoch: lane.state.epoch,
        state: try OutboxStateReader(outbox, source: name, keyring: keyring, vault: vault)))
  }

  private func drain(
    _ lane: CaptureLane, until deadline: Int64?, stop: () -> Bool, _ progress: (CaptureProgress) -> Void
  ) throws {
    let source = lane.source
    if lane.finisher == nil { try load(lane) }
    let limit = BatchLimit(events: configuration.batchEvents)
    // Three batches under way: one is read, one sealed, one delivered.
    var ahead: (startedAt: Timestamp, step: BackgroundStep<SourceBatch>)?
    var delivery: Delivery?
    func settle() throws {
      guard let ending = delivery else { return }
      delivery = nil
      try ending.step.wait()
      hasUnsent = false
      count(ending.finished, of: source)
    }
    do {
      while true {
        let startedAt = ahead?.startedAt ?? clock()
        let reading = ahead?.step
        ahead = nil
        // Such a source compares with what the batch before has left in the outbox.
        if !source.readsAhead { try settle() }
        var batch = try reading?.wait() ?? source.poll(limit: limit, now: startedAt)
        let isTurnOver = deadline.map { monotonicMillis() >= $0 } ?? false
        let goesOn = !batch.isCaughtUp && !isTurnOver && !stop()
        if goesOn, source.readsAhead {
          let now = clock()
          ahead = (now, BackgroundStep(on: readQueue) { try source.poll(limit: limit, now: now) })
        }
        let finished = try finish(&batch, of: lane, readUpTo: startedAt)
        try settle()
        if let finished { delivery = deliverAside(finished) }
        if !goesOn { try settle() }
        progress(
          CaptureProgress(source: source.name, events: counts.sources[source.name]?.events ?? 0, share: batch.share))
        if !goesOn { break }
      }
      try source.delivered()
    } catch {
      // What was read ahead and not delivered is read again, from the committed position.
      _ = try? ahead?.step.wait()
      try? settle()
      lane.finisher = nil
      throw error
    }
  }

  /// A finished batch with the position that follows it.
  private struct FinishedBatch {
    var commit: Outbox.Commit
    var finished: BatchFinisher.Finished
  }

  private struct Delivery {
    var finished: BatchFinisher.Finished
    var step: BackgroundStep<Void>
  }

  /// Numbers, seals and encodes. nil: nothing has changed.
  private func finish(
    _ batch: inout SourceBatch, of lane: CaptureLane, readUpTo: Timestamp
  ) throws -> FinishedBatch? {
    guard let finisher = lane.finisher else { return nil }
    lane.isCaughtUp = batch.isCaughtUp && batch.isReadable
    if batch.isReadable, batch.isCaughtUp { lane.state.readUpTo = readUpTo }
    let isUnchanged =
      batch.events.isEmpty && batch.state.isEmpty && !batch.beginsEpoch && batch.position == lane.state.position
      && batch.notes == lane.notes
    if isUnchanged { return nil }

    var beginsEpoch = false
    if batch.beginsEpoch {
      // Everything of the old epoch is in the log before this batch is committed: batches are delivered one by one.
      // The very first epoch needs no beginning.
      let isFirst = lane.state.position.isEmpty
      if !isFirst {
        finisher.beginEpoch()
        beginsEpoch = true
      }
    }
    let finished = try finisher.finish(&batch.events, capturedAt: clock())
    let kept = try finisher.seal(batch.state)
    lane.state.epoch = finisher.epoch
    lane.state.position = batch.position
    lane.notes = batch.notes
    return FinishedBatch(
      commit: Outbox.Commit(
        source: lane.source.name, state: lane.state, beginsEpoch: beginsEpoch, numbers: finished.numbers,
        batches: finished.batches, kept: kept, notes: batch.notes),
      finished: finished)
  }

  private func count(_ finished: BatchFinisher.Finished, of source: any CaptureSource) {
    counts.sources[source.name, default: CaptureCounts.Source()].events += finished.events
    counts.sources[source.name]?.rejected += finished.rejected
    counts.sources[source.name]?.bytes += finished.bytes
  }

  private func sendHeartbeats(_ lane: CaptureLane, silentSince moment: Timestamp?) throws {
    guard let finisher = lane.finisher, let readUpTo = lane.state.readUpTo else { return }
    let silent = finisher.silentPartitions(since: moment)
    guard !silent.isEmpty else { return }
    do {
      let finished = try finisher.heartbeats(to: silent, readUpTo: readUpTo, capturedAt: clock())
      try deliver(
        Outbox.Commit(
          source: lane.source.name, state: lane.state, numbers: finished.numbers, batches: finished.batches))
      counts.sources[lane.source.name, default: CaptureCounts.Source()].heartbeats += finished.events
    } catch {
      lane.finisher = nil
      throw error
    }
  }

  // MARK: Outbox → log

  private func deliver(_ commit: Outbox.Commit) throws {
    hasUnsent = true
    try Self.deliver(commit, vault, outbox, log)
    hasUnsent = false
  }

  /// The same on a thread of its own, so that the next batch is sealed meanwhile. Until its end nobody else touches outbox
  /// and log; the vault may get keys for the next batch, which then become durable a little early.
  private func deliverAside(_ batch: FinishedBatch) -> Delivery {
    hasUnsent = true
    let (commit, vault, outbox, log) = (batch.commit, vault, outbox, log)
    return Delivery(
      finished: batch.finished,
      step: BackgroundStep(on: deliveryQueue) { try Self.deliver(commit, vault, outbox, log) })
  }

  private static func deliver(
    _ commit: Outbox.Commit, _ vault: Vault, _ outbox: Outbox, _ log: any LogReader & LogWriter
  ) throws {
    // A data key must outlive everything that was sealed with it.
    try vault.commit()
    let ids = try outbox.commit(commit)
    if !commit.batches.isEmpty { outbox.wereSent(ids, as: try log.append(commit.batches)) }
  }

  /// Sends again what an interrupted run has finished and perhaps not delivered: the same bytes in the same order.
  private func sendPending() throws {
    guard hasUnsent else { return }
    for pending in try outbox.pending() {
      let ranges = try log.append([pending.batch])
      outbox.wereSent([pending.id], as: ranges)
      counts.resent += pending.batch.count
    }
    try outbox.settle()
    hasUnsent = false
  }

  /// A capture.sqlite that is older than the log would give numbers away twice, and readers would drop real events as
  /// duplicates; so that is refused, and so is a log that is older than capture.sqlite.
  private func comparePositionsWithLog() throws {
    if let known = try outbox.fact("log"), known != log.logID {
      throw CaptureError(
        .positions, operation: "start", cause: "capture.sqlite belongs to another log",
        hint: "put the log back that it was used with, or start a new workspace")
    }
    var work: [(partition: TopicPartition, bounds: LogBounds, lane: CaptureLane)] = []
    for lane in lanes {
      for topic in lane.source.topics {
        for partition in try log.partitions(of: topic) {
          work.append((partition, try log.bounds(of: partition), lane))
        }
      }
    }
    // The last record of each is looked at: it is the one before the newest anchor, as a rule.
    var last: [TopicPartition: Int64] = [:]
    for item in work where item.bounds.next > item.bounds.earliest { last[item.partition] = item.bounds.next - 1 }
    log.willRead(last)
    for item in work { try compare(item.partition, item.bounds, item.lane) }
    try outbox.setFact("log", log.logID)
  }

  private func compare(_ partition: TopicPartition, _ bounds: LogBounds, _ lane: CaptureLane) throws {
    if let kept = try outbox.newestAnchor(of: partition) {
      // What was acknowledged is there for good, so a log without it is an older copy, or was written anew. Going on would
      // leave a gap that nothing can close, and new records would take the place of those that readers have seen.
      guard bounds.next >= kept.nextOffset, try log.check(kept, of: partition) != .differs else {
        throw CaptureError(
          .positions, operation: "start",
          cause: "the log no longer holds what was appended to \(partition) up to offset \(kept.nextOffset)",
          hint: "the log lost its tail or was exchanged: restore its latest copy, or start a new workspace")
      }
    }
    guard bounds.next > bounds.earliest, let finisher = lane.finisher else { return }
    let batch = try log.read(partition, from: bounds.next - 1, maximumBytes: 1)
    guard let range = batch.records.last?.origin,
      let origin = try? EventOrigin(decoding: batch.bytes.span.extracting(range)), origin.source == lane.source.name
    else { return }
    guard (origin.epoch, origin.number) <= (finisher.epoch, finisher.lastNumber(partition)) else {
      throw CaptureError(
        .positions, operation: "start",
        cause: "the log already holds number \(origin.number) of \(partition), which capture.sqlite does not know",
        hint: "capture.sqlite is older than the log: restore its latest copy, or start a new workspace")
    }
  }
}
