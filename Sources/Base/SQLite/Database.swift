internal import CSQLite

/// A connection to one SQLite file.
///
/// Calls block. A connection is used by one thread at a time, whichever: the cache of statements, a statement's values and
/// rows, and a transaction belong to whoever is at it, and owners see to that by a lock or by keeping it to one thread.
/// What SQLite itself does for several threads at once: `Sharing`.
///
/// Unchecked: `statements` is the one variable, and it is touched by that one thread only.
///
/// Debian 12's SQLite 3.40.1 has the WAL-reset bug (https://www.sqlite.org/wal.html#walresetbug): of all connections to a
/// WAL file only one may ever checkpoint. So automatic checkpoints are off in every connection, closing never checkpoints,
/// and `checkpoint()` is called by the one owner of the file alone.
package final class Database: @unchecked Sendable {
  package enum Mode: Sendable {
    /// Reads only; never writes, never checkpoints.
    case readOnly
    case readWrite
    case readWriteCreate
  }

  /// What SQLite does in case two threads use the connection at once, which owners keep them from.
  package enum Sharing: Sendable {
    /// A lock around each of its calls, so that an owner's mistake damages none of SQLite's memory.
    case anyThread
    /// Nothing. Saves SQLite's locks, one for each value bound and each
    /// column read: 4 to 6 % of a rebuild, together with those of the memory count below.
    case oneThreadAtATime
  }

  /// How much a commit waits for the disk (https://www.sqlite.org/pragma.html#pragma_synchronous).
  package enum Synchronous: String, Sendable {
    case off = "OFF"
    case normal = "NORMAL"
    case full = "FULL"
  }

  package let path: String
  private let mode: Mode
  private let raw: OpaquePointer
  private var statements: [String: Statement] = [:]

  // SQLite counts its memory under one lock for the whole process, and Debian's build asks for memory at every small step
  // (no lookaside): marts that are built side by side would wait for each other there. Nobody reads the count.
  private static let isPrepared = millrace_sqlite3_no_memory_statistics() == SQLITE_OK

  package init(_ path: String, _ mode: Mode, sharing: Sharing = .anyThread) throws(SQLiteError) {
    _ = Database.isPrepared
    var handle: OpaquePointer?
    let flags =
      switch mode {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let locking = sharing == .anyThread ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &handle, flags | locking, nil)
    guard code == SQLITE_OK, let handle else {
      let extended = handle.map { sqlite3_extended_errcode($0) } ?? code
      sqlite3_close_v2(handle)
      throw SQLiteError(
        code: code, extendedCode: extended, operation: "open \(path)", message: String(cString: sqlite3_errstr(code)))
    }
    raw = handle
    self.path = path
    self.mode = mode
    sqlite3_extended_result_codes(handle, 0)
    sqlite3_busy_timeout(handle, SQLiteLimits.busyTimeoutMilliseconds)
    _ = millrace_sqlite3_defensive(handle)
    _ = millrace_sqlite3_no_checkpoint_on_close(handle)
    sqlite3_wal_autocheckpoint(handle, 0)
    try execute("PRAGMA trusted_schema=0; PRAGMA cell_size_check=1; PRAGMA mmap_size=0; PRAGMA foreign_keys=1")
    if mode == .readOnly { try execute("PRAGMA query_only=1") }
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(raw)
  }

  /// Whether the library in use has the WAL-reset bug.
  package static var hasWALResetBug: Bool { hasWALResetBug(version: sqlite3_libversion_number()) }

  /// Of a version as the number that SQLite gives (3.40.1 is 3_040_001). Mended in 3.51.3, and upstream in 3.50.7 and 3.44.6.
  package static func hasWALResetBug(version: Int32) -> Bool {
    switch version {
    case 3_051_003..., 3_050_007..<3_051_000, 3_044_006..<3_045_000: false
    default: true
    }
  }

  // MARK: Statements

  /// Runs one or more statements that return no rows. Text from outside must never be part of `sql`.
  package func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(raw, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, during: sql) }
  }

  /// A prepared statement from this connection's cache. Do not use the same text twice at once.
  package func statement(_ sql: String) throws(SQLiteError) -> Statement {
    if let cached = statements[sql] {
      cached.reset()
      return cached
    }
    if statements.count >= SQLiteLimits.cachedStatements { statements.removeAll(keepingCapacity: true) }
    let made = try Statement(sql, in: self, handle: raw)
    statements[sql] = made
    return made
  }

  /// A prepared statement of the caller's own, outside the cache.
  package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    try Statement(sql, in: self, handle: raw)
  }

  /// Runs a statement without rows.
  package func run(_ sql: String, _ values: [Value] = []) throws(SQLiteError) {
    let statement = try statement(sql)
    statement.bindAll(values)
    try statement.run()
  }

  /// Calls `row` for every row. The statement is only valid inside the call.
  package func query(_ sql: String, _ values: [Value] = [], _ row: (Statement) throws -> Void) throws {
    // An own statement, not a cached one: `row` may run the same text again.
    let statement = try prepare(sql)
    statement.bindAll(values)
    while try statement.step() { try row(statement) }
  }

  package func rows<R>(_ sql: String, _ values: [Value] = [], _ make: (Statement) throws -> R) throws -> [R] {
    var result: [R] = []
    try query(sql, values) { result.append(try make($0)) }
    return result
  }

  package func first<R>(_ sql: String, _ values: [Value] = [], _ make: (Statement) throws -> R) throws -> R? {
    let statement = try prepare(sql)
    statement.bindAll(values)
    return try statement.step() ? try make(statement) : nil
  }

  /// First column of the first row, or nil when there is no row or it is NULL.
  package func integer(_ sql: String, _ values: [Value] = []) throws -> Int64? {
    try first(sql, values) { $0.optionalInt64(0) } ?? nil
  }

  package func string(_ sql: String, _ values: [Value] = []) throws -> String? {
    try first(sql, values) { $0.optionalText(0) } ?? nil
  }

  /// Rows changed by the last INSERT, UPDATE or DELETE.
  package var changes: Int { Int(sqlite3_changes64(raw)) }
  package var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(raw) }

  // MARK: Transactions

  /// Lends a write transaction (`BEGIN IMMEDIATE`): committed when `body` returns, rolled back when it throws.
  package func write<R>(_ body: () throws -> R) throws -> R {
    try execute("BEGIN IMMEDIATE")
    return try finishing(body)
  }

  /// Lends a read transaction: everything read inside is one snapshot.
  package func read<R>(_ body: () throws -> R) throws -> R {
    try execute("BEGIN DEFERRED")
    return try finishing(body)
  }

  private func finishing<R>(_ body: () throws -> R) throws -> R {
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // ROLLBACK fails only where SQLite has rolled back by itself already (disk full, I/O error).
      try? execute("ROLLBACK")
      throw error
    }
  }

  // MARK: The file

  /// Sets WAL mode and how commits sync. Call on the writer, before anything else.
  package func useWriteAheadLog(_ synchronous: Synchronous) throws {
    guard try string("PRAGMA journal_mode=WAL") == "wal" else {
      throw SQLiteError(
        code: SQLITE_CANTOPEN, extendedCode: SQLITE_CANTOPEN, operation: "journal_mode=WAL on \(path)",
        message: "the file system does not support write-ahead logging")
    }
    try execute("PRAGMA synchronous=\(synchronous.rawValue)")
  }

  /// Moves the write-ahead log into the database file and empties it. Only the one owner of the file may call this.
  /// Returns false where readers kept it from finishing; that is no error, a later call goes on.
  @discardableResult
  package func checkpoint() throws(SQLiteError) -> Bool {
    switch sqlite3_wal_checkpoint_v2(raw, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) {
    case SQLITE_OK: return true
    case SQLITE_BUSY, SQLITE_LOCKED: return false
    case let code: throw error(code, during: "checkpoint")
    }
  }

  /// Moves what it can of the write-ahead log without waiting for readers. Same rule as `checkpoint()`.
  package func checkpointPassively() throws(SQLiteError) {
    let code = sqlite3_wal_checkpoint_v2(raw, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    guard code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED else {
      throw error(code, during: "checkpoint")
    }
  }

  /// Copies the whole database, as one snapshot, into a new file (`VACUUM INTO`); the target must not exist. A read-only
  /// connection can do this too. Other calls on this connection must wait meanwhile.
  package func copy(to target: String) throws(SQLiteError) {
    // The guard against writing takes the new file for a write; the connection itself stays read-only.
    if mode == .readOnly { try execute("PRAGMA query_only=0") }
    defer { if mode == .readOnly { try? execute("PRAGMA query_only=1") } }
    let statement = try prepare("VACUUM INTO ?1")
    statement.bind(1, target)
    try statement.run()
  }

  package var userVersion: Int64 {
    get throws { try integer("PRAGMA user_version") ?? 0 }
  }

  package func setUserVersion(_ version: Int32) throws(SQLiteError) { try execute("PRAGMA user_version=\(version)") }

  package var applicationID: Int64 {
    get throws { try integer("PRAGMA application_id") ?? 0 }
  }

  package func setApplicationID(_ id: Int32) throws(SQLiteError) { try execute("PRAGMA application_id=\(id)") }

  func error(_ code: Int32, during operation: String) -> SQLiteError {
    SQLiteError(
      code: code & 0xff, extendedCode: sqlite3_extended_errcode(raw), operation: operation,
      message: String(cString: sqlite3_errmsg(raw)))
  }
}
