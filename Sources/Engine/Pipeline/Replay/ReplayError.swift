package import Failures

/// Why a replay stopped: kind, mart, cause, and a hint that says what to do. Faults of log, mart and pipeline keep
/// their own errors.
package struct ReplayError: ExplainedError, Equatable {
  /// What kind of failure it is; decides what people and retries do.
  package enum Kind: String, Sendable {
    /// Something needed is missing; nothing was done.
    case preflight
    /// Another replay, rollback or clean-up of this mart is at work.
    case busy
    /// The new generation is not as it must be; it was not put to use.
    case verification
    /// Asked to stop; the same command goes on.
    case stopped
    /// What was asked for makes no sense.
    case usage
  }

  /// The kind.
  package var kind: Kind
  /// The mart that was to be rebuilt.
  package var mart: String
  /// Why, as a phrase; no content of events.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(_ kind: Kind, mart: String, cause: String, hint: String) {
    self.kind = kind
    self.mart = mart
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "replaying \(mart) stopped: \(cause); \(hint)" }
}

extension ReplayError {
  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind {
    switch kind {
    case .preflight: .notReady
    case .busy: .locked
    case .verification: .mart
    case .stopped: .unfinished
    case .usage: .usage
    }
  }
}
