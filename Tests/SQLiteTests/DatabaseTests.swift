import Files
import Foundation
import SQLite
import TestSupport
import Testing

@Suite("A connection to SQLite", .temporaryFolder)
struct DatabaseTests {
  private var path: String { TemporaryFolder.path + "/test.sqlite" }

  private func filled() throws -> Database {
    let database = try Database(path, .readWriteCreate)
    try database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x ANY) STRICT")
    return database
  }

  @Test("every kind of value comes back as it went in")
  func values() throws {
    let database = try filled()
    let values: [Value] = [
      .null, .integer(0), .integer(Int64.min), .integer(Int64.max), .real(1.5), .real(-.infinity), .text(""),
      .text("é\0x🙂"),
      .blob([]), .blob([0, 255, 0]),
    ]
    for value in values { try database.run("INSERT INTO t (x) VALUES (?1)", [value]) }
    #expect(try database.rows("SELECT x FROM t ORDER BY id") { $0.value(0) } == values)
  }

  @Test("typed binding and reading agree, empty values included")
  func typed() throws {
    let database = try filled()
    let statement = try database.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8")
    statement.bind(1, Int64(-5))
    statement.bind(2, 2.5)
    statement.bind(3, "")
    statement.bind(4, [UInt8]())
    statement.bind(5, nil as Int64?)
    statement.bind(6, nil as String?)
    statement.bind(7, nil as [UInt8]?)
    statement.bind(8, "text" as String?)
    #expect(try statement.step())
    #expect(statement.columnCount == 8)
    #expect(statement.int64(0) == -5)
    #expect(statement.int(0) == -5)
    #expect(statement.double(1) == 2.5)
    #expect(!statement.isNull(2) && statement.text(2) == "")
    #expect(!statement.isNull(3) && statement.blob(3) == [])
    #expect(statement.isNull(4) && statement.optionalInt64(4) == nil)
    #expect(statement.isNull(5) && statement.optionalText(5) == nil)
    #expect(statement.isNull(6) && statement.blob(6) == [])
    #expect(statement.optionalText(7) == "text")
    #expect(try !statement.step())
  }

  @Test("text that is not UTF-8 is repaired, never a trap")
  func invalidText() throws {
    let database = try filled()
    #expect(try database.string("SELECT CAST(x'41ff42' AS TEXT)") == "A\u{fffd}B")
  }

  @Test("a bound value is never part of the statement")
  func injection() throws {
    let database = try filled()
    let nasty = "'); DROP TABLE t; --"
    try database.run("INSERT INTO t (x) VALUES (?1)", [.text(nasty)])
    #expect(try database.string("SELECT x FROM t") == nasty)
  }

  @Test("first, integer and string tell no row and NULL from a value")
  func firstRow() throws {
    let database = try filled()
    #expect(try database.integer("SELECT x FROM t") == nil)
    try database.run("INSERT INTO t (x) VALUES (NULL)")
    #expect(try database.integer("SELECT x FROM t") == nil)
    #expect(try database.string("SELECT x FROM t") == nil)
    #expect(try database.first("SELECT x FROM t") { $0.isNull(0) } == true)
    #expect(try database.integer("SELECT count(*) FROM t") == 1)
  }

  @Test("a cached statement begins anew, and a query may run its own text inside")
  func statements() throws {
    let database = try filled()
    for number in 1...3 { try database.run("INSERT INTO t (x) VALUES (?1)", [.integer(Int64(number))]) }
    let sql = "SELECT x FROM t ORDER BY x"
    let first = try database.statement(sql)
    #expect(try first.step())
    let again = try database.statement(sql)
    #expect(first === again)
    #expect(try again.step() && again.int64(0) == 1)
    again.reset()
    var pairs = 0
    try database.query(sql) { _ in try database.query(sql) { _ in pairs += 1 } }
    #expect(pairs == 9)
  }

  /// Goal: no statement ever runs with a value of the run before. Method: bind while rows are still to come, which SQLite
  /// refuses, and demand that the next step says so, that a reset in between hides nothing, and that the statement then works.
  @Test("a value bound to a statement that was not reset is an error of the next step, and the old value is not used")
  func refusedValue() throws {
    let database = try filled()
    let insert = try database.prepare("INSERT INTO t (x) SELECT ?1 UNION ALL SELECT 0 RETURNING x")
    insert.bind(1, "old")
    #expect(try insert.step())
    insert.bind(1, "new")
    let error = #expect(throws: SQLiteError.self) { try insert.step() }
    #expect(error?.operation.hasPrefix("bind value 1: INSERT") == true)
    #expect(error?.description.contains("new") == false)

    insert.bind(1, 7)
    #expect(try insert.step())
    insert.bind(1, 8)
    insert.reset()
    #expect(throws: SQLiteError.self) { try insert.run() }
    insert.bind(1, 9)
    try insert.run()
    #expect(try database.integer("SELECT count(*) FROM t WHERE x = 9") == 1)
    #expect(try database.integer("SELECT count(*) FROM t WHERE x = 8") == 0)
  }

  @Test("a value for a parameter that the statement does not have is an error, of each type")
  func noSuchParameter() throws {
    let database = try filled()
    let values: [Value] = [.null, .integer(1), .real(1), .text("x"), .text(""), .blob([1]), .blob([])]
    for value in values {
      #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t (x) VALUES (?1)", [1, value]) }
      #expect(throws: SQLiteError.self) { try database.integer("SELECT ?1", [1, value]) }
    }
    #expect(try database.integer("SELECT count(*) FROM t") == 0)
  }

  @Test("the cache of statements does not grow without end")
  func cacheLimit() throws {
    let database = try filled()
    for number in 0..<3 * SQLiteLimits.cachedStatements { try database.run("SELECT \(number)") }
    #expect(try database.integer("SELECT 1") == 1)
  }

  @Test("changes and the last row's id are those of the last statement")
  func changes() throws {
    let database = try filled()
    for _ in 0..<3 { try database.run("INSERT INTO t (x) VALUES (1)") }
    #expect(database.lastInsertRowID == 3)
    try database.run("UPDATE t SET x = 2 WHERE id > 1")
    #expect(database.changes == 2)
  }

  @Test("a transaction is kept when its body returns, and undone when it throws")
  func transactions() throws {
    struct Stop: Error {}
    let database = try filled()
    #expect(
      try database.write {
        try database.run("INSERT INTO t (x) VALUES (1)")
        return 7
      } == 7)
    #expect(throws: Stop.self) {
      try database.write {
        try database.run("INSERT INTO t (x) VALUES (2)")
        throw Stop()
      }
    }
    #expect(try database.integer("SELECT count(*) FROM t") == 1)
    // The connection is free again.
    try database.write { try database.run("INSERT INTO t (x) VALUES (3)") }
    #expect(try database.integer("SELECT count(*) FROM t") == 2)
  }

  @Test("a read transaction sees one snapshot while another connection writes")
  func snapshot() throws {
    let writer = try filled()
    try writer.useWriteAheadLog(.normal)
    let reader = try Database(path, .readOnly)
    try reader.read {
      #expect(try reader.integer("SELECT count(*) FROM t") == 0)
      try writer.run("INSERT INTO t (x) VALUES (1)")
      #expect(try reader.integer("SELECT count(*) FROM t") == 0)
    }
    #expect(try reader.integer("SELECT count(*) FROM t") == 1)
  }

  @Test("a read-only connection cannot write, and does not make a file")
  func readOnly() throws {
    _ = try filled()
    let reader = try Database(path, .readOnly)
    for sql in ["INSERT INTO t (x) VALUES (1)", "DROP TABLE t", "PRAGMA user_version=5", "CREATE TEMP TABLE s (x)"] {
      _ = try? reader.execute(sql)
    }
    #expect(try reader.integer("SELECT count(*) FROM t") == 0)
    #expect(try reader.userVersion == 0)
    let error = #expect(throws: SQLiteError.self) { try reader.run("INSERT INTO t (x) VALUES (1)") }
    #expect(error?.isAccess == true)
    let absent = #expect(throws: SQLiteError.self) { _ = try Database(path + "-none", .readOnly) }
    #expect(absent?.isAccess == true)
    #expect(!Files.exists(path + "-none"))
  }

  /// A mart's reader makes snapshots for people; the guard against writing once refused it.
  @Test("a read-only connection can copy the database, and stays read-only")
  func copies() throws {
    let writer = try filled()
    try writer.useWriteAheadLog(.normal)
    try writer.run("INSERT INTO t (x) VALUES ('kept')")
    let reader = try Database(path, .readOnly)
    let copy = TemporaryFolder.path + "/it's a copy.sqlite"
    try reader.copy(to: copy)
    #expect(try Database(copy, .readOnly).string("SELECT x FROM t") == "kept")
    #expect(throws: SQLiteError.self) { try reader.copy(to: copy) }
    #expect(throws: SQLiteError.self) { try reader.run("DELETE FROM t") }
    try writer.copy(to: copy + "2")
    #expect(try Database(copy + "2", .readOnly).integer("SELECT count(*) FROM t") == 1)
  }

  @Test("versions and ids are kept in the file")
  func headers() throws {
    let database = try filled()
    try database.setUserVersion(7)
    try database.setApplicationID(0x1234)
    let other = try Database(path, .readOnly)
    #expect(try other.userVersion == 7)
    #expect(try other.applicationID == 0x1234)
  }
}

