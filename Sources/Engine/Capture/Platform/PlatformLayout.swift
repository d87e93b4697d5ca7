internal import SQLite

/// How the tables of one platform database look under one version of its schema.
struct PlatformLayout {
  struct Snapshot {
    /// Parameters: first row id, number of rows. Columns: row id, routing, captured columns.
    var sql: String
    var columns: [String: Int32]
    /// The row id is the table's integer key, so nothing ever renumbers it.
    var rowIDIsKey: Bool
    /// A table without row ids has nothing to go on from: it is read in one go.
    var isWhole: Bool
  }

  struct ChangeColumns {
    var before: [String: Int32]
    var after: [String: Int32]
  }

  var installID: String
  var schemaVersion: Int64
  var snapshots: [String: Snapshot] = [:]
  var changes: [String: ChangeColumns] = [:]
  var notes: Set<SourceNote> = []
  /// The orders have the columns by which their lines and shipments are routed.
  var knowsChannels = false

  private static let firstValueColumn: Int32 = 5

  /// The name of the column of the change table that the value of a statement's column comes from.
  static func changeColumn(_ index: Int32) -> String {
    let position = Int(index - firstValueColumn)
    return position < CaptureLimits.changeColumns ? "o\(position)" : "n\(position - CaptureLimits.changeColumns)"
  }

  /// Only triggers of older versions have written the routing, the channel of the row's order.
  static let changesSQL: String = {
    let values = (0..<CaptureLimits.changeColumns).map { "o\($0)" } + (0..<CaptureLimits.changeColumns).map { "n\($0)" }
    return """
      SELECT seq, at, tbl, op, routing, \(values.joined(separator: ", ")) FROM main.millrace_changes
      WHERE seq > ?1 ORDER BY seq LIMIT ?2
      """
  }()

  init(of database: Database) throws {
    guard let id = try TriggerInstaller.installID(in: database) else {
      throw CaptureError(
        .source, operation: "read the platform database", cause: "its change table is gone",
        hint: "install the triggers again; a new snapshot follows")
    }
    installID = id
    schemaVersion = try database.integer("PRAGMA main.schema_version") ?? 0

    let recorded = try database.rows("SELECT tbl, position, name FROM main.millrace_columns") {
      (table: $0.text(0), position: $0.int64(1), name: $0.text(2))
    }
    for (table, position, name) in recorded where position >= 0 && position < CaptureLimits.changeColumns {
      let index = Self.firstValueColumn + Int32(position)
      changes[table, default: ChangeColumns(before: [:], after: [:])].before[name] = index
      changes[table]?.after[name] = index + Int32(CaptureLimits.changeColumns)
    }

    let orders = Set(try TriggerInstaller.columns(of: "orders", in: database))
    knowsChannels = orders.isSuperset(of: ["id", "channel"])
    for table in PlatformTable.all {
      let present = try TriggerInstaller.columns(of: table.name, in: database)
      guard !present.isEmpty else {
        notes.insert(SourceNote(.missingTable, table.name))
        continue
      }
      for column in present where !table.columns.contains(column) {
        let name = "\(table.name).\(column)"
        if !PlatformTable.neverCaptured.contains(name) { notes.insert(SourceNote(.droppedColumn, name)) }
      }
      for column in table.columns where !present.contains(column) {
        notes.insert(SourceNote(.missingColumn, "\(table.name).\(column)"))
      }
      let captured = table.columns.filter(present.contains)
      var routing = "NULL"
      if let sql = table.channel, present.contains("order_id"), knowsChannels {
        routing = sql.replacing("$", with: "r")
      }
      let isWhole =
        try database.integer("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [.text(table.name)]) == 1
      let list = ([isWhole ? "0" : "r.rowid", routing] + captured.map { "r.\"\($0)\"" }).joined(separator: ", ")
      let place = isWhole ? "?1 IS NOT NULL LIMIT ?2" : "r.rowid >= ?1 ORDER BY r.rowid LIMIT ?2"
      snapshots[table.name] = Snapshot(
        sql: "SELECT \(list) FROM main.\"\(table.name)\" AS r WHERE \(place)",
        columns: Dictionary(uniqueKeysWithValues: zip(captured, Int32(2)...)),
        rowIDIsKey: try Self.rowIDIsKey(table, in: database), isWhole: isWhole)
    }
  }

  private static func rowIDIsKey(_ table: PlatformTable, in database: Database) throws -> Bool {
    try database.integer(
      "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE pk = 1 AND upper(type) = 'INTEGER'",
      [.text(table.name)]) == 1 && table.key.count == 1
  }
}
