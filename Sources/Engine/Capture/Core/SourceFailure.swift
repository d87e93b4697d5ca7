internal import EventLog
internal import Files
internal import Privacy
internal import SQLite

/// An error of one source alone: the others go on, and the source is tried again.
struct SourceFailure: Error {
  var source: String
  var error: any Error

  /// Runs what asks the source. Errors of what all sources share (log, vault, outbox) pass through as they are.
  static func catching<R>(_ source: any CaptureSource, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as SQLiteError {
      throw SourceFailure(source: source.name, error: CaptureError(of: error, in: source.place))
    } catch {
      if isShared(error) { throw error }
      throw SourceFailure(source: source.name, error: error)
    }
  }

  private static func isShared(_ error: any Error) -> Bool {
    switch error {
    case is LogError, is PrivacyError: true
    case let error as CaptureError: error.kind == .storage || error.kind == .positions
    default: false
    }
  }

  /// For people. Known errors name places and never content; of others only the type is known to be harmless.
  var text: String { Self.text(of: error) }

  static func text(of error: any Error) -> String {
    switch error {
    case let error as CaptureError: "\(error.cause); \(error.hint)"
    case let error as FileError: "\(error); check the file's permissions and the disk"
    case let error as LogError: "\(error.cause); \(error.hint)"
    case let error as PrivacyError: "\(error)"
    default: "an unexpected \(type(of: error)); please report it"
    }
  }
}

extension CaptureError {
  /// What SQLite said of a customer's own database. It is the original: nothing of ours can rebuild it.
  init(of error: SQLiteError, in file: String) {
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
    self.init(.source, operation: "read the platform database", cause: cause, hint: hint)
  }

  /// What SQLite said of capture.sqlite.
  init(ofOutbox error: SQLiteError) {
    self.init(
      .storage, operation: "use capture.sqlite", cause: error.message,
      hint: error.isDamage ? "the file is damaged; restore the workspace's latest backup" : error.hint)
  }

  /// Runs what works on the customer's own database.
  static func naming<R>(_ file: String, _ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SQLiteError { throw CaptureError(of: error, in: file) }
  }
}
