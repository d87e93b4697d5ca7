internal import Foundation

/// Hands elements from one thread to another, at most `capacity` waiting. Both sides block; either side can end it.
final class Handover<Element: Sendable>: @unchecked Sendable {
  // NSCondition, since ThreadSanitizer reports false races on Synchronization.Mutex.
  private let condition = NSCondition()
  private let capacity: Int
  private var waiting: [Element] = []
  private var isFinished = false
  private var isCancelled = false

  init(capacity: Int) { self.capacity = capacity }

  /// Waits for room. False: the taker has given up, and so should the giver.
  func give(_ element: Element) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while waiting.count >= capacity, !isCancelled { condition.wait() }
    if isCancelled { return false }
    waiting.append(element)
    condition.broadcast()
    return true
  }

  /// No more elements will come.
  func finish() {
    condition.lock()
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }

  /// Waits for the next element. nil: all have been taken and no more will come.
  func take() -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty, !isFinished, !isCancelled { condition.wait() }
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

  /// The giver pauses, and wakes at once when the taker gives up.
  func pause(milliseconds: Int) {
    condition.lock()
    if !isCancelled { _ = condition.wait(until: Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)) }
    condition.unlock()
  }
}
