internal import Concurrency

/// The threads of one run: one for each source, and what they tell each other.
final class CaptureThreads: Sendable {
  private struct State {
    /// Per source: it was looked at once, so those after it may begin.
    var hasLooked: [Bool]
    /// Per source: how it has ended; nil: it has not.
    var results: [Result<Void, any Error>?]
    /// What went wrong outside the sources' threads.
    var fault: (any Error)?
  }

  private let state: Lock<State>
  /// Milliseconds of `Monotonic` up to which sources wait for those before them.
  private let deadline: Int64
  /// Set when a thread met what ends the run for all.
  let ending = StopFlag()

  init(count: Int) {
    state = Lock(
      State(hasLooked: Array(repeating: false, count: count), results: Array(repeating: nil, count: count)))
    deadline = Monotonic.millis + CaptureLimits.headStartMillis
  }

  /// What went wrong outside the sources' threads.
  var fault: (any Error)? { state.withLock { $0.fault } }

  /// Ends the run for all.
  func end(with error: any Error) {
    ending.ask()
    state.change { $0.fault = $0.fault ?? error }
  }

  /// Starts a source's thread. `endsAll`: an error of one ends the run for all.
  func start(_ index: Int, _ name: String, endsAll: Bool, _ body: @escaping @Sendable () throws -> Void) {
    _ = WorkThread.run("capture \(name)") { [self] in
      waitForThoseBefore(index)
      let result = Result { try body() }
      if endsAll, case .failure = result { ending.ask() }
      state.change {
        $0.results[index] = result
        $0.hasLooked[index] = true
      }
    }
  }

  /// The source was looked at once.
  func looked(_ index: Int) {
    if state.withLock({ $0.hasLooked[index] }) { return }
    state.change { $0.hasLooked[index] = true }
  }

  /// Sources begin in their order, as long as that takes no longer than a moment: persons are best recognised when
  /// those sources that know most of them are read first.
  private func waitForThoseBefore(_ index: Int) {
    _ = state.wait(milliseconds: Int(deadline - Monotonic.millis)) {
      $0.hasLooked[..<index].contains(false) && !ending.isAsked
    }
  }

  /// Waits until all have ended or `millis` have passed; answers whether all have.
  func wait(millis: Int) -> Bool {
    state.wait(milliseconds: millis) { $0.results.contains { $0 == nil } }
  }

  /// How each has ended; nil: it has not.
  var outcomes: [Result<Void, any Error>?] { state.withLock { $0.results } }
}
