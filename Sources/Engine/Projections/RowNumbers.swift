package import Entity
package import Marts
internal import SQLite

/// The numbers under which a mart keeps rows: small integers for its tables' keys and joins, which never leave the mart
/// and decide nothing.
///
/// A key that is one integer from 0 to 2^48 − 1 has the number `system << 48 | key`, so in a mart of one system it is
/// its own number and no table is asked. Every other key has a negative number from the table `row_keys`, with the
/// system in the same bits. Which numbers systems and such keys get depends on the order of arrival: nothing may be
/// ordered, tied or hashed by them (`SQLText.order(by:)`, `keyHash(of:)`).
///
/// One for each flush: it remembers what it has looked up in the transaction, and a transaction may fail.
package final class RowNumbers {
  private let transaction: MartTransaction
  /// Shifted to its place in a number, by the bytes of its name.
  private var systems: [[UInt8]: Int64] = [:]
  private var last: (name: String, system: Int64)?
  private var tabled: [TabledKey: Int64] = [:]
  /// The next number from the table, by system.
  private var next: [Int64: Int64] = [:]
  private var hashes: [Int64: UInt64] = [:]

  private struct TabledKey: Hashable {
    var system: Int64
    var bytes: [UInt8]
  }

  /// Reads the systems that the mart knows. Throws `SQLiteError`.
  package init(_ transaction: MartTransaction) throws {
    self.transaction = transaction
    try transaction.database.query("SELECT number, name FROM systems") { row in
      systems[Array(row.text(1).utf8)] = row.int64(0) << RowNumbers.keyBits
    }
  }

  // MARK: Numbers of rows

  /// The row's number, a new one where it has none. Throws `SQLiteError`, and `TooManySystems`.
  package func number(of name: RowName) throws -> Int64 {
    if let last, RowName.isSame(last.name, name.system) { return try number(of: name.key, in: last.system) }
    let system = try system(named: name.system)
    last = (name.system, system)
    return try number(of: name.key, in: system)
  }

  /// The number of a row that another row of the same system, the one with number `row`, refers to. Throws
  /// `SQLiteError`.
  package func number(of key: RowKey<PersonToken>, besides row: Int64) throws -> Int64 {
    try number(of: key, in: row & RowNumbers.systemMask)
  }

  /// Gives systems their numbers in the order of their names, where they have none yet: so the same events give the
  /// same numbers, whatever order a dictionary has them in.
  package func know(_ names: Set<String>) throws {
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { _ = try system(named: name) }
  }

  @inline(__always)
  private func number(of key: RowKey<PersonToken>, in system: Int64) throws -> Int64 {
    if let integer = key.integer, RowNumbers.isPlain(integer) { return system | integer }
    return try tabledNumber(of: key, in: system)
  }

  private func tabledNumber(of key: RowKey<PersonToken>, in system: Int64) throws -> Int64 {
    let entry = TabledKey(system: system, bytes: key.canonicalBytes)
    if let known = tabled[entry] { return known }
    let stored = try transaction.statement("SELECT number FROM row_keys WHERE system = ?1 AND key = ?2")
    stored.bind(1, system >> RowNumbers.keyBits)
    stored.bind(2, entry.bytes)
    var number = try stored.step() ? stored.int64(0) : nil
    stored.reset()
    if number == nil { number = try insert(key, entry) }
    tabled[entry] = number
    return number ?? 0
  }

  private func insert(_ key: RowKey<PersonToken>, _ entry: TabledKey) throws -> Int64 {
    let first = Int64.min | entry.system
    let number =
      try next[entry.system] ?? transaction.database.integer(
        "SELECT number + 1 FROM row_keys WHERE number BETWEEN ?1 AND ?2 ORDER BY number DESC LIMIT 1",
        [.integer(first), .integer(first | RowNumbers.keyMask)]) ?? first
    var leading: Int64?
    if case .integer(let integer) = key.first { leading = integer }
    let statement = try transaction.statement(
      "INSERT INTO row_keys (number, system, key, leading, text) VALUES (?1, ?2, ?3, ?4, ?5)")
    statement.bind(1, number)
    statement.bind(2, entry.system >> RowNumbers.keyBits)
    statement.bind(3, entry.bytes)
    statement.bind(4, leading)
    statement.bind(5, key.text)
    try statement.run()
    next[entry.system] = number + 1
    return number
  }

  private func system(named name: String) throws -> Int64 {
    let bytes = Array(name.utf8)
    if let known = systems[bytes] { return known }
    guard systems.count <= RowNumbers.lastSystem else { throw TooManySystems() }
    let number = Int64(systems.count)
    try transaction.database.run(
      "INSERT INTO systems (number, name) VALUES (?1, ?2)", [.integer(number), .text(name)])
    systems[bytes] = number << RowNumbers.keyBits
    return number << RowNumbers.keyBits
  }

  // MARK: Hashes of rows

  /// Of a row's key, the same in every generation. Throws `SQLiteError`.
  package func keyHash(of number: Int64) throws -> UInt64 {
    // Below 2^48: no hash of a key from the table is so small.
    if number >= 0 { return UInt64(number & RowNumbers.keyMask) }
    if let known = hashes[number] { return known }
    let statement = try transaction.statement("SELECT key FROM row_keys WHERE number = ?1")
    statement.bind(1, number)
    defer { statement.reset() }
    var hash: UInt64 = 0
    if try statement.step() { statement.withBlob(0) { hash = StableHash.of($0.bindMemory(to: UInt8.self)) | 1 << 63 } }
    hashes[number] = hash
    return hash
  }

  /// Of the name of a row's system, the same in every generation.
  package func systemHash(of number: Int64) -> UInt64 {
    let system = number & RowNumbers.systemMask
    guard let name = systems.first(where: { $0.value == system })?.key else { return 0 }
    return name.withUnsafeBufferPointer { StableHash.of($0) }
  }

  // MARK: Parts of a number

  static var keyBits: Int64 { 48 }
  static var keyMask: Int64 { 1 << 48 - 1 }

  /// Whether a key that is this one integer needs no table: then its row's number is that of the row with the key 0,
  /// and the integer in the low 48 bits.
  package static func isPlain(_ key: Int64) -> Bool { key >= 0 && key <= keyMask }

  static var lastSystem: Int64 { 32_767 }
  private static var systemMask: Int64 { lastSystem << keyBits }

  /// The number of a row whose key is one plain integer. `system`: its number as in `systems`.
  package static func number(of key: Int64, in system: Int64) -> Int64 { system << keyBits | key }

  /// The system's number as in `systems`, and the key where it needs no table.
  package static func parts(of number: Int64) -> (system: Int64, integer: Int64?) {
    ((number & systemMask) >> keyBits, number >= 0 ? number & keyMask : nil)
  }

  /// The smallest and the largest number that a row of the same system and kind can have: from the table or not.
  package static func range(of number: Int64) -> ClosedRange<Int64> {
    let first = number & ~keyMask
    return first...(first | keyMask)
  }

  /// More systems than numbers have room for, which no configuration has: somebody invents names.
  package struct TooManySystems: Error {}
}

