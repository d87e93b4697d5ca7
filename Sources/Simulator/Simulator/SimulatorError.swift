package import Failures

/// Why fake source systems could not be built or driven.
package struct SimulatorError: ExplainedError, Equatable {
  package var operation: String
  package var cause: String
  package var hint: String

  package init(operation: String, cause: String, hint: String) {
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }

  package var failure: FailureKind { .source }

  package var description: String { "simulator: cannot \(operation): \(cause); \(hint)" }
}
