package import Failures
package import Files
package import SQLite
package import YAML

extension Failure {
  /// What an error of any module is for the person in front of it. The texts of explained errors name places, never content.
  package init(explaining error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as any ExplainedError: self.init(error.failure, "\(error)")
    default:
      // The text of an unforeseen error may hold content; its type does not.
      self.init(.unexpected, "unexpected \(type(of: error)); please report it")
    }
  }
}

// Errors of modules that know nothing of what they are used for.

extension FileError: ExplainedError {
  package var failure: FailureKind { .storage }
  package var cause: String { reason }
  package var hint: String { "check that the folder exists and that you may read and write there" }
}

extension SQLiteError: ExplainedError {
  package var failure: FailureKind { .storage }
  package var cause: String { message }
}

extension YAMLError: ExplainedError {
  package var failure: FailureKind { .configuration }
  package var cause: String { problem }
}
