internal import Concurrency

/// Runs a call that may never return on a thread of its own, and waits for it as long as patience lasts.
enum BlockingCall {
  /// nil: no answer in time. The thread then stays until its call returns; whatever `body` holds lives as long.
  static func run<Value: Sendable>(
    _ name: String, _ patience: Patience, _ body: @escaping @Sendable () -> Value
  ) -> Value? {
    let answer = WorkThread.run(name, body)
    while !patience.isOver {
      if case .success(let value) = answer.wait(milliseconds: Int(patience.slice)) { return value }
    }
    return nil
  }
}
