internal import Foundation

/// A thread of our own for work that blocks (SQLite, waiting): the cooperative pool has as many threads as cores, and
/// blocking them stops everything else that awaits.
package final class WorkThread: Sendable {
  private let done = DispatchSemaphore(value: 0)

  /// Starts `body` at once. `name` is shown by debuggers and `top -H`.
  package init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let done = done
    let thread = Thread {
      // A handler for a trap needs room even when the trap is a stack overflow.
      TrapSignals.withAlternateStack { body() }
      done.signal()
    }
    thread.name = String(name.prefix(15))
    // Deep enough for projections and SQLite; explicit, because the default of secondary threads differs between
    // systems.
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Waits until the body has returned. Call once.
  package func join() { done.wait() }
}
