/// Where capture stands in an SQLite database.
struct SQLitePosition: Sendable, Equatable {
  enum Phase: Sendable, Equatable {
    /// Reading all rows, table by table, in the order of their row ids.
    case snapshot(table: Int, fromRow: Int64)
    case changes
  }

  /// The installation of triggers whose changes these are.
  var installID: String
  var phase: Phase
  /// The last change taken; during the snapshot the newest change at its start, where the changes begin.
  var sequence: Int64
  /// The time stamp of that change, to tell it from another one under the same number; "" where there was none.
  var mark: String
  /// SQLite's schema counter: VACUUM may renumber rows, and it moves this counter.
  var schemaVersion: Int64

  var text: String {
    let place =
      switch phase {
      case .snapshot(let table, let row): "snapshot \(table) \(row)"
      case .changes: "changes 0 0"
      }
    return "\(installID) \(place) \(sequence) \(schemaVersion) \(mark)"
  }

  init(installID: String, phase: Phase, sequence: Int64, mark: String, schemaVersion: Int64) {
    self.installID = installID
    self.phase = phase
    self.sequence = sequence
    self.mark = mark
    self.schemaVersion = schemaVersion
  }

  /// nil: it is no position in a database of so many captured tables.
  init?(_ text: String, tables: Int) {
    let parts = text.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 7, let table = Int(parts[2]), let row = Int64(parts[3]), let sequence = Int64(parts[4]),
      let schema = Int64(parts[5]), table >= 0, table < tables
    else { return nil }
    switch parts[1] {
    case "snapshot": phase = .snapshot(table: table, fromRow: row)
    case "changes": phase = .changes
    default: return nil
    }
    installID = parts[0]
    self.sequence = sequence
    schemaVersion = schema
    mark = parts[6]
  }
}
