internal import Concurrency
package import Marts
package import Telemetry

/// Runs several marts at once, each on threads of its own, and gathers how each ended.
package enum MartRuntime {
  /// One mart's work: how its pipeline is made, and who may ask for the mart.
  package struct Job: Sendable {
    /// The mart's name; begins the names of its threads.
    package var mart: String
    /// Called on the mart's own thread: opens its log reader and writer there.
    package var make: @Sendable () throws -> MartPipeline
    /// By what another process asks for the mart; nil: nobody can.
    package var handOver: HandOver?
    let telemetry: PipelineTelemetry

    /// `logger` and `metrics` are told of hand-overs.
    package init(
      mart: String, handOver: HandOver? = nil, logger: Logger = .silent, metrics: Metrics = Metrics(),
      make: @escaping @Sendable () throws -> MartPipeline
    ) {
      self.mart = mart
      self.handOver = handOver
      telemetry = PipelineTelemetry(mart, logger, metrics)
      self.make = make
    }
  }

  /// How one mart's work ended.
  package struct Outcome: Sendable {
    /// The mart's name.
    package var mart: String
    /// What was done, or why it stopped.
    package var result: Result<PipelineProgress, PipelineError>
  }

  /// Blocks until all have ended. One that fails leaves the others running: a mart's fault is no reason to starve the
  /// rest. Results stand in the order of `jobs`. Call from a thread of your own. `failed` is told at once of a mart
  /// that stops with an error, on that mart's thread: the others may go on for days.
  package static func run(
    _ jobs: [Job], until rule: StopRule, failed: @escaping @Sendable (PipelineError) -> Void = { _ in }
  ) -> [Outcome] {
    let results = Lock([Result<PipelineProgress, PipelineError>?](repeating: nil, count: jobs.count))
    let threads = jobs.enumerated().map { index, job in
      WorkThread.runGuarded("\(job.mart) fold") {
        let result = outcome(of: job, rule)
        results.withLock { $0[index] = result }
        if case .failure(let error) = result { failed(error) }
      }
    }
    for thread in threads { thread.join() }
    return zip(jobs, results.withLock { $0 }).map { job, result in
      Outcome(
        mart: job.mart,
        result: result
          ?? .failure(
            PipelineError(.defect, mart: job.mart, cause: "its thread gave no result", hint: "please report this")))
    }
  }

  private static func outcome(of job: Job, _ rule: StopRule) -> Result<PipelineProgress, PipelineError> {
    guard let handOver = job.handOver else {
      return Result { () throws(PipelineError) in try run(job, rule, after: nil) }
    }
    var progress: PipelineProgress?
    var refusals = 0
    var leftAt: Int64?
    while true {
      // Whoever asks has the mart now. Afterwards the pipeline is made anew, from whatever generation is current then.
      while handOver.isAsked, !rule.pause(milliseconds: ReplayLimits.handOverLookMilliseconds) {}
      if let left = leftAt {
        leftAt = nil
        job.telemetry.isBack(afterMilliseconds: Monotonic.millis - left)
      }
      let flag = StopFlag(under: rule.flag)
      let watch = HandOverWatch(handOver, asking: flag)
      let result = Result { () throws(PipelineError) in try run(job, rule.stopped(by: flag), after: progress) }
      let wasAsked = watch.end()
      switch result {
      case .success(let done):
        guard wasAsked, rule.flag?.isAsked != true else { return result }
        progress = done
        refusals = 0
        leftAt = Monotonic.millis
        job.telemetry.makesWay()
      case .failure(let error):
        // Between our look and our opening somebody may have taken the mart over for a moment.
        refusals += 1
        guard error.kind == .fenced, refusals <= PipelineLimits.refusals, rule.flag?.isAsked != true else {
          return result
        }
        job.telemetry.waitsForMart(error)
        _ = rule.pause(milliseconds: ReplayLimits.handOverLookMilliseconds)
      }
    }
  }

  private static func run(
    _ job: Job, _ rule: StopRule, after progress: PipelineProgress?
  ) throws(PipelineError) -> PipelineProgress {
    do {
      return try job.make().run(until: rule, after: progress)
    } catch {
      throw PipelineError(any: error, mart: job.mart)
    }
  }

  /// Looks, on a thread of its own, whether somebody asks for the mart, and then stops the pipeline that works on it.
  private final class HandOverWatch: Sendable {
    private let isOver = StopFlag()
    private let wasAsked = StopFlag()
    private let thread: WorkResult<Void>

    init(_ handOver: HandOver, asking flag: StopFlag) {
      thread = WorkThread.run("hand-over") { [isOver, wasAsked] in
        while !isOver.pause(milliseconds: ReplayLimits.handOverLookMilliseconds) {
          guard handOver.isAsked else { continue }
          wasAsked.ask()
          flag.ask()
          return
        }
      }
    }

    /// Ends the watch; true: somebody asked.
    func end() -> Bool {
      isOver.ask()
      thread.join()
      return wasAsked.isAsked
    }
  }
}
