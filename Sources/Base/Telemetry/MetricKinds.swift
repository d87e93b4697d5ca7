internal import Concurrency
internal import Synchronization

/// A number that only grows, from any thread.
package final class Counter: Sendable {
  private let count = Atomic<Int64>(0)

  package func add(_ amount: Int64 = 1) {
    precondition(amount >= 0, "a counter never falls")
    count.wrappingAdd(amount, ordering: .relaxed)
  }

  package var value: Int64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down, from any thread.
package final class Gauge: Sendable {
  private let bits = Atomic<UInt64>(Double(0).bitPattern)

  package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
  package func set(_ value: Int64) { set(Double(value)) }
  package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// How often values fell into fixed buckets, from any thread.
package final class Histogram: Sendable {
  /// For durations from a millisecond to an hour: the users' limit of freshness is the last.
  package static let seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]

  struct Snapshot: Sendable {
    /// Upper end of each bucket with the number of values up to it; the last end is infinity.
    var cumulative: [(bound: Double, count: Int64)]
    var sum: Double
    var count: Int64
  }

  private struct State: Sendable {
    var counts: [Int64]
    var sum: Double = 0
  }

  private let bounds: [Double]
  private let state: Lock<State>

  init(_ bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bucket bounds ascend")
    precondition(bounds.allSatisfy { $0.isFinite }, "the bucket without end is added by itself")
    self.bounds = bounds
    state = Lock(State(counts: [Int64](repeating: 0, count: bounds.count + 1)))
  }

  /// A value that is no number is not counted: one would make the sum useless for ever.
  package func observe(_ value: Double) {
    guard !value.isNaN else { return }
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock {
      $0.counts[bucket] &+= 1
      $0.sum += value
    }
  }

  var snapshot: Snapshot {
    let state = state.withLock { $0 }
    var total: Int64 = 0
    let cumulative = zip(bounds + [.infinity], state.counts).map { bound, count in
      total &+= count
      return (bound: bound, count: total)
    }
    return Snapshot(cumulative: cumulative, sum: state.sum, count: total)
  }
}
