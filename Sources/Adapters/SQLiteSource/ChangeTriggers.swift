package import Capture
internal import SQLite

/// Adds a change table and triggers to a source's SQLite database, and takes them away again.
///
/// The triggers only insert into an untyped table without constraints, and name no table but their own and that one, so
/// they never make a write of the source fail, nor a migration that makes, drops or renames other tables. The change
/// table has no AUTOINCREMENT: that would leave `sqlite_sequence` behind for good. Numbers still never repeat, because
/// the newest changes always stay. A trigger on the change table itself bounds it, in the source's own transactions:
/// that is safe in each journal mode and under each version of SQLite, and needs nobody who captures. Not seen: rows
/// that `REPLACE` deletes because of another unique constraint than the key, which SQLite hides from triggers unless
/// `recursive_triggers` is on; whoever reads the changes finds them by comparison. While they are installed SQLite
/// refuses to drop a column that they name, as it would with any trigger; its error shows the trigger's name, so that
/// says what to do. With `ChangeDetail.latest` they name the key alone.
///
/// Both write to the source's file, in one short `BEGIN IMMEDIATE` each. Under a library with the WAL-reset bug
/// (`Database.hasWALResetBug`) a database in WAL mode wants a moment for that in which nothing else writes to it.
package struct ChangeTriggers: Sendable {
  private let tables: [SourceTable]
  private let title: String
  private let detail: ChangeDetail
  private let keptChanges: Int64

  /// `title`: what people call the database, without an article. `detail`: what they write down of a change.
  /// `keptChanges`: how many the change table holds at most (`SQLiteSourceLimits.keptChanges`).
  package init(
    on tables: [SourceTable], title: String, detail: ChangeDetail = .every,
    keptChanges: Int64 = SQLiteSourceLimits.keptChanges
  ) {
    self.tables = tables
    self.title = title
    self.detail = detail
    self.keptChanges = keptChanges
  }

  /// Installs what is missing and replaces what differs, in one transaction. Repeating it changes nothing. Blocks;
  /// throws `CaptureError`.
  package func install(_ path: String) throws {
    try CaptureError.naming(path, title) { try install(in: Database(path, .readWrite)) }
  }

  /// Removes everything that `install` has made, whatever tables it was made for: the schema is as it was. Blocks;
  /// throws `CaptureError`.
  package func remove(_ path: String) throws {
    try CaptureError.naming(path, title) { try Self.remove(from: Database(path, .readWrite)) }
  }

  private static func remove(from database: Database) throws {
    try database.write {
      for trigger in try installedTriggers(in: database).keys.sorted() {
        try database.execute("DROP TRIGGER \(SQLName.quoted(trigger))")
      }
      for table in [
        "millrace_changes", "millrace_columns", "millrace_install", "millrace_tables", Self.definitionTable,
      ] {
        try database.execute("DROP TABLE IF EXISTS main.\(table)")
      }
    }
  }

  /// Whether every trigger that the database's tables need is there in its current form. Blocks; throws `SQLiteError`.
  package func isInstalled(_ path: String) throws -> Bool { try isInstalled(in: Database(path, .readOnly)) }

  // MARK: On an open connection

  func isInstalled(in database: Database) throws -> Bool {
    guard try Self.changeTableExists(in: database) else { return false }
    let wanted = try wantedTriggers(in: database)
    guard try Self.installedTriggers(in: database) == wanted, let watched = try Self.watchedTables(in: database) else {
      return false
    }
    guard try watched == Set(capturedTables(in: database).map(\.table.name)) else { return false }
    return try detail == .every || Self.knownDefinitions(in: database) == definitions(in: database)
  }

  /// `known`: the installation whose changes the caller has read so far; nil: it has read none.
  func install(in database: Database, known: String? = nil) throws {
    try database.write {
      let wanted = try wantedTriggers(in: database)
      guard !wanted.isEmpty else {
        throw CaptureError(
          .source, operation: "install triggers", cause: "the database has none of the tables of the \(title)",
          hint: "check that the configured path is that of the \(title)")
      }
      // Before anything is mended.
      let gaps = try Self.changeTableExists(in: database) ? gaps(in: database) : Gaps()
      if try !Self.changeTableExists(in: database) {
        let half = 0..<SQLiteSourceLimits.changeColumns
        let values = half.map { "o\($0)" } + half.map { "n\($0)" }
        try database.execute(
          """
          CREATE TABLE main.millrace_changes(
            seq INTEGER PRIMARY KEY, at TEXT, tbl TEXT, op TEXT, routing TEXT, \(values.joined(separator: ", ")));
          CREATE TABLE main.millrace_columns(tbl TEXT, position INTEGER, name TEXT);
          CREATE TABLE main.millrace_install(id TEXT);
          INSERT INTO main.millrace_install(id) VALUES (lower(hex(randomblob(16))));
          """)
      }
      try database.execute("DELETE FROM main.millrace_columns")
      for table in tables {
        for (position, name) in table.columns.enumerated() {
          try database.run(
            "INSERT INTO main.millrace_columns(tbl, position, name) VALUES (?, ?, ?)",
            [.text(table.name), .integer(Int64(position)), .text(name)])
        }
      }
      for (name, sql) in try Self.installedTriggers(in: database) where wanted[name] != sql {
        try database.execute("DROP TRIGGER \(SQLName.quoted(name))")
      }
      let installed = try Self.installedTriggers(in: database)
      for name in wanted.keys.sorted() where installed[name] == nil { try database.execute(wanted[name] ?? "") }
      try recordDefinitions(in: database)
      try record(gaps, known: known, in: database)
    }
  }

  /// Identity of this installation: another one means another history.
  static func installID(in database: Database) throws -> String? {
    guard try changeTableExists(in: database) else { return nil }
    return try database.string("SELECT id FROM main.millrace_install")
  }

  private static func changeTableExists(in database: Database) throws -> Bool {
    try database.integer(
      """
      SELECT count(*) FROM main.sqlite_schema
      WHERE type = 'table' AND name IN ('millrace_changes', 'millrace_columns', 'millrace_install')
      """) == 3
  }

  private static func installedTriggers(in database: Database) throws -> [String: String] {
    let pairs = try database.rows(
      "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND name LIKE 'millrace\\_%' ESCAPE '\\'"
    ) { ($0.text(0), $0.text(1)) }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// The columns of a table, generated ones too, as the database spells them; empty: there is no such table. A view is
  /// none: its rows have neither ids nor triggers.
  static func columns(of table: String, in database: Database) throws -> [String] {
    try database.rows(
      """
      SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 AND EXISTS
      (SELECT 1 FROM main.sqlite_schema AS s WHERE s.type = 'table' AND lower(s.name) = lower(?1))
      """, [.text(table)]
    ) { $0.text(0) }
  }

  /// The same, captured ones as the mapping spells them: to SQLite `ID` and `id` are one name.
  static func columns(of table: SourceTable, in database: Database) throws -> [String] {
    let names = Dictionary(table.columns.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    return try columns(of: table.name, in: database).map { names[$0.lowercased()] ?? $0 }
  }

  /// The tables that are there, with the columns that they have. A view of such a name is none.
  private func capturedTables(in database: Database) throws -> [(table: SourceTable, columns: Set<String>)] {
    let names = Set(
      try database.rows("SELECT name FROM main.sqlite_schema WHERE type = 'table'") { $0.text(0).lowercased() })
    return try tables.filter { names.contains($0.name.lowercased()) }.map {
      ($0, Set(try Self.columns(of: $0, in: database)))
    }
  }

  private func wantedTriggers(in database: Database) throws -> [String: String] {
    var wanted: [String: String] = [:]
    for (table, present) in try capturedTables(in: database) {
      wanted.merge(Self.triggers(of: table, present, detail)) { $1 }
    }
    if !wanted.isEmpty { wanted[Self.boundName] = bound }
    return wanted
  }

  private static let boundName = "millrace_bound"

  /// Deletes the oldest changes where there are too many, or too many bytes by the length of the newest ones. Numbers
  /// have no gaps, so the oldest one's tells how many there are.
  private var bound: String {
    let columns = (0..<(tables.map(\.columns.count).max() ?? 0)).flatMap { ["o\($0)", "n\($0)"] }
    let length = columns.map { "ifnull(length(\($0)), 0)" }.joined(separator: " + ")
    let (cut, bytes) = (SQLiteSourceLimits.changesPerCut, SQLiteSourceLimits.changeBytes)
    return """
      CREATE TRIGGER \(Self.boundName) AFTER INSERT ON millrace_changes WHEN NEW.seq % \(cut) = 0 BEGIN \
      DELETE FROM millrace_changes WHERE seq IN (SELECT seq FROM millrace_changes WHERE seq <= NEW.seq - \
      \(keptChanges) * \(bytes) / max(\(bytes), (SELECT total(\(length)) FROM millrace_changes \
      WHERE seq > NEW.seq - 10) / 10) ORDER BY seq LIMIT \(cut * 10)); END
      """
  }

  /// Name and text of a table's three triggers. `routing`: further column of the change table and SQL for its value,
  /// which older versions had in them. `remedy`: what their names say beside.
  private static func triggers(
    of table: SourceTable, _ present: Set<String>, _ detail: ChangeDetail, routing: String? = nil,
    remedy: String = remedy
  ) -> [String: String] {
    var result: [String: String] = [:]
    for (operation, code) in [("insert", "I"), ("update", "U"), ("delete", "D")] {
      let name = "millrace_\(table.name)_\(operation)" + remedy
      var columns = ["at", "tbl", "op"]
      let op = detail == .every ? code : code.lowercased()
      var values = ["strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", SQLName.text(table.name), "'\(op)'"]
      if let routing {
        columns.append("routing")
        values.append(routing.replacing("$", with: code == "D" ? "OLD" : "NEW"))
      }
      let named = detail == .every ? present : present.intersection(table.keyColumns)
      for (prefix, row) in [("o", "OLD"), ("n", "NEW")] where code == "U" || (code == "I") == (row == "NEW") {
        for (position, column) in table.columns.enumerated() where named.contains(column) {
          columns.append("\(prefix)\(position)")
          values.append("\(row).\(SQLName.quoted(column))")
        }
      }
      result[name] = """
        CREATE TRIGGER \(SQLName.plain(name)) AFTER \(operation.uppercased()) ON \(SQLName.quoted(table.name)) BEGIN \
        INSERT INTO millrace_changes(\(columns.joined(separator: ", "))) \
        VALUES (\(values.joined(separator: ", "))); END
        """
    }
    return result
  }

  /// Stands in SQLite's error when a column that the trigger names is dropped.
  private static let remedy = " (before dropping a column: millrace capture --uninstall)"

  /// All forms in which a table's triggers see each of its changes: today's, and those of older versions.
  private static func knownForms(
    of table: SourceTable, _ present: Set<String>, in database: Database
  ) throws -> [[String: String]] {
    var forms = [ChangeDetail.every, .latest].map { triggers(of: table, present, $0) }
    forms.append(triggers(of: table, present, .every, remedy: ""))
    // The first ones looked the referred value up themselves.
    var routing = "NULL"
    if let referred = table.refersTo, try TableLayout.isThere(referred, Array(present), in: database) {
      routing = "(SELECT \(referred.value) FROM \(referred.table) WHERE \(referred.key) = $.\(referred.column))"
    }
    forms.append(triggers(of: table, present, .every, routing: routing, remedy: ""))
    return forms
  }

  // MARK: Tables that were not watched

  /// What a look before the installation finds.
  private struct Gaps {
    /// Tables whose changes may have been missed.
    var broken: [String] = []
    /// Tables that are there for the first time: their rows are still to be read.
    var appeared: [String] = []
  }

  /// Holds the tables and triggers against those that the last installation left behind.
  private func gaps(in database: Database) throws -> Gaps {
    var gaps = Gaps()
    let installed = try Self.installedTriggers(in: database)
    let watched = try Self.watchedTables(in: database)
    let captured = try capturedTables(in: database)
    for (table, present) in captured {
      let isWhole = try Self.knownForms(of: table, present, in: database).contains { form in
        form.allSatisfy { installed[$0.key] == $0.value }
      }
      // Of an installation by an older version nobody wrote down what it watched: everything that was there.
      if let watched, !watched.contains(table.name) {
        gaps.appeared.append(table.name)
      } else if try !isWhole || isRedefined(table, in: database) {
        gaps.broken.append(table.name)
      }
    }
    gaps.broken += (watched ?? []).subtracting(captured.map(\.table.name)).sorted()
    return gaps
  }

  // MARK: Definitions

  private static let definitionTable = "millrace_definitions"

  /// How the captured tables are defined. Triggers that name the key alone stay as they are when a column that is
  /// captured comes, goes or is made another one, which gives all rows other values.
  private func definitions(in database: Database) throws -> [String: String] {
    var found: [String: String] = [:]
    for (table, _) in try capturedTables(in: database) {
      found[table.name] = try database.string(
        "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)", [.text(table.name)])
    }
    return found
  }

  /// As the last installation left them; nil: it wrote none down.
  private static func knownDefinitions(in database: Database) throws -> [String: String]? {
    guard try database.integer("SELECT count(*) FROM main.sqlite_schema WHERE name = '\(definitionTable)'") == 1 else {
      return nil
    }
    return Dictionary(
      try database.rows("SELECT tbl, sql FROM main.\(definitionTable)") { ($0.text(0), $0.text(1)) },
      uniquingKeysWith: { first, _ in first })
  }

  private func isRedefined(_ table: SourceTable, in database: Database) throws -> Bool {
    guard detail == .latest, let known = try Self.knownDefinitions(in: database)?[table.name] else { return false }
    return try definitions(in: database)[table.name] != known
  }

  private func recordDefinitions(in database: Database) throws {
    guard detail == .latest else { return try database.execute("DROP TABLE IF EXISTS main.\(Self.definitionTable)") }
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS main.\(Self.definitionTable)(tbl TEXT, sql TEXT);
      DELETE FROM main.\(Self.definitionTable);
      """)
    for (name, sql) in try definitions(in: database) {
      try database.run("INSERT INTO main.\(Self.definitionTable) VALUES (?, ?)", [.text(name), .text(sql)])
    }
  }

  /// nil: an older version has installed the triggers, or nobody.
  private static func watchedTables(in database: Database) throws -> Set<String>? {
    guard try database.integer("SELECT count(*) FROM main.sqlite_schema WHERE name = 'millrace_tables'") == 1 else {
      return nil
    }
    return Set(try database.rows("SELECT tbl FROM main.millrace_tables WHERE watched") { $0.text(0) })
  }

  /// Writes down what is watched from now on, and what was not. Another history than that of the installation before
  /// begins with a gap, so it gets another id: whoever reads the changes cannot miss that, even after a crash. `known`:
  /// the installation that its reader knows; gaps that it has not heard of are told again.
  private func record(_ gaps: Gaps, known: String?, in database: Database) throws {
    try database.execute(
      "CREATE TABLE IF NOT EXISTS main.millrace_tables(tbl TEXT, watched INTEGER, broken TEXT, appeared TEXT)")
    try database.execute("DELETE FROM main.millrace_tables WHERE watched")
    for (table, _) in try capturedTables(in: database) {
      try database.run("INSERT INTO main.millrace_tables(tbl, watched) VALUES (?, 1)", [.text(table.name)])
    }
    guard !gaps.broken.isEmpty || !gaps.appeared.isEmpty else { return }
    // What is found by comparison is newer than every change before.
    try database.execute(
      """
      INSERT INTO main.millrace_changes(at, tbl, op) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), '', 'M')
      """)
    let before = try database.string("SELECT id FROM main.millrace_install")
    try database.execute("UPDATE main.millrace_install SET id = lower(hex(randomblob(16)))")
    let id = Value.optional(try database.string("SELECT id FROM main.millrace_install"))
    if before == known {
      try database.execute("DELETE FROM main.millrace_tables WHERE NOT watched")
    } else {
      try database.run(
        "UPDATE main.millrace_tables SET broken = iif(broken IS NULL, NULL, ?1), appeared = iif(appeared IS NULL, NULL, ?1)",
        [id])
    }
    for table in gaps.broken {
      try database.run("INSERT INTO main.millrace_tables VALUES (?1, 0, ?2, NULL)", [.text(table), id])
    }
    for table in gaps.appeared {
      try database.run("INSERT INTO main.millrace_tables VALUES (?1, 0, NULL, ?2)", [.text(table), id])
    }
  }

  /// Why an installation began another history: nil: its triggers were not there before.
  static func beginning(of installID: String, in database: Database) throws -> (broken: [String], appeared: [String])? {
    guard try watchedTables(in: database) != nil else { return nil }
    func tables(_ column: String) throws -> [String] {
      try database.rows(
        "SELECT DISTINCT tbl FROM main.millrace_tables WHERE \(column) = ? ORDER BY tbl", [.text(installID)]
      ) { $0.text(0) }
    }
    let found = (broken: try tables("broken"), appeared: try tables("appeared"))
    return found.broken.isEmpty && found.appeared.isEmpty ? nil : found
  }
}
