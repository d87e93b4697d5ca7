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
    /// How such a table is read in parts; nil: its key is not the one that is captured.
    var parts: Parts?
  }

  /// A table without row ids in the order of its primary key.
  struct Parts {
    /// Parameters: the key of the row before, the number of rows. Columns as of a snapshot.
    var nextSQL: String
    /// Parameter: the number of rows.
    var firstSQL: String
    /// The primary key's columns, by their place in the captured table.
    var key: [Int]
  }

  /// Finds one row of a table.
  struct Lookup {
    /// Parameters: the key's columns. Columns as of a snapshot.
    var sql: String
    var places: Places
    /// How many rows have this key. Parameters: the key's columns.
    var countSQL: String
    /// Whether SQLite finds the row without reading the whole table.
    var isIndexed: Bool
    /// Whether no two rows can have one key.
    var isUnique: Bool
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
  /// By the table's place; nil: there is no such table, or it lacks a column of the key.
  var lookups: [Lookup?] = []
  /// Tables in which a row may be replaced because of a unique value that is not its key; triggers do not see it go.
  var hidesReplacedRows: Set<Int> = []
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
    for (number, table) in tables.enumerated() {
      let present = try ChangeTriggers.columns(of: table, in: database)
      notes.formUnion(mapping.notes(on: table, having: present))
      let knowsReferred = try table.refersTo.map { try Self.isThere($0, present, in: database) } ?? false
      self.knowsReferred.append(knowsReferred)
      snapshots.append(present.isEmpty ? nil : try Self.snapshot(of: table, present, knowsReferred, in: database))
      let keys = Set(table.keyColumns)
      lookups.append(
        keys.isSubset(of: present) ? try Self.lookup(of: table, present, knowsReferred, in: database) : nil)
      if try Self.hasOtherUniqueValues(table, in: database) { hidesReplacedRows.insert(number) }
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
    let others = Set(try ChangeTriggers.columns(of: referred.table, in: database).map { $0.lowercased() })
    return present.contains(referred.column)
      && others.isSuperset(of: [referred.key.lowercased(), referred.value.lowercased()])
  }

  private static func snapshot(
    of table: SourceTable, _ present: [String], _ knowsReferred: Bool, in database: Database
  ) throws -> Snapshot {
    let isWhole =
      try database.integer("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [.text(table.name)]) == 1
    let (list, places) = columns(of: table, present, knowsReferred)
    let place = isWhole ? "?1 IS NOT NULL LIMIT ?2" : "r.rowid >= ?1 ORDER BY r.rowid LIMIT ?2"
    let from = "\(list) FROM main.\(SQLName.quoted(table.name)) AS r"
    return Snapshot(
      sql: "SELECT \(isWhole ? "0" : "r.rowid"), \(from) WHERE \(place)", places: places,
      rowIDIsKey: try rowIDIsKey(table, in: database), isWhole: isWhole,
      parts: isWhole ? try parts(of: table, reading: from, in: database) : nil)
  }

  private static func parts(of table: SourceTable, reading from: String, in database: Database) throws -> Parts? {
    let names = try database.rows(
      "SELECT lower(name) FROM pragma_table_info(?, 'main') WHERE pk > 0 ORDER BY pk", [.text(table.name)]
    ) { $0.text(0) }
    let places = names.compactMap { name in table.columns.firstIndex { $0.lowercased() == name } }
    guard places.count == names.count, Set(places) == Set(table.key) else { return nil }
    let columns = places.map { "r.\(SQLName.quoted(table.columns[$0]))" }.joined(separator: ", ")
    let before = places.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    return Parts(
      nextSQL: "SELECT 0, \(from) WHERE (\(columns)) > (\(before)) ORDER BY \(columns) LIMIT ?\(places.count + 1)",
      firstSQL: "SELECT 0, \(from) ORDER BY \(columns) LIMIT ?1", key: places)
  }

  private static func lookup(
    of table: SourceTable, _ present: [String], _ knowsReferred: Bool, in database: Database
  ) throws -> Lookup {
    let (list, places) = columns(of: table, present, knowsReferred)
    let place = table.keyColumns.enumerated().map { "r.\(SQLName.quoted($1)) = ?\($0 + 1)" }
    let from = "FROM main.\(SQLName.quoted(table.name)) AS r WHERE \(place.joined(separator: " AND "))"
    return Lookup(
      sql: "SELECT 0, \(list) \(from)", places: places, countSQL: "SELECT count(*) \(from)",
      isIndexed: try isIndexed(table, in: database), isUnique: try isUnique(table, in: database))
  }

  /// The value referred to, and the captured columns that are there.
  private static func columns(
    of table: SourceTable, _ present: [String], _ knowsReferred: Bool
  ) -> (list: String, places: Places) {
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
    return (([referred] + values).joined(separator: ", "), places)
  }

  /// Whether an index begins with a column of the key.
  private static func isIndexed(_ table: SourceTable, in database: Database) throws -> Bool {
    if try rowIDIsKey(table, in: database) { return true }
    let first = try database.rows(
      """
      SELECT lower(c.name) FROM pragma_index_list(?, 'main') AS i, pragma_index_info(i.name, 'main') AS c
      WHERE c.seqno = 0 AND NOT i.partial AND c.name IS NOT NULL
      """, [.text(table.name)]
    ) { $0.text(0) }
    return !Set(first).isDisjoint(with: table.keyColumns.map { $0.lowercased() })
  }

  /// Whether a unique index has no other columns than those of the key.
  private static func isUnique(_ table: SourceTable, in database: Database) throws -> Bool {
    if try rowIDIsKey(table, in: database) { return true }
    let key = Set(table.keyColumns.map { $0.lowercased() })
    return try uniqueIndexes(of: table, in: database).contains { key.isSuperset(of: $0) }
  }

  /// The columns of each. An integer key needs none.
  private static func uniqueIndexes(of table: SourceTable, in database: Database) throws -> [Set<String>] {
    var indexes: [String: Set<String>] = [:]
    try database.query(
      """
      SELECT i.name, ifnull(lower(c.name), '')
      FROM pragma_index_list(?, 'main') AS i, pragma_index_info(i.name, 'main') AS c
      WHERE i."unique" AND NOT i.partial
      """, [.text(table.name)]
    ) { indexes[$0.text(0), default: []].insert($0.text(1)) }
    return Array(indexes.values)
  }

  /// Whether it has a unique index that is not its captured key. An integer key needs none.
  private static func hasOtherUniqueValues(_ table: SourceTable, in database: Database) throws -> Bool {
    var indexes: [String: Set<String>] = [:]
    try database.query(
      """
      SELECT i.name, lower(c.name) FROM pragma_index_list(?, 'main') AS i, pragma_index_info(i.name, 'main') AS c
      WHERE i."unique"
      """, [.text(table.name)]
    ) { indexes[$0.text(0), default: []].insert($0.text(1)) }
    let key = Set(table.keyColumns.map { $0.lowercased() })
    if indexes.values.contains(where: { $0 != key }) { return true }
    // A row id that is no captured key may be replaced, too.
    return try database.integer(
      "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE pk = 1 AND upper(type) = 'INTEGER' AND lower(name) <> ?",
      [.text(table.name), .text(table.keyColumns[0].lowercased())]) == 1
  }

  private static func rowIDIsKey(_ table: SourceTable, in database: Database) throws -> Bool {
    try database.integer(
      "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE pk = 1 AND upper(type) = 'INTEGER'",
      [.text(table.name)]) == 1 && table.key.count == 1
      && database.integer(
        "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE pk = 1 AND lower(name) = ?",
        [.text(table.name), .text(table.keyColumns[0].lowercased())]) == 1
  }
}

extension SourceRow {
  /// The row whose values stand at these places of the statement's current row.
  init(_ table: SourceTable, in statement: Statement, at places: TableLayout.Places) {
    self.init(table, places.map { place in place < 0 ? .null : SourceValue(statement, place) })
  }
}

extension SourceValue {
  /// What stands in a column of the statement's current row.
  init(_ statement: Statement, _ column: Int32) {
    if statement.isText(column) {
      self = statement.validText(column).map { .text($0) } ?? .foreignText(statement.blob(column))
      return
    }
    self =
      switch statement.value(column) {
      case .null: .null
      case .integer(let number): .integer(number)
      case .real(let number): .real(number)
      case .text(let text): .text(text)
      case .blob(let bytes): .bytes(bytes)
      }
  }
}

extension Statement {
  /// So that it is found as its source holds it.
  func bind(_ index: Int32, _ value: SourceValue) {
    switch value {
    case .null: bindNull(index)
    case .integer(let number): bind(index, number)
    case .real(let number): bind(index, number)
    case .text(let text): bind(index, text)
    case .bytes(let bytes): bind(index, bytes)
    case .foreignText(let bytes): bind(index, text: bytes)
    }
  }
}
