package import Failures
internal import Files
internal import SQLite

/// What the ledger refused, with what to do about it.
package struct RunError: ExplainedError, Equatable {
  /// What a caller tells apart.
  package enum Kind: String, Sendable {
    /// The run has ended already.
    case ended
    /// Not a ledger, a newer format, or a symbolic link.
    case configuration
    case unavailable
  }

  /// What a caller decides by.
  package var kind: Kind
  /// What was being done, as a verb: "start a run".
  package var operation: String
  /// Why, as a phrase.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(_ kind: Kind, operation: String, cause: String, hint: String) {
    self.kind = kind
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "runs: cannot \(operation): \(cause); \(hint)" }

  init(_ error: any Error, operation: String) {
    switch error {
    case let error as RunError: self = error
    case let error as SQLiteError where error.isDamage:
      self.init(
        .configuration, operation: operation, cause: error.message,
        hint: "the ledger is damaged; move the file away and a new one is made, no other data depends on it")
    case let error as SQLiteError:
      self.init(.unavailable, operation: operation, cause: error.message, hint: error.hint)
    default:
      self.init(.unavailable, operation: operation, cause: "\(error)", hint: "check the workspace's permissions")
    }
  }
}

extension RunError {
  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind { .storage }
}
