package import Failures

/// What capture refused, and what to do about it. Never holds content of a source.
package struct CaptureError: ExplainedError, Equatable {
  /// What was refused; decides the exit code.
  package enum Kind: String, Sendable {
    /// Another capture works on this workspace.
    case alreadyRunning
    case configuration
    /// The source cannot be read as it is now.
    case source
    /// Capture's own positions do not fit the log.
    case positions
    case storage
  }

  /// What was refused.
  package var kind: Kind
  /// What was being done, as a phrase.
  package var operation: String
  /// Why, as a phrase; never content of a source.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(_ kind: Kind, operation: String, cause: String, hint: String) {
    self.kind = kind
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "capture: cannot \(operation): \(cause); \(hint)" }
}

extension CaptureError {
  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind {
    switch kind {
    case .alreadyRunning: .locked
    case .configuration: .configuration
    case .source: .source
    case .positions: .logDamaged
    case .storage: .storage
    }
  }
}
