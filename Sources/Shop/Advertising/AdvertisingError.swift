package import Failures

/// What cannot be computed, and what to do about it.
package struct AdvertisingError: ExplainedError, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Observations, paths or rows that contradict each other or lie outside the limits.
    case badInput
    /// Bounds that no split can keep.
    case infeasible
    /// Too many channels for an exact method.
    case tooManyChannels
  }

  package let kind: Kind
  /// What is wrong, with the numbers that show it.
  package let cause: String
  /// What to do about it.
  package let hint: String

  package init(_ kind: Kind, _ cause: String, hint: String) {
    self.kind = kind
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "\(cause) (\(hint))" }
}

extension AdvertisingError {
  package var failure: FailureKind { .usage }
}
