internal import Concurrency
internal import Entity
internal import EventLog
internal import Marts
internal import Privacy

/// The workers' work: feed → prepare → hand over, until done, asked, failed, or the folding side gives up.
///
/// The threads take turns at the feed, and what they prepare is handed over in the order of their turns: the folding
/// side sees what one thread alone would have given. `failure` may be read once `queue.take()` has answered nil.
// Unchecked for the log alone.
final class Preparation: @unchecked Sendable {
  enum Item: Sendable {
    case chunk(PreparedChunk)
    /// Partitions of topics that came into being meanwhile; given before anything of theirs.
    case found([TopicPartition])
    /// Nothing more waits in the log: what was folded should become visible now.
    case caughtUp
  }

  let queue = BoundedQueue<Item>(capacity: PipelineLimits.waitingChunks)

  /// Whose turn it is at the log, and what came of it.
  private struct Reading {
    var feed: PartitionFeed
    var turns = 0
    var hasEnded = false
    var hasGiven = false
    var idlePolls = 0
  }

  private let reading: Lock<Reading>
  /// A lock of its own: who fails must not wait for a thread that waits, at the feed, for the turn that failed.
  private let failed = Lock<(turn: Int, error: any Error)?>(nil)

  // Used by one thread at a time, which holds `reading`.
  private let log: any LogReader
  private let positions: [TopicPartition: LogAnchor]
  private let guarding: TrapGuard?
  private let stop: StopFlag?
  private let makeTokenizer: @Sendable () throws(PrivacyError) -> Tokenizer
  private let makeReader: @Sendable (Tokenizer) -> any RecordReader
  private let shares: WorkShares?

  init(
    log: any LogReader, feed: PartitionFeed, positions: [TopicPartition: LogAnchor], guarding: TrapGuard?,
    stop: StopFlag?, makeTokenizer: @escaping @Sendable () throws(PrivacyError) -> Tokenizer,
    makeReader: @escaping @Sendable (Tokenizer) -> any RecordReader, shares: WorkShares?
  ) {
    self.log = log
    reading = Lock(Reading(feed: feed))
    self.positions = positions
    self.guarding = guarding
    self.stop = stop
    self.makeTokenizer = makeTokenizer
    self.makeReader = makeReader
    self.shares = shares
  }

  /// What stopped the work at the earliest turn.
  var failure: (any Error)? { failed.withLock { $0?.error } }

  /// The work of one worker; each has a place of its own.
  func run(_ place: TrapGuard.Place) {
    do {
      let slot = guarding?.slot(place)
      let tokenizer = try makeTokenizer()
      let preparer = Preparer(
        tokenizer: tokenizer, reader: makeReader(tokenizer), poisoned: guarding?.poisoned ?? [:], slot: slot)
      if let slot { slot.watching { prepareAll(preparer) } } else { prepareAll(preparer) }
    } catch {
      fail(reading.withLock { $0.turns }, error)
    }
  }

  /// What one turn at the log brought.
  private struct Portion {
    let turn: Int
    let slot: Int
    let start: Offset
    let batch: RecordBatch
    /// Where the log goes on after it.
    let end: LogAnchor
    /// Records that remain to be read; 0 while live.
    let left: Int64
  }

  private enum Turn {
    case prepare(Portion)
    case ended
  }

  private func prepareAll(_ preparer: Preparer) {
    while case .prepare(let portion) = reading.withLock({ next(&$0) }) {
      do {
        guard queue.give(.chunk(try prepare(portion, preparer)), turn: portion.turn) else { return }
      } catch {
        fail(portion.turn, error)
        return
      }
    }
  }

  private func prepare(_ portion: Portion, _ preparer: Preparer) throws(PrivacyError) -> PreparedChunk {
    func work() throws(PrivacyError) -> PreparedChunk {
      try preparer.prepare(portion.batch, slot: portion.slot, from: portion.start)
    }
    var chunk = if let shares { try shares.work(left: portion.left, work) } else { try work() }
    chunk.end = portion.end
    return chunk
  }

  /// Reads the next batch. A thread that finds nothing waits here, and the others behind it.
  private func next(_ reading: inout Reading) -> Turn {
    if reading.hasEnded { return .ended }
    do {
      while stop?.isAsked != true {
        switch try reading.feed.next(log) {
        case .read(let slot, let start, let batch):
          let next = batch.nextOffset ?? start
          let end = try log.anchor(of: batch.partition, at: next) ?? LogAnchor(nextOffset: next)
          reading.hasGiven = true
          reading.turns += 1
          return .prepare(
            Portion(
              turn: reading.turns - 1, slot: slot, start: start, batch: batch, end: end,
              left: reading.feed.remaining))
        case .nothing: continue
        case .idle:
          if reading.hasGiven {
            reading.turns += 1
            guard queue.give(.caughtUp, turn: reading.turns - 1) else { return end(&reading) }
          }
          reading.hasGiven = false
          if queue.cancelled.pause(milliseconds: PipelineLimits.pollMilliseconds) { return end(&reading) }
          reading.idlePolls += 1
          let pause =
            reading.feed.isWaitingForTopics ? PipelineLimits.pollsPerTopicLook : PipelineLimits.pollsPerPartitionLook
          if reading.idlePolls.isMultiple(of: pause) {
            let known = reading.feed.partitions.count
            try reading.feed.discover(in: log, positions: positions)
            let found = reading.feed.partitions.dropFirst(known).map(\.name)
            if !found.isEmpty {
              reading.turns += 1
              guard queue.give(.found(found), turn: reading.turns - 1) else { return end(&reading) }
            }
          }
        case .done: return end(&reading)
        }
      }
      return end(&reading)
    } catch {
      fail(reading.turns, error)
      return end(&reading)
    }
  }

  private func end(_ reading: inout Reading) -> Turn {
    reading.hasEnded = true
    queue.finish(at: reading.turns)
    return .ended
  }

  /// What was prepared before this turn still counts.
  private func fail(_ turn: Int, _ error: any Error) {
    failed.withLock { failed in
      if failed.map({ turn < $0.turn }) ?? true { failed = (turn, error) }
    }
    queue.finish(at: turn)
  }
}
