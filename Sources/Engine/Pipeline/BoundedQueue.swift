internal import Concurrency

/// A queue from several threads to one, at most `capacity` waiting. Each element has a turn, counted from 0, and is taken in
/// its turn whoever is ready first. Both sides block; either side can end it.
final class BoundedQueue<Element: Sendable>: Sendable {
  private struct State {
    var waiting: [Element] = []
    /// Turn of the next element to be given.
    var turn = 0
    /// Elements from this turn on will not come.
    var end = Int.max
  }

  /// Asked when the taker has given up.
  let cancelled = StopFlag()
  private let capacity: Int
  private let state = Lock(State())

  init(capacity: Int) { self.capacity = capacity }

  /// Waits for its turn and for room. False: the taker has given up, or an earlier turn was the last; so should the giver.
  func give(_ element: Element, turn: Int) -> Bool {
    state.change(
      afterWaitingWhile: { state in
        (state.turn != turn || state.waiting.count >= capacity) && turn < state.end && !cancelled.isAsked
      },
      { state in
        if cancelled.isAsked || turn >= state.end { return false }
        state.waiting.append(element)
        state.turn += 1
        return true
      })
  }

  /// No elements will come from this turn on.
  func finish(at turn: Int) { state.change { $0.end = min($0.end, turn) } }

  /// Waits for the next element. nil: all have been taken and no more will come.
  func take() -> Element? {
    state.change(
      afterWaitingWhile: { $0.waiting.isEmpty && $0.turn < $0.end && !cancelled.isAsked },
      { cancelled.isAsked || $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() })
  }

  /// The taker gives up; what waits is dropped.
  func cancel() {
    cancelled.ask()
    state.change { $0.waiting.removeAll() }
  }
}
