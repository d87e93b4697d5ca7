internal import Dispatch
internal import Money

/// The next batch of a source, being read on another thread while the one before is committed.
final class ReadAhead: @unchecked Sendable {
  let startedAt: Timestamp
  private let done = DispatchSemaphore(value: 0)
  private var result: Result<SourceBatch, any Error>?

  /// The queue runs one poll at a time on a thread of its own, never on the cooperative pool.
  init(_ source: any CaptureSource, limit: BatchLimit, now: Timestamp, on queue: DispatchQueue) {
    startedAt = now
    queue.async { [self] in
      result = Result { try source.poll(limit: limit, now: now) }
      done.signal()
    }
  }

  /// Waits for the batch; call once. It is given away, so that its events have one owner and are completed in place.
  func wait() throws -> SourceBatch {
    done.wait()
    guard let result = result.take() else {
      throw CaptureError(
        .source, operation: "read ahead", cause: "no batch came", hint: "this is a defect in Millrace; please report it"
      )
    }
    return try result.get()
  }
}
