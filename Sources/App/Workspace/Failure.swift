package import Failures

/// An end with a sentence for the person in front of it.
package struct Failure: Error, Sendable {
  package typealias Kind = FailureKind

  package var kind: Kind
  /// What is wrong, where, and what to do. No personal data.
  package var message: String
  /// Lines to be copied by hand, shown before the message; mostly none.
  package var details: [String]

  package init(_ kind: Kind, _ message: String, details: [String] = []) {
    self.kind = kind
    self.message = message
    self.details = details
  }
}
