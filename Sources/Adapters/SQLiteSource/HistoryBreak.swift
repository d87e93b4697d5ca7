internal import SQLite

/// Why the changes of a database do not follow those that were captured of it.
struct HistoryBreak {
  /// "": nothing to tell, as at the very first start.
  var reason: String
  /// The change table is the same as before and only lacks some changes.
  var keepsChanges = false

  /// nil: the stored position goes on. Otherwise why it does not.
  static func find(
    in database: Database, under installID: String, since position: SQLitePosition?, title: String
  ) throws -> HistoryBreak? {
    guard let position else { return HistoryBreak(reason: "") }
    guard position.installID == installID else {
      return try ofInstallation(installID, in: database, title: title)
    }
    return try database.read {
      if try newestChange(in: database).sequence < position.sequence {
        return HistoryBreak(reason: "the \(title) is older than what was captured from it: a new snapshot was taken")
      }
      let mark = try database.string(
        "SELECT at FROM main.millrace_changes WHERE seq = ?", [.integer(position.sequence)])
      if let mark, mark != position.mark {
        return HistoryBreak(
          reason: "the \(title) has another history than what was captured from it: a new snapshot was taken")
      }
      let next = try database.integer(
        "SELECT min(seq) FROM main.millrace_changes WHERE seq > ?", [.integer(position.sequence)])
      if let next, next != position.sequence + 1 {
        return HistoryBreak(
          reason:
            "the change table of the \(title) no longer reaches back to what was captured: a new snapshot was taken")
      }
      return nil
    }
  }

  private static func ofInstallation(_ id: String, in database: Database, title: String) throws -> HistoryBreak {
    guard let beginning = try ChangeTriggers.beginning(of: id, in: database) else {
      return HistoryBreak(reason: "the change triggers of the \(title) were installed anew: a new snapshot was taken")
    }
    // A table that was not there before has nothing to miss; its rows come with the snapshot.
    if beginning.broken.isEmpty { return HistoryBreak(reason: "", keepsChanges: true) }
    return HistoryBreak(
      reason:
        "changes of \(beginning.broken.joined(separator: ", ")) may have been missed (made anew, dropped, or without "
        + "its change triggers for a while): a new snapshot was taken; rows deleted meanwhile may still be in the marts. "
        + "Compare, then run `millrace capture --once --acknowledge-breaks`",
      keepsChanges: true)
  }

  /// 0 and "" where there is none.
  static func newestChange(in database: Database) throws -> (sequence: Int64, mark: String) {
    try database.first("SELECT seq, at FROM main.millrace_changes ORDER BY seq DESC LIMIT 1") {
      ($0.int64(0), $0.text(1))
    } ?? (0, "")
  }
}
