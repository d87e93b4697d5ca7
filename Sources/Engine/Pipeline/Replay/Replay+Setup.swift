package import Concurrency
package import EventLog
package import Marts
package import Privacy
package import Projections
package import Telemetry

extension Replay {
  /// What a replay is to do, and what it needs for it.
  package struct Setup: Sendable {
    /// The mart to build.
    package var definition: MartDefinition
    /// Its folder.
    package var directory: MartDirectory
    /// What the new generation will be a function of, by this program and these keys and data.
    package var identity: GenerationIdentity
    /// Opens the log, with the archive in front where there is one. Called for every stretch of the rebuild.
    package var openLog: @Sendable () throws -> any LogReader
    /// Makes a tokenizer; called on each preparing thread.
    package var tokenizer: @Sendable () throws(PrivacyError) -> Tokenizer
    /// What its records say.
    package var domain: Domain
    /// How partitions take turns; no result depends on it.
    package var order: ReadOrder
    /// Threads that read, open and tokenize; no result depends on their number.
    package var workers: Int
    /// Where a detached generation ends, with the words it was asked for; nil: a replacement.
    package var until: (limit: ReplayLimit, text: String)?
    /// A copy of the mart (`MartReader.copy`) to begin from instead of the log's beginning; absolute.
    package var snapshot: String?
    /// "orders@2": differences in tables of this projection are wanted; see `Replay.accepts`.
    package var accept: [String] = []
    /// Asked between batches; the same replay goes on later.
    package var stop: StopFlag
    /// How long the swap waits for a live projector to make way.
    package var handOverMilliseconds = ReplayLimits.handOverMilliseconds
    /// Writes a line for each step, and what the pipeline tells.
    package var logger = Logger.silent
    /// Counts steps and refusals, and what the pipeline counts.
    package var metrics = Metrics()
    /// Told of each step that was reached, on the caller's thread.
    package var step: @Sendable (ReplayStep) -> Void = { _ in }
    /// Told while records are read, on the threads that read.
    package var progress: @Sendable (ReplayProgress) -> Void = { _ in }

    package init(
      definition: MartDefinition, directory: MartDirectory, identity: GenerationIdentity,
      openLog: @escaping @Sendable () throws -> any LogReader,
      tokenizer: @escaping @Sendable () throws(PrivacyError) -> Tokenizer,
      domain: Domain, order: ReadOrder = .roundRobin(),
      workers: Int = PipelineLimits.workers, stop: StopFlag = StopFlag()
    ) {
      self.definition = definition
      self.directory = directory
      self.identity = identity
      self.openLog = openLog
      self.tokenizer = tokenizer
      self.domain = domain
      self.order = order
      self.workers = workers
      self.stop = stop
    }
  }
}
