package import Entity
package import Marts
package import SQLite

/// A table whose rows are replaced by newer states of the same row.
package struct VersionedTable: Sendable {
  /// As in the tombstones and flags.
  let entity: String
  let selectVersion: String
  let upsert: String
  let delete: String

  /// `number` is the column of `table` with the rows' numbers, `values` are others, in the order in which states give
  /// their values (`TableDefinition.ofRows`).
  package init(entity: String, table: String, number: String, values: [String]) {
    self.entity = entity
    let columns = [number, "version_major", "version_minor"] + values
    let places = columns.indices.map { "?\($0 + 1)" }
    let changes = columns.dropFirst().map { "\($0) = excluded.\($0)" }
    selectVersion = "SELECT version_major, version_minor FROM \(table) WHERE \(number) = ?1"
    upsert =
      "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places.joined(separator: ", "))) "
      + "ON CONFLICT (\(number)) DO UPDATE SET \(changes.joined(separator: ", "))"
    delete = "DELETE FROM \(table) WHERE \(number) = ?1"
  }
}

/// A value of a row's state.
package enum RowValue: Sendable {
  case value(Value)
  /// Another row of the same system, which need not have arrived; stored as its number.
  case row(RowKey<PersonToken>)

  /// NULL where there is none.
  package static func integer(_ value: Int64?) -> RowValue { .value(.optional(value)) }
  /// NULL where there is none.
  package static func text(_ value: String?) -> RowValue { .value(.optional(value)) }
  /// NULL where there is none.
  package static func token(_ token: Token?) -> RowValue { .value(token.map { .blob($0.bytes) } ?? .null) }
}

/// Newest states of rows, folded in memory, then written. For tables that change slowly; every statement is per row.
///
/// Beside the tables stand `PREFIX_tombstones` (versions of deletes) and `PREFIX_flags` (findings of the newest state).
package struct VersionedRows {
  /// Names one row.
  package struct Key: Hashable {
    /// Index into the tables.
    var table: Int
    var name: RowName

    package init(table: Int, name: RowName) {
      self.table = table
      self.name = name
    }
  }

  /// One state of a row.
  package struct State {
    var version: StateVersion
    /// nil: the row was deleted. That is all that a delete has to say; its key is enough.
    var values: [RowValue]?
    var flags: [String]

    package init(version: StateVersion, values: [RowValue]?, flags: [String]) {
      self.version = version
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
    let row = "entity = ?1 AND number = ?2"
    selectTombstone = "SELECT version_major, version_minor FROM \(prefix)_tombstones WHERE \(row)"
    insertTombstone =
      "INSERT OR REPLACE INTO \(prefix)_tombstones (entity, number, version_major, version_minor) "
      + "VALUES (?1, ?2, ?3, ?4)"
    deleteTombstone = "DELETE FROM \(prefix)_tombstones WHERE \(row)"
    insertFlag = "INSERT OR IGNORE INTO \(prefix)_flags (entity, number, code) VALUES (?1, ?2, ?3)"
    deleteFlags = "DELETE FROM \(prefix)_flags WHERE \(row)"
  }

  /// Rows with a state that is not written yet.
  package var count: Int { pending.count }

  /// Forgets what is not written.
  package mutating func discard() { pending.removeAll(keepingCapacity: true) }

  /// Keeps the state when it is newer than what is pending for its row.
  package mutating func fold(_ key: Key, _ state: State) {
    if let known = pending[key], known.version >= state.version { return }
    pending[key] = state
  }

  /// Writes every state that is newer than what is stored, and forgets it. Throws `SQLiteError`, and what `RowNumbers`
  /// throws.
  package mutating func flush(into transaction: MartTransaction) throws {
    if pending.isEmpty { return }
    let numbers = try RowNumbers(transaction)
    for row in try numbered(numbers) {
      let (key, state) = pending[row.index]
      try write(tables[key.table], row.number, state, numbers, into: transaction)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// A row that waits, where its table and its number are known.
  private struct Numbered {
    var table: Int
    var number: Int64
    var index: Dictionary<Key, State>.Index
  }

  /// What waits in the order of the tables and their keys. What gets a number here gets the same one whatever order the
  /// dictionary has.
  private func numbered(_ numbers: RowNumbers) throws -> [Numbered] {
    try numbers.know(Set(pending.keys.lazy.map(\.name.system)))
    var rows: [Numbered] = []
    rows.reserveCapacity(pending.count)
    var others: [(index: Dictionary<Key, State>.Index, name: RowName, bytes: [UInt8])] = []
    for index in pending.indices {
      let key = pending[index].key
      if let integer = key.name.key.integer, RowNumbers.isPlain(integer) {
        rows.append(Numbered(table: key.table, number: try numbers.number(of: key.name), index: index))
      } else {
        others.append((index, key.name, key.name.key.canonicalBytes))
      }
    }
    // Each system counts its own, so systems need no order here; canonical bytes are in that of the keys.
    others.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    for row in others {
      let number = try numbers.number(of: row.name)
      rows.append(Numbered(table: pending[row.index].key.table, number: number, index: row.index))
    }
    rows.sort { ($0.table, $0.number) < ($1.table, $1.number) }
    return rows
  }

  private func write(
    _ table: VersionedTable, _ number: Int64, _ state: State, _ numbers: RowNumbers, into transaction: MartTransaction
  ) throws {
    let row: [Value] = [.integer(number)]
    let name: [Value] = [.text(table.entity), .integer(number)]
    let known = try version(table.selectVersion, row, transaction)
    let tombstone = known == nil ? try version(selectTombstone, name, transaction) : nil
    if let stored = known ?? tombstone, stored >= state.version { return }
    if known != nil { try run(deleteFlags, name, transaction) }
    let version: [Value] = [.integer(state.version.storedMajor), .integer(state.version.storedMinor)]
    if let values = state.values {
      let stored = try values.map { value throws -> Value in
        switch value {
        case .value(let value): value
        case .row(let key): .integer(try numbers.number(of: key, besides: number))
        }
      }
      try run(table.upsert, row + version + stored, transaction)
      if tombstone != nil { try run(deleteTombstone, name, transaction) }
      for flag in state.flags { try run(insertFlag, name + [.text(flag)], transaction) }
    } else {
      if known != nil { try run(table.delete, row, transaction) }
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
  /// The tables that stand beside those of the rows: `PREFIX_flags`, `PREFIX_tombstones`, and those of `RowNumbers`.
  /// `rows`: what they are, for people: "a lead"; `entities`: their names, as in the tables.
  package static func bookkeeping(_ prefix: String, of rows: String, entities: [String]) -> [TableDefinition] {
    let row: [TableDefinition.Column] = [
      .init("entity", "TEXT NOT NULL", named(entities)),
      .init("number", "INTEGER NOT NULL", "Number of the row, see row_keys."),
    ]
    return [
      TableDefinition(
        "\(prefix)_flags", "Findings that came with the newest state of \(rows).",
        columns: row + [.init("code", "TEXT NOT NULL", "Finding.")],
        constraints: ["PRIMARY KEY (entity, number, code)"], withoutRowID: true, canonicalDump: ""
      ).dumpingRows(["t.entity"], number: "number", ["t.code"]),
      TableDefinition(
        "\(prefix)_tombstones", "Versions of deletes, so that an older state that arrives later changes nothing.",
        columns: row + TableDefinition.Column.version, constraints: ["PRIMARY KEY (entity, number)"],
        withoutRowID: true, canonicalDump: ""
      ).dumpingRows(["t.entity"], number: "number", ["t.version_major", "t.version_minor"]),
    ] + RowNumbers.tables
  }
}
