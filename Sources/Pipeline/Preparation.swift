internal import Enrichment
internal import EventLog
internal import Marts
internal import Privacy

/// The preparing thread's work: feed → prepare → hand over, until done, asked, failed, or the folding side gives up.
///
/// Everything but `handover` belongs to the preparing thread while it runs; `failure` may be read once `handover.take()` has
/// answered nil.
final class Preparation: @unchecked Sendable {
  enum Item: Sendable {
    case chunk(PreparedChunk)
    /// Partitions of topics that came into being meanwhile; given before anything of theirs.
    case found([TopicPartition])
    /// Nothing more waits in the log: what was folded should become visible now.
    case caughtUp
  }

  let handover = Handover<Item>(capacity: PipelineLimits.waitingChunks)
  private(set) var failure: (any Error)?

  private let log: any LogReader
  private var feed: PartitionFeed
  private let positions: [TopicPartition: MartPosition]
  private let guarding: TrapGuard?
  private let stop: StopFlag?
  private let makeTokenizer: @Sendable () throws(PrivacyError) -> Tokenizer
  private let makeEnricher: @Sendable () -> Enricher?
  private let takesFigures: Bool

  init(
    log: any LogReader, feed: PartitionFeed, positions: [TopicPartition: MartPosition], guarding: TrapGuard?,
    stop: StopFlag?, makeTokenizer: @escaping @Sendable () throws(PrivacyError) -> Tokenizer,
    makeEnricher: @escaping @Sendable () -> Enricher?, takesFigures: Bool
  ) {
    self.log = log
    self.feed = feed
    self.positions = positions
    self.guarding = guarding
    self.stop = stop
    self.makeTokenizer = makeTokenizer
    self.makeEnricher = makeEnricher
    self.takesFigures = takesFigures
  }

  func run() {
    do {
      let slot = guarding?.slot(.preparing)
      let preparer = Preparer(
        tokenizer: try makeTokenizer(), enricher: makeEnricher(), poisoned: guarding?.poisoned ?? [:], slot: slot,
        takesFigures: takesFigures)
      if let slot { try slot.watching { try prepareAll(preparer) } } else { try prepareAll(preparer) }
    } catch {
      failure = error
    }
    handover.finish()
  }

  private func prepareAll(_ preparer: Preparer) throws {
    var hasGiven = false
    var idlePolls = 0
    while stop?.isAsked != true {
      switch try feed.next(log) {
      case .read(let slot, let start, let batch):
        var chunk = try preparer.prepare(batch, slot: slot, from: start)
        chunk.anchor = try log.anchor(of: chunk.partition, at: chunk.nextOffset)?.chainHash ?? []
        guard handover.give(.chunk(chunk)) else { return }
        hasGiven = true
      case .nothing: continue
      case .idle:
        if hasGiven, !handover.give(.caughtUp) { return }
        hasGiven = false
        handover.pause(milliseconds: PipelineLimits.pollMilliseconds)
        idlePolls += 1
        if feed.isWaitingForTopics, idlePolls.isMultiple(of: PipelineLimits.pollsPerTopicLook) {
          let known = feed.partitions.count
          try feed.discover(in: log, positions: positions)
          let found = feed.partitions.dropFirst(known).map(\.name)
          if !found.isEmpty, !handover.give(.found(found)) { return }
        }
      case .done: return
      }
    }
  }
}
