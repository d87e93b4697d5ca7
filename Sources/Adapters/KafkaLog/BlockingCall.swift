internal import Foundation
internal import Synchronization

/// Runs a call that may never return on a thread of its own, and waits for it as long as patience lasts.
enum BlockingCall {
  private final class Answer<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }

  /// nil: no answer in time. The thread then stays until its call returns; whatever `body` holds lives as long.
  static func run<Value: Sendable>(
    _ name: String, _ patience: Patience, _ body: @escaping @Sendable () -> Value
  ) -> Value? {
    let answer = Answer<Value>()
    let thread = Thread {
      let value = body()
      answer.value.withLock { $0 = value }
      answer.isThere.signal()
    }
    thread.name = name
    thread.start()
    while !patience.isOver {
      if answer.isThere.wait(timeout: .now() + .milliseconds(Int(patience.slice))) == .success {
        return answer.value.withLock { $0 }
      }
    }
    return nil
  }
}
