internal import Concurrency
internal import Money
internal import Pipeline
internal import Workspace

/// Progress of one mart's replay for the ledger, where `RunningReplays` finds it. Told from several threads.
final class ReplayCounts: Sendable {
  private struct Beginning {
    var millis: Int64
    var done: Int64
  }

  private let job: JobRun
  private let began = Lock<Beginning?>(nil)

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
    let began = began.withLock { began in
      let first = began ?? Beginning(millis: now, done: progress.done)
      began = first
      return first
    }
    let seconds = Double(max(now - began.millis, 1)) / 1_000
    job.count("progress.per_second", Int64(Double(progress.done - began.done) / seconds))
  }
}
