package import Concurrency
internal import Files

/// How a generation's writer is asked to make way, by another process, so that `CURRENT` can be changed.
///
/// The request is a lock that is held, not a file that is written: it ends with its owner, also by kill -9, so no
/// writer can wait for a request that nobody stands behind any more. The writer looks whether it is held (`isAsked`)
/// between batches, closes its generation, waits until the lock is free (`isAsked` again), and opens whatever `CURRENT`
/// then names.
package struct HandOver: Sendable {
  private let directory: MartDirectory

  package init(_ directory: MartDirectory) { self.directory = directory }

  /// Whether somebody wants the writer to make way. A look costs some microseconds and never blocks.
  package var isAsked: Bool {
    guard Files.exists(directory.handOverLockPath) else { return false }
    do {
      return try LockFile.tryLock(directory.handOverLockPath) == nil
    } catch {
      // A lock that cannot be looked at is nobody's request.
      return false
    }
  }

  /// Asks the writer of `generation` to make way and runs `body` while nobody writes that generation; afterwards the
  /// writer goes on. `body` is told whether there was a writer that made way.
  ///
  /// Throws `.locked` when the writer has not made way within the time, and what `body` throws. Blocks.
  package func ask<R>(
    of generation: Int, withinMilliseconds limit: Int, stop: StopFlag = StopFlag(),
    _ body: (_ madeWay: Bool) throws -> R
  ) throws -> R {
    try directory.create()
    let request = try LockFile(opening: directory.handOverLockPath)
    return try request.withLock {
      var waited = 0
      while true {
        if let lock = try directory.tryLock(directory.lockPath(of: generation)) {
          if waited > 0 { directory.telemetry.madeWay(generation, afterMilliseconds: waited) }
          defer { withExtendedLifetime(lock) {} }
          return try body(waited > 0)
        }
        if waited == 0 { directory.telemetry.asksToMakeWay(generation) }
        guard waited < limit, !stop.isAsked else {
          directory.telemetry.doesNotMakeWay(generation, afterMilliseconds: waited)
          throw MartError(
            .locked, mart: directory.name, operation: "take generation \(generation) over",
            cause: stop.isAsked ? "it was asked to stop" : "its writer has not made way within \(limit / 1_000) s",
            hint: "look whether `millrace project` or `millrace run` hangs (millrace runs); then the same command again"
          )
        }
        stop.pause(milliseconds: MartLimits.handOverPollMilliseconds)
        waited += MartLimits.handOverPollMilliseconds
      }
    }
  }
}
