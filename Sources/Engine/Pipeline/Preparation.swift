internal import Enrichment
internal import Entity
internal import EventLog
internal import Events
internal import Foundation
internal import Marts
internal import Privacy

/// The workers' work: feed → prepare → hand over, until done, asked, failed, or the folding side gives up.
///
/// The threads take turns at the feed, and what they prepare is handed over in the order of their turns: the folding side
/// sees what one thread alone would have given. `failure` may be read once `handover.take()` has answered nil.
final class Preparation: @unchecked Sendable {
  enum Item: Sendable {
    case chunk(PreparedChunk)
    /// Partitions of topics that came into being meanwhile; given before anything of theirs.
    case found([TopicPartition])
    /// Nothing more waits in the log: what was folded should become visible now.
    case caughtUp
  }

  let handover = Handover<Item>(capacity: PipelineLimits.waitingChunks)

  // Behind the lock: whose turn it is at the log, and what came of it.
  private let lock = NSLock()
  private var turns = 0
  private var hasEnded = false
  private var hasGiven = false
  private var idlePolls = 0

  /// A lock of its own: who fails must not wait for a thread that waits, at the feed, for the turn that failed.
  private let failureLock = NSLock()
  private var failed: (turn: Int, error: any Error)?

  private let log: any LogReader
  private var feed: PartitionFeed
  private let positions: [TopicPartition: MartPosition]
  private let guarding: TrapGuard?
  private let stop: StopFlag?
  private let makeTokenizer: @Sendable () throws(PrivacyError) -> Tokenizer
  private let makeEnricher: @Sendable () -> Enricher?
  private let takesFigures: Bool
  private let personalFields: [String: PersonalFields]
  private let shares: WorkShares?

  init(
    log: any LogReader, feed: PartitionFeed, positions: [TopicPartition: MartPosition], guarding: TrapGuard?,
    stop: StopFlag?, makeTokenizer: @escaping @Sendable () throws(PrivacyError) -> Tokenizer,
    makeEnricher: @escaping @Sendable () -> Enricher?, takesFigures: Bool, personalFields: [String: PersonalFields],
    shares: WorkShares?
  ) {
    self.log = log
    self.feed = feed
    self.positions = positions
    self.guarding = guarding
    self.stop = stop
    self.makeTokenizer = makeTokenizer
    self.makeEnricher = makeEnricher
    self.takesFigures = takesFigures
    self.personalFields = personalFields
    self.shares = shares
  }

  /// What stopped the work at the earliest turn.
  var failure: (any Error)? { failureLock.withLock { failed?.error } }

  /// The work of one worker; each has a place of its own.
  func run(_ place: TrapGuard.Place) {
    do {
      let slot = guarding?.slot(place)
      let preparer = Preparer(
        tokenizer: try makeTokenizer(), enricher: makeEnricher(), poisoned: guarding?.poisoned ?? [:], slot: slot,
        takesFigures: takesFigures, personalFields: personalFields)
      if let slot { slot.watching { prepareAll(preparer) } } else { prepareAll(preparer) }
    } catch {
      fail(lock.withLock { turns }, error)
    }
  }

  private struct Task {
    let turn: Int
    let slot: Int
    let start: Int64
    let batch: RecordBatch
    let anchor: [UInt8]
    /// Records that remain to be read; 0 while live.
    let left: Int64
  }

  private enum Turn {
    case prepare(Task)
    case ended
  }

  private func prepareAll(_ preparer: Preparer) {
    while case .prepare(let task) = next() {
      do {
        guard handover.give(.chunk(try prepare(task, preparer)), turn: task.turn) else { return }
      } catch {
        fail(task.turn, error)
        return
      }
    }
  }

  private func prepare(_ task: Task, _ preparer: Preparer) throws(PrivacyError) -> PreparedChunk {
    func work() throws(PrivacyError) -> PreparedChunk {
      try preparer.prepare(task.batch, slot: task.slot, from: task.start)
    }
    var chunk = if let shares { try shares.work(left: task.left, work) } else { try work() }
    chunk.anchor = task.anchor
    return chunk
  }

  /// Reads the next batch. A thread that finds nothing waits here, and the others behind it.
  private func next() -> Turn {
    lock.lock()
    defer { lock.unlock() }
    if hasEnded { return .ended }
    do {
      while stop?.isAsked != true {
        switch try feed.next(log) {
        case .read(let slot, let start, let batch):
          let next = batch.nextOffset ?? start
          let anchor = try log.anchor(of: batch.partition, at: next)?.proof ?? []
          hasGiven = true
          turns += 1
          return .prepare(
            Task(turn: turns - 1, slot: slot, start: start, batch: batch, anchor: anchor, left: feed.remaining))
        case .nothing: continue
        case .idle:
          if hasGiven {
            turns += 1
            guard handover.give(.caughtUp, turn: turns - 1) else { return end() }
          }
          hasGiven = false
          if handover.pause(milliseconds: PipelineLimits.pollMilliseconds) { return end() }
          idlePolls += 1
          let pause =
            feed.isWaitingForTopics ? PipelineLimits.pollsPerTopicLook : PipelineLimits.pollsPerPartitionLook
          if idlePolls.isMultiple(of: pause) {
            let known = feed.partitions.count
            try feed.discover(in: log, positions: positions)
            let found = feed.partitions.dropFirst(known).map(\.name)
            if !found.isEmpty {
              turns += 1
              guard handover.give(.found(found), turn: turns - 1) else { return end() }
            }
          }
        case .done: return end()
        }
      }
      return end()
    } catch {
      fail(turns, error)
      return end()
    }
  }

  /// Under the lock.
  private func end() -> Turn {
    hasEnded = true
    handover.finish(at: turns)
    return .ended
  }

  /// What was prepared before this turn still counts.
  private func fail(_ turn: Int, _ error: any Error) {
    failureLock.withLock {
      if failed.map({ turn < $0.turn }) ?? true { failed = (turn, error) }
    }
    handover.finish(at: turn)
  }
}
