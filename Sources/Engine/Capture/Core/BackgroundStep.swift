internal import Dispatch

/// One step of the work being done on another thread: the next batch of a source read, or the batch before delivered.
final class BackgroundStep<Value: Sendable>: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  /// The queue runs one step at a time on a thread of its own, never on the cooperative pool.
  init(on queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Value) {
    queue.async { [self] in
      result = Result { try body() }
      done.signal()
    }
  }

  /// Waits for the step's end; call once.
  func wait() throws -> Value {
    done.wait()
    guard let result else {
      throw CaptureError(
        .source, operation: "wait for another thread", cause: "it brought nothing",
        hint: "this is a defect in Millrace; please report it")
    }
    return try result.get()
  }
}
