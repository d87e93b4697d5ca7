internal import Foundation

/// Runs several marts at once, each on threads of its own, and gathers how each ended.
package enum MartRuntime {
  package struct Job: Sendable {
    package var mart: String
    /// Called on the mart's own thread: opens its log reader and writer there.
    package var make: @Sendable () throws -> MartPipeline

    package init(mart: String, make: @escaping @Sendable () throws -> MartPipeline) {
      self.mart = mart
      self.make = make
    }
  }

  package struct Outcome: Sendable {
    package var mart: String
    package var result: Result<PipelineProgress, PipelineError>
  }

  /// Blocks until all have ended. One that fails leaves the others running: a mart's fault is no reason to starve the rest.
  /// Results stand in the order of `jobs`. Call from a thread of your own.
  /// `failed` is told at once of a mart that stops with an error, on that mart's thread: the others may go on for days.
  package static func run(
    _ jobs: [Job], until rule: StopRule, failed: @escaping @Sendable (PipelineError) -> Void = { _ in }
  ) -> [Outcome] {
    let box = Box(count: jobs.count)
    let threads = jobs.enumerated().map { index, job in
      WorkThread("\(job.mart) fold") {
        let result = outcome(of: job, rule)
        box.set(index, result)
        if case .failure(let error) = result { failed(error) }
      }
    }
    for thread in threads { thread.join() }
    return zip(jobs, box.all).map { job, result in
      Outcome(
        mart: job.mart,
        result: result
          ?? .failure(
            PipelineError(.defect, mart: job.mart, cause: "its thread gave no result", hint: "please report this")))
    }
  }

  private static func outcome(of job: Job, _ rule: StopRule) -> Result<PipelineProgress, PipelineError> {
    do {
      return .success(try job.make().run(until: rule))
    } catch {
      return .failure(PipelineError(any: error, mart: job.mart))
    }
  }

  private final class Box: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Result<PipelineProgress, PipelineError>?]

    init(count: Int) { results = Array(repeating: nil, count: count) }

    func set(_ index: Int, _ result: Result<PipelineProgress, PipelineError>) {
      lock.withLock { results[index] = result }
    }

    var all: [Result<PipelineProgress, PipelineError>?] { lock.withLock { results } }
  }
}
