internal import Hashing

/// In which order partitions are read and where batches end. No result depends on it (the law of replay), so tests feed
/// random ones; real runs go round.
package struct ReadOrder: Sendable {
  private var random: SplitMix64?
  private var turn = 0
  private let bytes: Int
  private let events: Int
  private var flushes = 0

  /// Each partition in turn, so that a busy one cannot starve the others.
  package static func roundRobin(
    readBytes: Int = PipelineLimits.readBytes, flushEvents: Int = PipelineLimits.flushEvents
  ) -> ReadOrder {
    ReadOrder(random: nil, bytes: readBytes, events: flushEvents)
  }

  /// Random partitions, random sizes up to the given ones; equal seeds, equal orders.
  package static func seeded(_ seed: UInt64, readBytes: Int, flushEvents: Int) -> ReadOrder {
    ReadOrder(random: SplitMix64(seed: seed), bytes: readBytes, events: flushEvents)
  }

  private init(random: SplitMix64?, bytes: Int, events: Int) {
    self.random = random
    self.bytes = bytes
    self.events = events
  }

  /// Which of `count` partitions (at least one) to read next.
  mutating func partition(among count: Int) -> Int {
    if random != nil { return draw(count) }
    turn = (turn + 1) % count
    return turn
  }

  mutating func readBytes() -> Int { random == nil ? bytes : 1 + draw(bytes) }

  /// The first batches are small, so that a run that is killed again and again still comes forward.
  mutating func flushEvents() -> Int {
    if random != nil { return 1 + draw(events) }
    flushes += 1
    return max(1, events >> max(0, PipelineLimits.smallFlushes + 1 - flushes))
  }

  /// 0 ..< bound: a random order must be the same on every machine.
  private mutating func draw(_ bound: Int) -> Int { random?.below(bound) ?? 0 }
}
