internal import Concurrency
package import EventLog
package import Failures
package import Marts
internal import Privacy

/// Why a mart's pipeline stopped: kind, mart, cause, and a hint that says what to do. Never holds content of events.
package struct PipelineError: ExplainedError, Equatable {
  /// What kind of failure it is; decides what people and retries do.
  package enum Kind: String, Sendable {
    /// The mart's position is not (any more) in the log.
    case positionGone
    /// The log is another one than the mart was fed from, or was cut or exchanged.
    case notThisLog
    /// Another writer has taken the mart over, or holds it.
    case fenced
    /// The log failed.
    case log
    /// The log's broker cannot be talked to as configured, or refuses what is asked by its own settings.
    case connection
    /// The mart failed.
    case mart
    /// Keys or the vault could not be read.
    case privacy
    /// Anything else; a defect.
    case defect
  }

  /// The kind.
  package var kind: Kind
  /// The mart whose work stopped.
  package var mart: String
  /// Why, as a phrase; no content of events.
  package var cause: String
  /// What to do about it.
  package var hint: String
  /// The same may succeed soon: nothing is damaged, nothing was written.
  package var isPassing: Bool

  package init(_ kind: Kind, mart: String, cause: String, hint: String, isPassing: Bool = false) {
    self.kind = kind
    self.mart = mart
    self.cause = cause
    self.hint = hint
    self.isPassing = isPassing
  }

  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind {
    switch kind {
    case .log where isPassing: .unavailable
    case .connection: .configuration
    case .log, .notThisLog, .positionGone: .logDamaged
    case .privacy: .keys
    case .fenced: .locked
    case .defect: .unexpected
    case .mart: .mart
    }
  }

  package var description: String { "projecting \(mart) stopped: \(cause); \(hint)" }

  /// What a failure of the log means to a mart's work.
  package init(_ error: LogError, mart: String) {
    let kind: Kind =
      switch error.kind {
      case .positionGone: .positionGone
      case .connection, .refused: .connection
      default: .log
      }
    let place = error.partition.map { " \($0)" + (error.offset.map { " at offset \($0)" } ?? "") } ?? ""
    self.init(
      kind, mart: mart, cause: "cannot \(error.operation)\(place): \(error.cause)", hint: error.hint,
      isPassing: error.isPassing)
  }

  /// What a failure of the mart's file means to its work.
  package init(_ error: MartError) {
    let kind: Kind =
      switch error.kind {
      case .fenced, .locked: .fenced
      case .notThisLog: .notThisLog
      default: .mart
      }
    self.init(
      kind, mart: error.mart, cause: "cannot \(error.operation): \(error.cause)", hint: error.hint,
      isPassing: error.isPassing)
  }

  init(_ error: PrivacyError, mart: String) {
    self.init(.privacy, mart: mart, cause: "cannot \(error.operation): \(error.cause)", hint: error.hint)
  }

  /// Any error of a stage. What is not ours shows its type only: its text could hold content.
  init(any error: any Error, mart: String) {
    switch error {
    case let error as PipelineError: self = error
    case let error as LogError: self.init(error, mart: mart)
    case let error as MartError: self.init(error)
    case let error as PrivacyError: self.init(error, mart: mart)
    default:
      self.init(
        .defect, mart: mart, cause: "unexpected \(type(of: error))",
        hint: "this is probably a defect in Millrace; please report it")
    }
  }
}

/// What to do after a failed batch.
package enum Recovery: Equatable, Sendable {
  case retry(afterMilliseconds: Int)
  case stop

  /// Decides for every error of a run. `attempt` counts failures since the last batch that succeeded, from 1.
  package static func decide(_ error: PipelineError, attempt: Int, isLive: Bool) -> Recovery {
    // Positions, identity, fencing, keys, damage: retrying hides the fault, and the mart is as it was.
    guard error.isPassing else { return .stop }
    // A person waits for `--once`; a full disk or a lock held for five seconds is theirs to see now.
    guard isLive else { return .stop }
    // Brokers are away for as long as they are, and come back by themselves.
    if error.kind == .log {
      return .retry(afterMilliseconds: Self.backoff.pause(after: attempt))
    }
    guard attempt < PipelineLimits.attempts else { return .stop }
    // The transaction was rolled back and the log keeps everything, so waiting loses nothing; a second, two, four,
    // eight give a person or another process time to make room.
    return .retry(afterMilliseconds: Self.backoff.pause(after: attempt))
  }

  private static let backoff = Backoff(first: 1_000, longest: PipelineLimits.longestRetryMilliseconds)
}
