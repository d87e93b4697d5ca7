internal import Foundation

/// Who prepares next where the marts of one rebuild have more threads for it than there are processors: those of the
/// mart with the most left to read. The others use the moments in which that one waits for its writer, so that all end
/// at about the same time; given equal shares, the largest mart would go on alone afterwards and leave a processor
/// idle.
///
/// For work with an end only: whoever runs live must not wait for another mart's backlog. Safe to share between threads
/// (unchecked: all state is behind the condition's lock).
package final class WorkShares: @unchecked Sendable {
  private let condition = NSCondition()
  private var free: Int
  /// What those have left who wait.
  private var waiting: [Int64] = []

  /// As many prepare at once as there are processors, unless told otherwise.
  package init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
    precondition(threads > 0, "nobody could ever work")
    free = threads
  }

  /// Who waits at this moment.
  var waitingCount: Int { condition.withLock { waiting.count } }

  /// Blocks until nobody with more left to do waits for a free place, then does the work there.
  func work<R, E: Error>(left: Int64, _ body: () throws(E) -> R) throws(E) -> R {
    enter(left)
    defer { leave() }
    return try body()
  }

  private func enter(_ left: Int64) {
    condition.lock()
    defer { condition.unlock() }
    if free == 0 || waiting.contains(where: { $0 > left }) {
      waiting.append(left)
      repeat { condition.wait() } while free == 0 || waiting.contains { $0 > left }
      if let mine = waiting.firstIndex(of: left) { waiting.remove(at: mine) }
      // A second place may have come free meanwhile, and who waits for it was told to wait behind this one.
      condition.broadcast()
    }
    free -= 1
  }

  private func leave() {
    condition.lock()
    free += 1
    if !waiting.isEmpty { condition.broadcast() }
    condition.unlock()
  }
}
