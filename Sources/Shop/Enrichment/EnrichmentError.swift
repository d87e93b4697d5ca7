package import Failures

/// Why enrichment data cannot be loaded. Nothing fails after loading: what cannot be derived is "unknown".
package struct EnrichmentError: ExplainedError, Equatable {
  package var operation: String
  package var cause: String
  package var hint: String

  package init(operation: String, cause: String, hint: String) {
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "enrichment: cannot \(operation): \(cause); \(hint)" }
}

extension EnrichmentError {
  package var failure: FailureKind { .configuration }
}
