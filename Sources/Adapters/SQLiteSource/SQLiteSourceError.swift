package import Capture
package import SQLite

extension CaptureError {
  /// What SQLite said of a customer's own database. It is the original: nothing of ours can rebuild it. `title`: what
  /// people call it.
  package init(of error: SQLiteError, in file: String, title: String) {
    let (cause, hint): (String, String) =
      if error.isBusy {
        (
          "\(file) is locked by another program",
          "let that program end its transaction (`fuser \(file)` names it); nothing is lost meanwhile"
        )
      } else if error.isDamage {
        (
          "\(file) is no SQLite database, or is damaged",
          "put the database itself, or a backup of it, back in its place, or mend the path in millrace.yaml"
        )
      } else if error.isAccess {
        (
          "\(file) cannot be opened or written to",
          "let the user that Millrace runs as read and write it and its folder"
        )
      } else if error.isFull {
        ("the disk that holds \(file) is full", "free some space there")
      } else if error.isDiskFailure {
        ("the disk reported an error at \(file)", "look at the system log before anything else is written there")
      } else if error.isUnknownName {
        ("\(file) has another schema than the mapping (\(error.message))", "compare its tables with the mapping")
      } else {
        ("SQLite refuses \(file): \(error.message)", "check that file with `sqlite3 \(file) 'PRAGMA quick_check'`")
      }
    self.init(.source, operation: "read the \(title)", cause: cause, hint: hint)
  }

  /// Runs what works on the customer's own database.
  static func naming<R>(_ file: String, _ title: String, _ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SQLiteError {
      throw CaptureError(of: error, in: file, title: title)
    }
  }
}
