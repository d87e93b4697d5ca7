internal import CSQLite

/// What SQLite refused, with what to do about it. Never contains bound values, so it is safe to show.
package struct SQLiteError: Error, Equatable, CustomStringConvertible {
  /// The primary result code (https://www.sqlite.org/rescode.html).
  package var code: Int32
  package var extendedCode: Int32
  /// What was being done: "open", "prepare", "step", …, with the statement's text where there is one.
  package var operation: String
  package var message: String

  package init(code: Int32, extendedCode: Int32, operation: String, message: String) {
    self.code = code
    self.extendedCode = extendedCode
    self.operation = operation
    self.message = message
  }

  package var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }
  package var isFull: Bool { code == SQLITE_FULL }
  /// The disk failed. What was acknowledged before is safe; nothing more may be acknowledged by this connection.
  package var isDiskFailure: Bool { code == SQLITE_IOERR }
  /// A statement names a table or column that the file does not have, or is no SQL.
  package var isUnknownName: Bool { code == SQLITE_ERROR }
  package var isDamage: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
  /// The file is missing, or its permissions forbid what was asked.
  package var isAccess: Bool { code == SQLITE_CANTOPEN || code == SQLITE_PERM || code == SQLITE_READONLY }

  package var hint: String {
    switch code {
    case SQLITE_BUSY, SQLITE_LOCKED: "another process is writing; try again, or stop the other one"
    case SQLITE_FULL: "the disk is full; free some space, nothing was written"
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN:
      "check that the file exists and that you may write to it and its folder"
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      "the file is damaged or not an SQLite database; put a backup of it back in its place"
    case SQLITE_IOERR: "the disk reported an error; look at the system log before you go on"
    default: "this is probably a defect in Millrace; please report it"
    }
  }

  package var description: String { "SQLite: \(message) (\(extendedCode)) during \(operation); \(hint)" }
}
