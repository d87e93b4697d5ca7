internal import SQLite

/// Adds a change table and triggers to the platform's SQLite database, and takes them away again.
///
/// The triggers only insert into an untyped table without constraints, so they never make a write of the platform fail.
/// The change table has no AUTOINCREMENT: that would leave `sqlite_sequence` behind for good. Numbers still never repeat,
/// because pruning always keeps the newest changes. Not seen: rows that `REPLACE` deletes because of another unique
/// constraint than the key, which SQLite hides from triggers unless `recursive_triggers` is on. While they are installed
/// SQLite refuses to drop a captured column, as it would with any trigger: remove them first.
///
/// Both write to the platform's file, in one short `BEGIN IMMEDIATE` each. Under a library with the WAL-reset bug
/// (`Database.hasWALResetBug`) a database in WAL mode wants a moment for that in which nothing else writes to it.
package enum TriggerInstaller {
  /// Installs what is missing and replaces what differs, in one transaction. Repeating it changes nothing.
  package static func install(_ path: String) throws {
    try CaptureError.naming(path) { try install(in: Database(path, .readWrite)) }
  }

  /// Removes everything that `install` has made: the schema is as it was.
  package static func remove(_ path: String) throws {
    try CaptureError.naming(path) { try remove(from: Database(path, .readWrite)) }
  }

  private static func remove(from database: Database) throws {
    try database.write {
      for trigger in try installedTriggers(in: database).keys.sorted() {
        try database.execute("DROP TRIGGER \(trigger)")
      }
      for table in ["millrace_changes", "millrace_columns", "millrace_install"] {
        try database.execute("DROP TABLE IF EXISTS main.\(table)")
      }
    }
  }

  /// Whether every trigger that the database's tables need is there in its current form.
  package static func isInstalled(_ path: String) throws -> Bool { try isInstalled(in: Database(path, .readOnly)) }

  // MARK: On an open connection

  static func isInstalled(in database: Database) throws -> Bool {
    guard try changeTableExists(in: database) else { return false }
    return try installedTriggers(in: database) == wantedTriggers(in: database)
  }

  static func install(in database: Database) throws {
    try database.write {
      let wanted = try wantedTriggers(in: database)
      guard !wanted.isEmpty else {
        throw CaptureError(
          .source, operation: "install triggers", cause: "the database has none of the platform's tables",
          hint: "check that the configured path is the platform database")
      }
      if try !changeTableExists(in: database) {
        let values =
          (0..<CaptureLimits.changeColumns).flatMap { ["o\($0)"] }
          + (0..<CaptureLimits.changeColumns).flatMap { ["n\($0)"] }
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
      for table in PlatformTable.all {
        for (position, name) in table.columns.enumerated() {
          try database.run(
            "INSERT INTO main.millrace_columns(tbl, position, name) VALUES (?, ?, ?)",
            [.text(table.name), .integer(Int64(position)), .text(name)])
        }
      }
      for (name, sql) in try installedTriggers(in: database) where wanted[name] != sql {
        try database.execute("DROP TRIGGER \(name)")
      }
      let installed = try installedTriggers(in: database)
      for name in wanted.keys.sorted() where installed[name] == nil { try database.execute(wanted[name] ?? "") }
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

  /// Columns of each captured table that exists.
  static func columns(of table: String, in database: Database) throws -> [String] {
    try database.rows("SELECT name FROM pragma_table_info(?, 'main')", [.text(table)]) { $0.text(0) }
  }

  private static func wantedTriggers(in database: Database) throws -> [String: String] {
    var wanted: [String: String] = [:]
    let tables = Set(try database.rows("SELECT name FROM main.sqlite_schema WHERE type = 'table'") { $0.text(0) })
    for table in PlatformTable.all where tables.contains(table.name) {
      let present = Set(try columns(of: table.name, in: database))
      // A channel can be looked up only where the tables have the columns for it.
      var routing = table.routing
      if routing != nil {
        let orders = tables.contains("orders") ? Set(try columns(of: "orders", in: database)) : []
        if !present.contains("order_id") || !orders.isSuperset(of: ["id", "channel"]) { routing = nil }
      }
      for (operation, code) in [("insert", "I"), ("update", "U"), ("delete", "D")] {
        let name = "millrace_\(table.name)_\(operation)"
        var columns = ["at", "tbl", "op", "routing"]
        var values = [
          "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", "'\(table.name)'", "'\(code)'",
          routing?.replacing("$", with: code == "D" ? "OLD" : "NEW") ?? "NULL",
        ]
        for (prefix, row) in [("o", "OLD"), ("n", "NEW")] where code == "U" || (code == "I") == (row == "NEW") {
          for (position, column) in table.columns.enumerated() where present.contains(column) {
            columns.append("\(prefix)\(position)")
            values.append("\(row).\"\(column)\"")
          }
        }
        wanted[name] = """
          CREATE TRIGGER \(name) AFTER \(operation.uppercased()) ON "\(table.name)" BEGIN \
          INSERT INTO millrace_changes(\(columns.joined(separator: ", "))) \
          VALUES (\(values.joined(separator: ", "))); END
          """
      }
    }
    return wanted
  }
}