@Suite("Who checkpoints, and what errors say", .temporaryFolder)
struct DatabaseSafetyTests {
  private var path: String { TemporaryFolder.path + "/test.sqlite" }

  private func walBytes() throws -> UInt64 { try Files.status(path + "-wal").size }

  /// Goal: only the owner's explicit call moves the write-ahead log, whatever grows, closes or reads. SQLite 3.40's
  /// WAL-reset bug makes any other checkpoint a danger.
  @Test("nothing but an explicit call ever checkpoints")
  func checkpoints() throws {
    var writer: Database? = try Database(path, .readWriteCreate)
    try writer?.useWriteAheadLog(.off)
    try writer?.execute("CREATE TABLE t (x)")
    let size = try Files.status(path).size
    // SQLite's own threshold is 1,000 pages.
    for _ in 0..<1_500 { try writer?.run("INSERT INTO t VALUES (zeroblob(8000))") }
    let grown = try walBytes()
    #expect(grown > 10_000_000)
    var reader: Database? = try Database(path, .readOnly)
    #expect(try reader?.integer("SELECT count(*) FROM t") == 1_500)
    writer = nil
    reader = nil
    #expect(try walBytes() == grown)
    #expect(try Files.status(path).size == size)

    let owner = try Database(path, .readWrite)
    #expect(try owner.integer("SELECT count(*) FROM t") == 1_500)
    try owner.checkpointPassively()
    #expect(try Files.status(path).size > 10_000_000)
    #expect(try owner.checkpoint())
    #expect(try walBytes() == 0)
  }

