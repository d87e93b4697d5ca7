internal import Foundation

/// A thread of our own for work that blocks (SQLite, a broker, waiting): the cooperative pool has as many threads as cores,
/// and blocking them stops everything else that awaits.
///
/// It does what it is given one after the other, and ends when it has done all and nobody holds it any more.
package final class WorkThread: Sendable {
  private struct Work {
    var waiting: [@Sendable () -> Void] = []
    var isOver = false
  }

  private let work: Lock<Work>

  /// `name` is shown by debuggers and `top -H`, its first 15 bytes.
  package init(_ name: String) {
    let work = Lock(Work())
    self.work = work
    let thread = Thread {
      while let next = work.change(
        afterWaitingWhile: { $0.waiting.isEmpty && !$0.isOver }, { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
      ) {
        next()
      }
    }
    thread.name = String(name.prefix(15))
    // Deep enough for projections and SQLite; explicit, because the default of secondary threads differs between systems.
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { work.change { $0.isOver = true } }

  /// Does `body` on this thread, after what it was given before.
  package func start<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) -> WorkResult<Value> {
    let result = WorkResult<Value>()
    work.change { $0.waiting.append { result.set(body) } }
    return result
  }

  /// Does `body` on a thread for it alone.
  package static func run<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws -> Value
  ) -> WorkResult<Value> {
    WorkThread(name).start(body)
  }
}

/// What a thread's work came to, for whoever waits for it.
package final class WorkResult<Value: Sendable>: Sendable {
  private let result = Lock<Result<Value, any Error>?>(nil)

  /// Whoever takes the value is then the only one who has it: what is swapped in leaves no copy here.
  fileprivate func set(_ body: () throws -> Value) {
    var value: Result<Value, any Error>? = Result { try body() }
    result.change { swap(&$0, &value) }
  }

  /// Waits for the work's end.
  package func wait() throws -> Value {
    while true {
      if let there = result.change(afterWaitingWhile: { $0 == nil }, { $0 }) { return try there.get() }
    }
  }

  /// As `wait`, and keeps nothing of it, so that whoever asked may change a large value in place. Once.
  package func take() throws -> Value {
    while true {
      let there = result.change(
        afterWaitingWhile: { $0 == nil },
        { result in
          defer { result = nil }
          return result
        })
      if let there { return try there.get() }
    }
  }

  /// Waits for the work's end, whatever it came to.
  package func join() { _ = result.change(afterWaitingWhile: { $0 == nil }, { $0 }) }

  /// Waits at most so long; nil: the work goes on.
  package func wait(milliseconds: Int) -> Result<Value, any Error>? {
    _ = result.wait(milliseconds: milliseconds) { $0 == nil }
    return result.withLock { $0 }
  }
}
