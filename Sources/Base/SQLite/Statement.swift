internal import CSQLite

/// A prepared statement. Belongs to one `Database` and must be used by whoever uses that connection, one at a time.
///
/// Indices of parameters and columns start at 1 and 0, as in SQLite's own interface. Bind, `step` until it answers false
/// (or `run`), then `reset`. `run` and `Database.query` reset by themselves. A value that cannot be bound is an error of the next
/// `step` or `run`.
package final class Statement {
  private let raw: OpaquePointer
  private unowned let database: Database
  package let sql: String
  /// The first value that SQLite did not take since the last run. Neither `reset` nor another value makes up for it.
  private var refusal: SQLiteError?

  init(_ sql: String, in database: Database, handle: OpaquePointer) throws(SQLiteError) {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else {
      throw database.error(code == SQLITE_OK ? SQLITE_MISUSE : code, during: "prepare: \(sql)")
    }
    raw = prepared
    self.database = database
    self.sql = sql
  }

  deinit { sqlite3_finalize(raw) }

  // MARK: Binding

  // A value that SQLite refuses (a statement that was not reset, an index that is not there, a text too large) leaves the old
  // value bound. So the first refusal is kept, and the next `step` or `run` throws it instead of running with that value.
  package func bind(_ index: Int32, _ value: Int64) { check(sqlite3_bind_int64(raw, index, value), at: index) }
  package func bind(_ index: Int32, _ value: Int) { check(sqlite3_bind_int64(raw, index, Int64(value)), at: index) }
  package func bind(_ index: Int32, _ value: Double) { check(sqlite3_bind_double(raw, index, value), at: index) }
  package func bindNull(_ index: Int32) { check(sqlite3_bind_null(raw, index), at: index) }

  package func bind(_ index: Int32, _ value: String) {
    var copy = value
    let code = copy.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // An empty buffer has no address, and SQLite reads an address of nil as NULL.
        characters.baseAddress.map { millrace_sqlite3_bind_text(raw, index, $0, UInt64(characters.count)) }
          ?? millrace_sqlite3_bind_text(raw, index, "", 0)
      }
    }
    check(code, at: index)
  }

  /// Text as its bytes, which need not be UTF-8.
  package func bind(_ index: Int32, text bytes: [UInt8]) {
    let code = bytes.withUnsafeBytes { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        characters.baseAddress.map { millrace_sqlite3_bind_text(raw, index, $0, UInt64(characters.count)) }
          ?? millrace_sqlite3_bind_text(raw, index, "", 0)
      }
    }
    check(code, at: index)
  }

  package func bind(_ index: Int32, _ value: [UInt8]) {
    value.withUnsafeBytes { bind(index, $0) }
  }

  package func bind(_ index: Int32, _ value: UnsafeRawBufferPointer) {
    check(millrace_sqlite3_bind_blob(raw, index, value.baseAddress, UInt64(value.count)), at: index)
  }

  package func bind(_ index: Int32, _ value: Int64?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  package func bind(_ index: Int32, _ value: String?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  package func bind(_ index: Int32, _ value: [UInt8]?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  package func bind(_ index: Int32, value: Value) {
    switch value {
    case .null: bindNull(index)
    case .integer(let integer): bind(index, integer)
    case .real(let real): bind(index, real)
    case .text(let text): bind(index, text)
    case .blob(let bytes): bind(index, bytes)
    }
  }

  package func bindAll(_ values: [Value]) {
    for (offset, value) in values.enumerated() { bind(Int32(offset + 1), value: value) }
  }

  @inline(__always)
  private func check(_ code: Int32, at index: Int32) {
    if code != SQLITE_OK { refuse(code, at: index) }
  }

  @inline(never)
  private func refuse(_ code: Int32, at index: Int32) {
    if refusal == nil { refusal = database.error(code, during: "bind value \(index): \(sql)") }
  }

  // MARK: Running

  /// Moves to the next row. False: the statement is done. Throws, without running, when a value was not taken; after that the
  /// statement stands at its beginning with no values.
  package func step() throws(SQLiteError) -> Bool {
    if let refusal {
      self.refusal = nil
      sqlite3_reset(raw)
      sqlite3_clear_bindings(raw)
      throw refusal
    }
    switch sqlite3_step(raw) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let error = database.error(code, during: sql)
      sqlite3_reset(raw)
      throw error
    }
  }

  package func reset() {
    sqlite3_reset(raw)
  }

  package func clearBindings() {
    sqlite3_clear_bindings(raw)
  }

  /// Steps to the end and resets; for statements without rows.
  package func run() throws(SQLiteError) {
    while try step() {}
    sqlite3_reset(raw)
  }

  // MARK: Columns of the current row

  package var columnCount: Int32 { sqlite3_column_count(raw) }
  package func columnName(_ column: Int32) -> String {
    sqlite3_column_name(raw, column).map { String(cString: $0) } ?? ""
  }
  package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }
  package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }
  package func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(raw, column)) }
  package func double(_ column: Int32) -> Double { sqlite3_column_double(raw, column) }
  package func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

  /// The column as text; invalid UTF-8 is repaired with replacement characters, NUL bytes are kept.
  package func text(_ column: Int32) -> String {
    guard let characters = sqlite3_column_text(raw, column) else { return "" }
    let count = Int(sqlite3_column_bytes(raw, column))
    return String(decoding: UnsafeBufferPointer(start: characters, count: count), as: UTF8.self)
  }

  /// The column as text; nil: it is no UTF-8, and `blob` gives its bytes. For values that are text.
  package func validText(_ column: Int32) -> String? {
    guard let characters = sqlite3_column_text(raw, column) else { return "" }
    let count = Int(sqlite3_column_bytes(raw, column))
    let bytes = UnsafeBufferPointer(start: characters, count: count)
    // Most texts are; a validating decoder takes three times as long.
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80 ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
  }

  package func isText(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_TEXT }

  package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  package func blob(_ column: Int32) -> [UInt8] { withBlob(column) { Array($0) } }

  /// Lends the column's bytes for the length of the call, without a copy.
  package func withBlob<R, E: Error>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    let start = sqlite3_column_blob(raw, column)
    let count = Int(sqlite3_column_bytes(raw, column))
    return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  package func value(_ column: Int32) -> Value {
    switch sqlite3_column_type(raw, column) {
    case SQLITE_INTEGER: .integer(int64(column))
    case SQLITE_FLOAT: .real(double(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .blob(blob(column))
    default: .null
    }
  }
}
