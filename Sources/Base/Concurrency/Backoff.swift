/// Pauses between tries of what may pass by itself: each is twice the one before, up to the longest. How long they are and
/// what may pass is for whoever tries.
package struct Backoff: Sendable, Equatable {
  private let first: Int
  private let longest: Int
  /// Tries that failed since the last reset.
  private var failures = 0

  /// Milliseconds; 0 < `first` ≤ `longest`.
  package init(first: Int, longest: Int) {
    precondition(first > 0 && first <= longest, "pauses that do not grow")
    self.first = first
    self.longest = longest
  }

  /// The pause before the next try, in milliseconds; counts a failure.
  package mutating func next() -> Int {
    failures += 1
    return pause(after: failures)
  }

  /// Something went well: the next pause is the first again.
  package mutating func reset() { failures = 0 }

  /// The pause after so many failures in a row (from 1), in milliseconds.
  package func pause(after failures: Int) -> Int {
    let doublings = max(failures, 1) - 1
    let (grown, overflow) = first.multipliedReportingOverflow(by: doublings < 62 ? 1 << doublings : .max)
    return overflow ? longest : min(grown, longest)
  }
}