  @Test("a writer that is the last to close does not checkpoint either") func lastToClose() throws {
    var writer: Database? = try Database(path, .readWriteCreate)
    try writer?.useWriteAheadLog(.off)
    try writer?.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    let grown = try walBytes()
    #expect(grown > 0)
    writer = nil
    #expect(try walBytes() == grown)
  }

  @Test("a passive checkpoint does not wait for readers")
  func passive() throws {
    let writer = try Database(path, .readWriteCreate)
    try writer.useWriteAheadLog(.off)
    try writer.execute("CREATE TABLE t (x)")
    let reader = try Database(path, .readOnly)
    try reader.read {
      #expect(try reader.integer("SELECT count(*) FROM t") == 0)
      try writer.run("INSERT INTO t VALUES (1)")
      let clock = ContinuousClock()
      let took = try clock.measure { try writer.checkpointPassively() }
      #expect(took < .seconds(4))
    }
    #expect(try writer.checkpoint())
  }

  @Test("two connections' writes wait for each other instead of failing")
  func busy() async throws {
    let path = path
    let first = try Database(path, .readWriteCreate)
    try first.useWriteAheadLog(.off)
    try first.execute("CREATE TABLE t (x)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread {
              continuation.resume(
                with: Result {
                  let database = try Database(path, .readWrite)
                  for number in 0..<200 {
                    try database.write { try database.run("INSERT INTO t VALUES (?1)", [.integer(Int64(number))]) }
                  }
                })
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try first.integer("SELECT count(*) FROM t") == 400)
  }

  @Test("an error names the statement and a way out, never a bound value")
  func errors() throws {
    let database = try Database(path, .readWriteCreate)
    try database.execute("CREATE TABLE t (x UNIQUE, CHECK (x <> 'bad'))")
    try database.run("INSERT INTO t VALUES (?1)", [.text("jane@example.org")])
    let constraint = try #require(
      #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t VALUES (?1)", [.text("jane@example.org")]) })
    #expect(constraint.code == 19)
    #expect(!"\(constraint)".contains("jane"))
    #expect("\(constraint)".contains("INSERT INTO t"))
    #expect(!constraint.hint.isEmpty)
    let syntax = try #require(#expect(throws: SQLiteError.self) { try database.run("SELEC 1") })
    #expect(syntax.message.contains("SELEC"))
    #expect(throws: SQLiteError.self) { _ = try database.prepare("") }
    // The connection works on after each of them.
    #expect(try database.integer("SELECT count(*) FROM t") == 1)
  }

  @Test("a constraint that fails in a cached statement leaves it usable")
  func failedStatement() throws {
    let database = try Database(path, .readWriteCreate)
    try database.execute("CREATE TABLE t (x UNIQUE)")
    let insert = "INSERT INTO t VALUES (?1)"
    try database.run(insert, [.integer(1)])
    #expect(throws: SQLiteError.self) { try database.run(insert, [.integer(1)]) }
    try database.write { try database.run(insert, [.integer(2)]) }
    #expect(try database.integer("SELECT count(*) FROM t") == 2)
  }

  @Test("a full disk and a file that is no database are told apart")
  func kinds() throws {
    let database = try Database(path, .readWriteCreate)
    try database.execute("CREATE TABLE t (x)")
    _ = try database.integer("PRAGMA max_page_count=2")
    let full = #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t VALUES (zeroblob(100000))") }
    #expect(full?.isFull == true)
    let text = TemporaryFolder.path + "/text"
    try Files.create(text, with: [UInt8](repeating: 65, count: 2_000), mode: 0o600)
    let damage = #expect(throws: SQLiteError.self) {
      _ = try Database(text, .readOnly).integer("SELECT 1 FROM sqlite_schema")
    }
    #expect(damage?.isDamage == true)
  }

  @Test("the schema cannot be rewritten by SQL")
  func defensive() throws {
    let database = try Database(path, .readWriteCreate)
    try database.execute("CREATE TABLE t (x); PRAGMA writable_schema=1")
    #expect(throws: SQLiteError.self) { try database.run("UPDATE sqlite_schema SET sql = 'x'") }
    #expect(try database.integer("PRAGMA foreign_keys") == 1)
    #expect(try database.integer("PRAGMA trusted_schema") == 0)
  }
}
