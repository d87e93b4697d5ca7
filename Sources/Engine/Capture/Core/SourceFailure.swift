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
  /// What SQLite said of capture.sqlite.
  init(ofOutbox error: SQLiteError) {
    self.init(
      .storage, operation: "use capture.sqlite", cause: error.message,
      hint: error.isDamage ? "the file is damaged; restore the workspace's latest backup" : error.hint)
  }
}