extension RowNumbers {
  /// The tables behind the numbers. They belong to every mart that keeps rows, and stand once however many projections
  /// name them. Neither is in a dump: what they hold beyond keys depends on the order of arrival.
  package static let tables = [
    TableDefinition(
      "systems", "Systems that rows of this mart belong to.",
      columns: [
        .init("number", "INTEGER NOT NULL", "From 0; bits 48 to 62 of the numbers of its rows."),
        .init("name", "TEXT NOT NULL UNIQUE", "Name of the source."),
      ], constraints: ["PRIMARY KEY (number)"], canonicalDump: ""),
    TableDefinition(
      "row_keys",
      "Keys of rows that are no integer from 0 to 2^48 − 1. One that is has the number of its system × 2^48 + the integer.",
      columns: [
        .init("number", "INTEGER NOT NULL", "Below 0; of this mart alone, in the order of arrival."),
        .init("system", "INTEGER NOT NULL", "As in systems."),
        .init(
          "key", "BLOB NOT NULL", "Canonical bytes of the key; compared byte by byte they are in the order of keys."),
        .init("leading", "INTEGER", "The key's first part, where that is an integer; NULL: it is none."),
        .init("text", "TEXT NOT NULL", "The key for people: 'it''s', -5, (1,'a'), token:0123…"),
      ], constraints: ["PRIMARY KEY (number)", "UNIQUE (system, key)"],
      references: [.init("system", to: "systems")], canonicalDump: ""),
  ]
}
