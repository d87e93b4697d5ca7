internal import Money
internal import SQLite

/// Why the changes of a database do not follow those that were captured of it.
struct HistoryBreak {
  /// In one phrase; "": nothing to tell, as at the very first start.
  var cause: String
  /// For people, where nothing was kept to compare with; "": nothing to tell.
  var reason: String
  /// The change table is the same as before: it only lacks some changes, and goes on behind this one.
  var goesOnBehind: Int64?
  /// Tables whose changes may have been missed; nil: all.
  var tables: [String]?

  private init(_ cause: String = "", goesOnBehind: Int64? = nil, tables: [String]? = nil) {
    self.cause = cause
    reason = cause.isEmpty ? "" : "\(cause): a new snapshot was taken"
    self.goesOnBehind = goesOnBehind
    self.tables = tables
  }

  /// nil: the stored position goes on. Otherwise why it does not.
  static func find(
    in database: Database, under installID: String, since position: SQLitePosition?, title: String
  ) throws -> HistoryBreak? {
    guard let position else { return HistoryBreak() }
    return try database.read {
      // First of all: an older file, or another one, may have other triggers as well.
      if try newestChange(in: database).sequence < position.sequence {
        let isNew = try position.installID != installID && ChangeTriggers.beginning(of: installID, in: database) == nil
        return HistoryBreak(
          isNew
            ? "the change triggers of the \(title) were installed anew"
            : "the \(title) is older than what was captured from it")
      }
      let mark = try database.string(
        "SELECT at FROM main.millrace_changes WHERE seq = ?", [.integer(position.sequence)])
      if let mark, !position.mark.isEmpty, mark != position.mark {
        return HistoryBreak("the \(title) has another history than what was captured from it")
      }
      if position.installID != installID {
        return try ofInstallation(installID, since: position, in: database, title: title)
      }
      let next = try database.integer(
        "SELECT min(seq) FROM main.millrace_changes WHERE seq > ?", [.integer(position.sequence)])
      // It goes on with its first change that is left, as long as the numbers tell which that is.
      if let next, next != position.sequence + 1 {
        return HistoryBreak(
          "the change table of the \(title) no longer reaches back to what was captured"
            + (try dropped(before: next, since: position, in: database)),
          goesOnBehind: next > position.sequence ? next - 1 : nil)
      }
      return nil
    }
  }

  /// How many changes are missing, and of which time; "" where nobody can tell.
  private static func dropped(
    before next: Int64, since position: SQLitePosition, in database: Database
  ) throws -> String {
    let (count, isOutOfRange) = next.subtractingReportingOverflow(position.sequence)
    guard count > 1, !isOutOfRange else { return "" }
    let mark = try database.string("SELECT at FROM main.millrace_changes WHERE seq = ?", [.integer(next)])
    let until = mark.flatMap { Timestamp($0) }.map { " and \($0.iso)" }
    guard let from = Timestamp(position.mark), let until else { return ": \(count - 1) changes were dropped" }
    return ": \(count - 1) changes between \(from.iso)\(until) were dropped"
  }

  private static func ofInstallation(
    _ id: String, since position: SQLitePosition, in database: Database, title: String
  ) throws -> HistoryBreak {
    guard let beginning = try ChangeTriggers.beginning(of: id, in: database) else {
      return HistoryBreak("the change triggers of the \(title) were installed anew")
    }
    // A table that was not there before has nothing to miss; its rows are still to be read.
    guard !beginning.broken.isEmpty else {
      return HistoryBreak(goesOnBehind: position.sequence, tables: beginning.appeared)
    }
    let names = beginning.broken.joined(separator: ", ")
    var found = HistoryBreak(
      "\(names) made anew, dropped, or without change triggers for a while", goesOnBehind: position.sequence,
      tables: beginning.broken + beginning.appeared)
    found.reason =
      "changes of \(names) may have been missed (made anew, dropped, or without "
      + "its change triggers for a while): a new snapshot was taken; rows deleted meanwhile may still be in the marts. "
      + "Compare, then run `millrace capture --once --acknowledge-breaks`"
    return found
  }

  /// 0 and "" where there is none.
  static func newestChange(in database: Database) throws -> (sequence: Int64, mark: String) {
    try database.first("SELECT seq, at FROM main.millrace_changes ORDER BY seq DESC LIMIT 1") {
      ($0.int64(0), $0.text(1))
    } ?? (0, "")
  }
}
