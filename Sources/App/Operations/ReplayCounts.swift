internal import Foundation
internal import Money
internal import Pipeline
internal import Workspace

/// Progress of one mart's replay for the ledger, where `RunningReplays` finds it. Told from several threads.
// Unchecked: `began` is touched under the lock only. NSLock, since ThreadSanitizer reports false races on
// Synchronization.Mutex.
final class ReplayCounts: @unchecked Sendable {
  private let job: JobRun
  private let lock = NSLock()
  private var began: (millis: Int64, done: Int64)?

  init(_ job: JobRun) { self.job = job }

  func note(_ progress: ReplayProgress) {
    job.count("progress.done", progress.done)
    job.count("progress.total", progress.total)
    job.count("progress.read", progress.read)
    for partition in progress.partitions {
      job.count("done.\(partition.name)", partition.done)
      job.count("total.\(partition.name)", partition.total)
    }
    let now = Workspace.clock().millis
    let began = lock.withLock { () -> (millis: Int64, done: Int64) in
      let began = self.began ?? (now, progress.done)
      self.began = began
      return began
    }
    let seconds = Double(max(now - began.millis, 1)) / 1_000
    job.count("progress.per_second", Int64(Double(progress.done - began.done) / seconds))
  }
}
