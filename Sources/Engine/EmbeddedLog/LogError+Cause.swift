internal import EventLog
internal import Files
internal import SQLite

extension LogError {
  /// What a failure below this module means for the log.
  init(_ cause: any Error, operation: String, partition: TopicPartition? = nil, offset: Offset? = nil) {
    switch cause {
    case let error as LogError: self = error
    case let error as SQLiteError: self.init(error, operation, partition, offset)
    case let error as FileError:
      self.init(
        .unavailable, operation: operation, cause: "\(error)",
        hint: "check that the folder exists and that you may write to it")
    default:
      self.init(
        .unavailable, operation: operation, partition: partition, offset: offset, cause: "\(cause)",
        hint: "this is probably a defect in Millrace; please report it")
    }
  }

  private init(_ error: SQLiteError, _ operation: String, _ partition: TopicPartition?, _ offset: Offset?) {
    let kind: Kind
    let hint: String
    if error.isFull {
      kind = .storage
      hint = "the disk is full; free some space and start again: nothing of this append was kept, all before it was"
    } else if error.isDiskFailure {
      kind = .storage
      hint = "the disk reported an error; look at the system log before you go on"
    } else if error.isBusy {
      kind = .unavailable
      hint = "another program holds the log's database; stop it, and use `millrace log` instead of other SQLite tools"
    } else if error.isAccess {
      kind = .unavailable
      hint = "check that the file exists and that you may write to it and its folder"
    } else {
      // A statement that the schema refuses means that the schema is not the one its version promises.
      kind = .damaged
      hint = "run `millrace log verify`, then restore the log from a backup"
    }
    self.init(
      kind, operation: operation, partition: partition, offset: offset, cause: "SQLite: \(error.message)", hint: hint)
  }
}
