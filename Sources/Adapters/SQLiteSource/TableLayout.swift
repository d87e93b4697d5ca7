internal import Capture
internal import SQLite

/// How the captured tables of one database look under one version of its schema.
struct TableLayout {
  /// Where the values of a table's columns stand in a statement, in the table's order; -1: nowhere.
  typealias Places = [Int32]

  struct Snapshot {
    /// Parameters: first row id, number of rows. Columns: row id, the value referred to, captured columns.
    var sql: String
    var places: Places
    /// The row id is the table's integer key, so nothing ever renumbers it.
    var rowIDIsKey: Bool
    /// A table without row ids has nothing to go on from: it is read in one go.
    var isWhole: Bool
  }

  /// Of a table, in the change table.
  struct Changes {
    /// The table's place in the mapping.
    var table: Int
    var before: Places
    var after: Places
  }

  var installID: String
  var schemaVersion: Int64
  /// By the table's place in the mapping; nil: there is no such table.
  var snapshots: [Snapshot?] = []
  /// By the table's name.
  var changes: [String: Changes] = [:]
  var notes: Set<SourceNote> = []
  /// By the table's place: whether both columns of the other table are there by which it is found.
  var knowsReferred: [Bool] = []

  private static let firstValueColumn: Int32 = 5

  /// The name of the column of the change table that the value of a statement's column comes from.
  static func changeColumn(_ index: Int32) -> String {
    let position = Int(index - firstValueColumn)
    let half = SQLiteSourceLimits.changeColumns
    return position < half ? "o\(position)" : "n\(position - half)"
  }

  /// Only triggers of older versions have written the routing, the value that the row refers to.
  static let changesSQL: String = {
    let half = 0..<SQLiteSourceLimits.changeColumns
    let values = half.map { "o\($0)" } + half.map { "n\($0)" }
    return """
      SELECT seq, at, tbl, op, routing, \(values.joined(separator: ", ")) FROM main.millrace_changes
      WHERE seq > ?1 ORDER BY seq LIMIT ?2
      """
  }()

  init(of database: Database, _ mapping: any RowMapping) throws {
    guard let id = try ChangeTriggers.installID(in: database) else {
      throw CaptureError(
        .source, operation: "read the \(mapping.title)", cause: "its change table is gone",
        hint: "install the triggers again; a new snapshot follows")
    }
    installID = id
    schemaVersion = try database.integer("PRAGMA main.schema_version") ?? 0
    let tables = mapping.tables
    try readRecordedColumns(of: tables, in: database)
    for table in tables {
      let present = try ChangeTriggers.columns(of: table.name, in: database)
      notes.formUnion(mapping.notes(on: table, having: present))
      let knowsReferred = try table.refersTo.map { try Self.isThere($0, present, in: database) } ?? false
      self.knowsReferred.append(knowsReferred)
      snapshots.append(present.isEmpty ? nil : try Self.snapshot(of: table, present, knowsReferred, in: database))
    }
  }

  /// Where each column's values stand is written down by whoever installed the triggers.
  private mutating func readRecordedColumns(of tables: [SourceTable], in database: Database) throws {
    let recorded = try database.rows("SELECT tbl, position, name FROM main.millrace_columns") {
      (table: $0.text(0), position: $0.int64(1), name: $0.text(2))
    }
    for (number, table) in tables.enumerated() {
      let nowhere = Places(repeating: -1, count: table.columns.count)
      var found = Changes(table: number, before: nowhere, after: nowhere)
      var isRecorded = false
      for (name, position, column) in recorded where name == table.name {
        guard position >= 0, position < SQLiteSourceLimits.changeColumns else { continue }
        isRecorded = true
        guard let place = table.place(of: column) else { continue }
        found.before[place] = Self.firstValueColumn + Int32(position)
        found.after[place] = found.before[place] + Int32(SQLiteSourceLimits.changeColumns)
      }
      if isRecorded { changes[table.name] = found }
    }
  }

  /// Whether the other row can be found. Asked before any SQL names these columns.
  static func isThere(_ referred: ReferredValue, _ present: [String], in database: Database) throws -> Bool {
    let others = Set(try ChangeTriggers.columns(of: referred.table, in: database))
    return present.contains(referred.column) && others.isSuperset(of: [referred.key, referred.value])
  }

  private static func snapshot(
    of table: SourceTable, _ present: [String], _ knowsReferred: Bool, in database: Database
  ) throws -> Snapshot {
    var places = Places(repeating: -1, count: table.columns.count)
    var values: [String] = []
    for (place, column) in table.columns.enumerated() where present.contains(column) {
      places[place] = Int32(2 + values.count)
      values.append("r.\(SQLName.quoted(column))")
    }
    var referred = "NULL"
    if let wanted = table.refersTo, knowsReferred {
      referred =
        "(SELECT \(SQLName.quoted(wanted.value)) FROM main.\(SQLName.quoted(wanted.table)) "
        + "WHERE \(SQLName.quoted(wanted.key)) = r.\(SQLName.quoted(wanted.column)))"
    }
    let isWhole =
      try database.integer("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [.text(table.name)]) == 1
    let list = ([isWhole ? "0" : "r.rowid", referred] + values).joined(separator: ", ")
    let place = isWhole ? "?1 IS NOT NULL LIMIT ?2" : "r.rowid >= ?1 ORDER BY r.rowid LIMIT ?2"
    return Snapshot(
      sql: "SELECT \(list) FROM main.\(SQLName.quoted(table.name)) AS r WHERE \(place)", places: places,
      rowIDIsKey: try rowIDIsKey(table, in: database), isWhole: isWhole)
  }

  private static func rowIDIsKey(_ table: SourceTable, in database: Database) throws -> Bool {
    try database.integer(
      "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE pk = 1 AND upper(type) = 'INTEGER'",
      [.text(table.name)]) == 1 && table.key.count == 1
  }
}

extension SourceRow {
  /// The row whose values stand at these places of the statement's current row.
  init(_ table: SourceTable, in statement: Statement, at places: TableLayout.Places) {
    self.init(table, places.map { place in place < 0 ? .null : SourceValue(statement.value(place)) })
  }
}

extension SourceValue {
  init(_ value: Value) {
    self =
      switch value {
      case .null: .null
      case .integer(let number): .integer(number)
      case .real(let number): .real(number)
      case .text(let text): .text(text)
      case .blob(let bytes): .bytes(bytes)
      }
  }
}
