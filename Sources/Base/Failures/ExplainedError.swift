/// The shape of an error at a module's border: what kind of failure it is, why, and what to do. Its description also names
/// what was being done and where. None of them holds keys, personal data or content of events, so all may be shown.
package protocol ExplainedError: Error, CustomStringConvertible, Sendable {
  var failure: FailureKind { get }
  /// Why, as a phrase.
  var cause: String { get }
  /// What to do about it.
  var hint: String { get }
  /// The same may succeed soon: nothing is damaged, nothing was written, and waiting loses nothing. Whoever tries again asks
  /// this and nothing else.
  var isPassing: Bool { get }
}

extension ExplainedError {
  /// Most failures last until somebody mends them.
  package var isPassing: Bool { false }
}
