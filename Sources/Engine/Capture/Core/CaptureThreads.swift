internal import Foundation

/// The threads of one run: one for each source, and what they tell each other.
// Unchecked: the variables are touched under the condition's lock only.
final class CaptureThreads: @unchecked Sendable {
  private let condition = NSCondition()
  private let deadline: Int64
  /// Per source: it was looked at once, so those after it may begin.
  private var hasLooked: [Bool]
  private var results: [Result<Void, any Error>?]
  private var isEnding = false
  private var ownFault: (any Error)?

  init(count: Int) {
    hasLooked = Array(repeating: false, count: count)
    results = Array(repeating: nil, count: count)
    deadline = MonotonicClock.millis + CaptureLimits.headStartMillis
  }

  /// Whether a thread met what ends the run for all.
  var mustEnd: Bool { condition.withLock { isEnding } }

  /// What went wrong outside the sources' threads.
  var fault: (any Error)? { condition.withLock { ownFault } }

  /// Ends the run for all.
  func end(with error: any Error) {
    condition.withLock {
      ownFault = ownFault ?? error
      isEnding = true
      condition.broadcast()
    }
  }

  /// Starts a source's thread. `endsAll`: an error of one ends the run for all.
  func start(_ index: Int, _ name: String, endsAll: Bool, _ body: @escaping @Sendable () throws -> Void) {
    let thread = Thread { [self] in
      waitForThoseBefore(index)
      let result = Result { try body() }
      condition.withLock {
        results[index] = result
        hasLooked[index] = true
        if endsAll, case .failure = result { isEnding = true }
        condition.broadcast()
      }
    }
    thread.name = String("capture \(name)".prefix(15))
    // As deep as the main thread's: sheets and JSON nest.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The source was looked at once.
  func looked(_ index: Int) {
    condition.withLock {
      if hasLooked[index] { return }
      hasLooked[index] = true
      condition.broadcast()
    }
  }

  /// Sources begin in their order, as long as that takes no longer than a moment: persons are best recognised when
  /// those sources that know most of them are read first.
  private func waitForThoseBefore(_ index: Int) {
    condition.lock()
    defer { condition.unlock() }
    while hasLooked[..<index].contains(false), !isEnding {
      let rest = deadline - MonotonicClock.millis
      if rest <= 0 || !condition.wait(until: Date(timeIntervalSinceNow: Double(rest) / 1_000)) { return }
    }
  }

  /// Waits until all have ended or `millis` have passed; answers whether all have.
  func wait(millis: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    let end = Date(timeIntervalSinceNow: Double(millis) / 1_000)
    while results.contains(where: { $0 == nil }) {
      if !condition.wait(until: end) { break }
    }
    return !results.contains { $0 == nil }
  }

  /// How each has ended; nil: it has not.
  var outcomes: [Result<Void, any Error>?] { condition.withLock { results } }
}
