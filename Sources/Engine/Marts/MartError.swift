package import Failures
internal import Files
internal import SQLite

/// What a mart refused: kind, mart, operation, cause, and a hint that says what to do. Never holds content of rows.
package struct MartError: ExplainedError, Equatable {
  /// What a caller tells apart.
  package enum Kind: String, Sendable {
    /// There is no such mart, generation or file.
    case missing
    /// Another process writes this generation.
    case locked
    /// Made by a later Millrace.
    case newerSchema
    /// The generation was made under other projection, key or data versions.
    case identityDiffers
    /// The mart was fed from another log, or its log was cut or exchanged.
    case notThisLog
    /// Another writer has taken this generation over; this one must stop.
    case fenced
    /// The mart does not stand where the batch starts.
    case positionMismatch
    /// A statement waited too long for another process.
    case busy
    /// The disk is full; nothing of the transaction was written.
    case full
    case storage
    /// Not a mart, or unreadable.
    case damaged
    /// The target exists already.
    case exists
  }

  /// What a caller decides by.
  package var kind: Kind
  /// Name of the mart.
  package var mart: String
  /// What was being done, as a verb: "absorb a batch".
  package var operation: String
  /// Why, as a phrase. Never content of rows.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(_ kind: Kind, mart: String, operation: String, cause: String, hint: String) {
    self.kind = kind
    self.mart = mart
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "mart \(mart): cannot \(operation): \(cause); \(hint)" }
}

extension MartError {
  /// Runs `body`; what SQLite or the file system refuses becomes a `MartError`, other errors show their type only,
  /// since their text could hold content.
  static func wrapping<R>(_ mart: String, _ operation: String, _ body: () throws -> R) throws(MartError) -> R {
    do {
      return try body()
    } catch let error as MartError {
      throw error
    } catch let error as SQLiteError {
      throw MartError(kind(of: error), mart: mart, operation: operation, cause: error.message, hint: error.hint)
    } catch let error as FileError {
      throw MartError(
        .storage, mart: mart, operation: operation, cause: "\(error.path): cannot \(error.operation): \(error.reason)",
        hint: "check that the folder exists and that you may write to it")
    } catch {
      throw MartError(
        .storage, mart: mart, operation: operation, cause: "unexpected \(type(of: error))",
        hint: "this is probably a defect in Millrace; please report it")
    }
  }

  private static func kind(of error: SQLiteError) -> Kind {
    if error.isBusy { return .busy }
    if error.isFull { return .full }
    // SQLITE_CORRUPT and SQLITE_NOTADB (https://www.sqlite.org/rescode.html).
    return error.code == 11 || error.code == 26 ? .damaged : .storage
  }
}

extension MartError {
  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind {
    switch kind {
    case .locked: .locked
    case .storage: .storage
    default: .mart
    }
  }

  /// Another process goes on, or somebody makes room.
  package var isPassing: Bool { kind == .busy || kind == .full }
}
