package import Failures
package import Marts

/// Why a report could not be made, and what to do. Never holds content of a mart.
package struct ReportError: ExplainedError, Equatable {
  /// What kind of refusal it is.
  package enum Kind: String, Sendable {
    /// The request cannot be honoured as it is.
    case usage
    /// A mart cannot be read; `mart` says why.
    case mart
    /// The marts cannot be joined.
    case versions
  }

  /// What went wrong.
  package var kind: Kind
  /// What was wrong, as a phrase.
  package var problem: String
  /// Why, as a clause.
  package var cause: String
  /// What to do.
  package var hint: String
  /// The mart's own error, where it was one.
  package var mart: MartError?

  package init(_ kind: Kind, _ problem: String, cause: String, hint: String, mart: MartError? = nil) {
    self.kind = kind
    self.problem = problem
    self.cause = cause
    self.hint = hint
    self.mart = mart
  }

  package var description: String { "\(problem): \(cause); \(hint)" }
}

extension ReportError {
  /// As programs tell it apart.
  package var failure: FailureKind {
    switch kind {
    case .usage: .usage
    case .mart, .versions: .mart
    }
  }
}
