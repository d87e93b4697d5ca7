internal import Foundation

/// Hands elements from several threads to one, at most `capacity` waiting. Each element has a turn, counted from 0, and
/// is taken in its turn whoever is ready first. Both sides block; either side can end it.
final class Handover<Element: Sendable>: @unchecked Sendable {
  // NSCondition, since ThreadSanitizer reports false races on Synchronization.Mutex.
  private let condition = NSCondition()
  private let capacity: Int
  private var waiting: [Element] = []
  /// Turn of the next element to be given.
  private var turn = 0
  /// Elements from this turn on will not come.
  private var end = Int.max
  private var isCancelled = false

  init(capacity: Int) { self.capacity = capacity }

  /// Waits for its turn and for room. False: the taker has given up, or an earlier turn was the last; so should the
  /// giver.
  func give(_ element: Element, turn mine: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while turn != mine || waiting.count >= capacity, mine < end, !isCancelled { condition.wait() }
    if isCancelled || mine >= end { return false }
    waiting.append(element)
    turn += 1
    condition.broadcast()
    return true
  }

  /// No elements will come from this turn on.
  func finish(at turn: Int) {
    condition.lock()
    end = min(end, turn)
    condition.broadcast()
    condition.unlock()
  }

  /// Waits for the next element. nil: all have been taken and no more will come.
  func take() -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty, turn < end, !isCancelled { condition.wait() }
    if isCancelled || waiting.isEmpty { return nil }
    let element = waiting.removeFirst()
    condition.broadcast()
    return element
  }

  /// The taker gives up; what waits is dropped.
  func cancel() {
    condition.lock()
    isCancelled = true
    waiting.removeAll()
    condition.broadcast()
    condition.unlock()
  }

  /// The giver pauses, and wakes at once when the taker gives up. True: it has.
  @discardableResult
  func pause(milliseconds: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if !isCancelled { _ = condition.wait(until: Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)) }
    return isCancelled
  }
}
