package import Concurrency
internal import Marts
package import Pipeline
package import Projections
package import Workspace

/// Folding the log into marts, as a job of the ledger.
package struct ProjectJob {
  /// How the marts ended.
  package struct Result: Sendable {
    /// Of the marts that came to their end, in the order of the definitions.
    package var marts: [PipelineProgress] = []
    /// Of the others, in the same order.
    package var failures: [PipelineError] = []
  }

  private let workspace: Workspace
  private let configuration: Configuration
  private let job: JobRun

  /// The broken run that this one goes on from.
  package var resumes: Int64? { job.resumes }

  /// Enters the job in the ledger; begins nothing.
  package init(_ workspace: Workspace, _ configuration: Configuration) throws {
    self.workspace = workspace
    self.configuration = configuration
    job = try JobRun(workspace.ledger(), .project)
  }

  /// Folds each mart on threads of its own until `rule` says so; throws only what keeps all marts from beginning.
  /// `failed` is told at once of each mart that stops, `progress` from several threads. `waits`: for a broker that is
  /// down. Blocks.
  package func run(
    _ definitions: [MartDefinition], until rule: StopRule, stop: StopFlag, waits: Bool,
    workers: Int = PipelineLimits.workers, failed: @escaping @Sendable (PipelineError) -> Void = { _ in },
    progress: @escaping @Sendable (PipelineProgress) -> Void = { _ in }
  ) throws -> Result {
    var result = Result()
    let counts = ProjectCounts(job)
    do {
      // The ledger has failed marts as a failed run.
      try job.track {
        let jobs = try workspace.projectJobs(definitions, configuration, stop: stop, waits: waits, workers: workers) {
          counts.note($0)
          progress($0)
        }
        for outcome in MartRuntime.run(jobs, until: rule, failed: failed) {
          switch outcome.result {
          case .success(let progress): result.marts.append(progress)
          case .failure(let error): result.failures.append(error)
          }
        }
        if let first = result.failures.first { throw first }
      }
    } catch {
      if result.failures.isEmpty { throw error }
    }
    return result
  }
}

/// The progress of several marts, added up for the ledger. Told from several threads.
private final class ProjectCounts: Sendable {
  private let job: JobRun
  private let done = Lock<[String: Int64]>([:])

  init(_ job: JobRun) { self.job = job }

  func note(_ progress: PipelineProgress) {
    let all = done.withLock { done in
      done[progress.mart] = progress.done
      return done.values.reduce(0, +)
    }
    job.count("events", all)
    job.count("\(progress.mart).events", progress.done)
    job.count("\(progress.mart).applied", progress.counts.applied)
    job.count("\(progress.mart).quarantined", progress.counts.quarantined)
    job.count("\(progress.mart).duplicates", progress.counts.duplicates)
  }
}
