internal import Concurrency
internal import Foundation

/// Who prepares next where the marts of one rebuild have more threads for it than there are processors: those of the
/// mart with the most left to read. The others use the moments in which that one waits for its writer, so that all end
/// at about the same time; given equal shares, the largest mart would go on alone afterwards and leave a processor
/// idle.
///
/// For work with an end only: whoever runs live must not wait for another mart's backlog.
package final class WorkShares: Sendable {
  private struct State {
    var free: Int
    /// What those have left who wait.
    var waiting: [Int64] = []

    func mustWait(_ left: Int64) -> Bool { free == 0 || waiting.contains { $0 > left } }
  }

  private let state: Lock<State>

  /// As many prepare at once as there are processors, unless told otherwise.
  package init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
    precondition(threads > 0, "nobody could ever work")
    state = Lock(State(free: threads))
  }

  /// Who waits at this moment.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Blocks until nobody with more left to do waits for a free place, then does the work there.
  func work<R, E: Error>(left: Int64, _ body: () throws(E) -> R) throws(E) -> R {
    enter(left)
    defer { leave() }
    return try body()
  }

  private func enter(_ left: Int64) {
    let mayEnter = state.withLock { state in
      if state.mustWait(left) {
        state.waiting.append(left)
        return false
      }
      state.free -= 1
      return true
    }
    if mayEnter { return }
    // Its change also wakes who waits for a second place that came free meanwhile and was told to wait behind this one.
    state.change(
      afterWaitingWhile: { $0.mustWait(left) },
      { state in
        if let mine = state.waiting.firstIndex(of: left) { state.waiting.remove(at: mine) }
        state.free -= 1
      })
  }

  private func leave() { state.change { $0.free += 1 } }
}
