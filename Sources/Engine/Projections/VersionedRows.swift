package import Entity
package import Marts
package import SQLite

/// A table whose rows are replaced by newer states of the same key.
package struct VersionedTable: Sendable {
  /// As in the tombstones and flags.
  let entity: String
  let selectVersion: String
  let upsert: String
  let delete: String

  /// `key` and `values` are columns of `table`, in the order in which states give their values.
  package init(entity: String, table: String, key: [String], values: [String]) {
    self.entity = entity
    let columns = key + ["version_major", "version_minor"] + values
    let places = columns.indices.map { "?\($0 + 1)" }
    let condition = key.enumerated().map { "\($1) = ?\($0 + 1)" }.joined(separator: " AND ")
    let changes = columns.dropFirst(key.count).map { "\($0) = excluded.\($0)" }
    selectVersion = "SELECT version_major, version_minor FROM \(table) WHERE \(condition)"
    upsert =
      "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places.joined(separator: ", "))) "
      + "ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(changes.joined(separator: ", "))"
    delete = "DELETE FROM \(table) WHERE \(condition)"
  }
}

/// Newest states per key, folded in memory, then written. For tables that change slowly; every statement is per row.
///
/// Beside the tables stand `PREFIX_tombstones` (versions of deletes) and `PREFIX_flags` (findings of the newest state).
package struct VersionedRows {
  /// Names one row.
  package struct Key: Hashable {
    /// Index into the tables.
    var table: Int
    /// The key's parts as one text, as in tombstones and flags.
    var id: String

    package init(table: Int, id: String) {
      self.table = table
      self.id = id
    }
  }

  /// One state of a row.
  package struct State {
    var version: StateVersion
    var key: [Value]
    /// nil: the row was deleted.
    var values: [Value]?
    var flags: [String]

    package init(version: StateVersion, key: [Value], values: [Value]?, flags: [String]) {
      self.version = version
      self.key = key
      self.values = values
      self.flags = flags
    }
  }

  private let tables: [VersionedTable]
  private let selectTombstone: String
  private let insertTombstone: String
  private let deleteTombstone: String
  private let insertFlag: String
  private let deleteFlags: String
  private var pending: [Key: State] = [:]

  /// `prefix`: of the tables of tombstones and flags.
  package init(prefix: String, tables: [VersionedTable]) {
    self.tables = tables
    selectTombstone = "SELECT version_major, version_minor FROM \(prefix)_tombstones WHERE entity = ?1 AND id = ?2"
    insertTombstone =
      "INSERT OR REPLACE INTO \(prefix)_tombstones (entity, id, version_major, version_minor) VALUES (?1, ?2, ?3, ?4)"
    deleteTombstone = "DELETE FROM \(prefix)_tombstones WHERE entity = ?1 AND id = ?2"
    insertFlag = "INSERT OR IGNORE INTO \(prefix)_flags (entity, id, code) VALUES (?1, ?2, ?3)"
    deleteFlags = "DELETE FROM \(prefix)_flags WHERE entity = ?1 AND id = ?2"
  }

  /// Rows with a state that is not written yet.
  package var count: Int { pending.count }

  /// Forgets what is not written.
  package mutating func discard() { pending.removeAll(keepingCapacity: true) }

  /// Keeps the state when it is newer than what is pending for its key.
  package mutating func fold(_ key: Key, _ state: State) {
    if let known = pending[key], known.version >= state.version { return }
    pending[key] = state
  }

  /// Writes every state that is newer than what is stored, and forgets it. Throws `SQLiteError`.
  package mutating func flush(into transaction: MartTransaction) throws {
    for (key, state) in pending.sorted(by: { ($0.key.table, $0.key.id) < ($1.key.table, $1.key.id) }) {
      try write(key, state, into: transaction)
    }
    pending.removeAll(keepingCapacity: true)
  }

  private func write(_ key: Key, _ state: State, into transaction: MartTransaction) throws {
    let table = tables[key.table]
    let name: [Value] = [.text(table.entity), .text(key.id)]
    let row = try version(table.selectVersion, state.key, transaction)
    let tombstone = row == nil ? try version(selectTombstone, name, transaction) : nil
    if let stored = row ?? tombstone, stored >= state.version { return }
    if row != nil { try run(deleteFlags, name, transaction) }
    let version: [Value] = [.integer(state.version.storedMajor), .integer(state.version.storedMinor)]
    if let values = state.values {
      try run(table.upsert, state.key + version + values, transaction)
      if tombstone != nil { try run(deleteTombstone, name, transaction) }
      for flag in state.flags { try run(insertFlag, name + [.text(flag)], transaction) }
    } else {
      if row != nil { try run(table.delete, state.key, transaction) }
      try run(insertTombstone, name + version, transaction)
    }
  }

  private func version(_ sql: String, _ values: [Value], _ transaction: MartTransaction) throws -> StateVersion? {
    let statement = try transaction.statement(sql)
    statement.bindAll(values)
    defer { statement.reset() }
    return try statement.step() ? StateVersion(stored: statement.int64(0), statement.int64(1)) : nil
  }

  private func run(_ sql: String, _ values: [Value], _ transaction: MartTransaction) throws {
    let statement = try transaction.statement(sql)
    statement.bindAll(values)
    try statement.run()
  }
}

extension VersionedRows {
  /// The tables that stand beside those of the rows: `PREFIX_flags` and `PREFIX_tombstones`. `rows`: what they are, for
  /// people: "a lead"; `entities`: their names, as in the tables.
  package static func bookkeeping(_ prefix: String, of rows: String, entities: [String]) -> [TableDefinition] {
    let row: [TableDefinition.Column] = [
      .init("entity", "TEXT NOT NULL", entities.map { "\"\($0)\"" }.joined(separator: ", ") + "."),
      .init("id", "TEXT NOT NULL", "Its key; parts joined by a slash."),
    ]
    return [
      TableDefinition(
        "\(prefix)_flags", "Findings that came with the newest state of \(rows).",
        columns: row + [.init("code", "TEXT NOT NULL", "Finding.")], constraints: ["PRIMARY KEY (entity, id, code)"],
        withoutRowID: true, canonicalDump: "SELECT * FROM \(prefix)_flags ORDER BY entity, id, code"),
      TableDefinition(
        "\(prefix)_tombstones", "Versions of deletes, so that an older state that arrives later changes nothing.",
        columns: row + TableDefinition.Column.version, constraints: ["PRIMARY KEY (entity, id)"], withoutRowID: true,
        canonicalDump: "SELECT * FROM \(prefix)_tombstones ORDER BY entity, id"),
    ]
  }
}
