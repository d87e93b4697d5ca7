/// Where capture stands in an SQLite database.
struct SQLitePosition: Sendable, Equatable {
  enum Phase: Sendable, Equatable {
    /// Reading all rows, table by table, in the order of their row ids.
    case snapshot(table: Int, fromRow: Int64)
    case changes
    /// Reading the rows of the first table that is due, and holding them against what was delivered.
    case comparing(fromRow: Int64)
    /// Looking for what was delivered of the first table that is due among its rows.
    case sweeping
  }

  /// What is to be done with the tables that are due.
  enum Purpose: Character, Sendable {
    /// What was missed is to be found: rows that are new, that changed, that are gone.
    case compare = ":"
    /// Rows that are gone are to be found; all others were just read.
    case sweep = ";"
    /// Tables are there for the first time: their rows are to be read.
    case appeared = "!"
    /// A row may have been replaced because of another unique value: rows that are gone are to be found.
    case replaced = "~"
    /// Rows were delivered before anybody kept what was delivered: it is noted down now.
    case fill = "+"
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
  /// Tables by their place in the mapping, ascending: done after the changes were read to their end.
  var due: [Int] = []
  var purpose = Purpose.compare
  /// Rows whose changes from this one on were taken may stand otherwise than the last of them says; 0: none.
  var unsettledFrom: Int64 = 0

  /// Versions before these phases read what they know of them, and begin a new epoch at all others.
  var text: String {
    let word: String
    let numbers: String
    switch phase {
    case .snapshot(let table, let row): (word, numbers) = ("snapshot", "\(table) \(row)")
    case .changes: (word, numbers) = ("changes", "0 \(unsettledFrom)")
    case .comparing(let row): (word, numbers) = ("compare", "0 \(row)")
    case .sweeping: (word, numbers) = ("sweep", "0 0")
    }
    let tables = due.isEmpty ? "" : "\(purpose.rawValue)" + due.map { String($0) }.joined(separator: ",")
    return "\(installID) \(word)\(tables) \(numbers) \(sequence) \(schemaVersion) \(mark)"
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
    let word = parts[1].prefix { $0.isLetter }
    if let sign = parts[1].dropFirst(word.count).first {
      guard let purpose = Purpose(rawValue: sign) else { return nil }
      self.purpose = purpose
      let due = parts[1].dropFirst(word.count + 1).split(separator: ",").map { Int($0) }
      guard !due.isEmpty, due.allSatisfy({ $0.map { $0 >= 0 && $0 < tables } ?? false }) else { return nil }
      self.due = due.compactMap { $0 }
    }
    switch word {
    case "snapshot": phase = .snapshot(table: table, fromRow: row)
    case "changes":
      phase = .changes
      unsettledFrom = row
    case "compare" where !due.isEmpty: phase = .comparing(fromRow: row)
    case "sweep" where !due.isEmpty: phase = .sweeping
    default: return nil
    }
    installID = parts[0]
    self.sequence = sequence
    schemaVersion = schema
    mark = parts[6]
  }
}
