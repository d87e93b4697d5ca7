internal import Concurrency
internal import Files
internal import Glibc
internal import SQLite

/// The ledger of every job: start, break, resume, finish, counts. A file of its own, so that it survives any mart.
///
/// Several processes write it in turn. It therefore keeps SQLite's rollback journal: in WAL mode their commits and
/// checkpoints would race, which SQLite 3.40 does not survive (https://www.sqlite.org/wal.html#walresetbug). A commit
/// is not synced to the last byte: after power loss the newest heartbeats may be missing, which says the same as a
/// break.
///
/// A running job holds a lock file of its own beside the ledger. The kernel frees it when the process goes, however it
/// goes, so whoever can take the lock of a running run has found a broken one.
///
/// Calls block, at most for SQLite's busy timeout. Times are passed in.
package final class RunLedger: Sendable {
  /// "MRun".
  private static let applicationID: Int32 = 0x4d52_756e
  private static let version: Int32 = 1

  package let path: String
  /// Used inside `inTurn` only.
  private let database: Database
  private let turn = Lock(())

  /// Opens or creates the ledger.
  package init(path: String) throws(RunError) {
    self.path = path
    do {
      guard !Files.isSymbolicLink(path) else {
        throw RunError(
          .configuration, operation: "open \(path)", cause: "it is a symbolic link",
          hint: "put the file itself there: SQLite's locks follow names")
      }
      database = try Database(path, .readWriteCreate)
      try RunLedger.prepare(database)
    } catch {
      throw RunError(error, operation: "open \(path)")
    }
  }

  /// Writes a new run down and takes its lock. Runs of processes that are gone are marked broken first; when the newest
  /// run of this job is one of them, the new run resumes it.
  package func start(job: String, command: String, nowMillis: Int64) throws(RunError) -> RunHandle {
    let (record, lock) = try inTurn("start a run") { () throws -> (RunRecord?, LockFile) in
      try database.write { () throws -> (RunRecord?, LockFile) in
        _ = try markBrokenInTransaction()
        let resumes = try database.integer(
          "SELECT id FROM (SELECT id, state FROM runs WHERE job = ?1 ORDER BY id DESC LIMIT 1) WHERE state = 'broken'",
          [.text(job)])
        try database.run(
          """
          INSERT INTO runs (job, command, process_id, state, started_at, heartbeat_at, resumes)
          VALUES (?1, ?2, ?3, 'running', ?4, ?4, ?5)
          """,
          [
            .text(job), .text(RunLedger.shortened(command)), .integer(Int64(getpid())), .integer(nowMillis),
            .optional(resumes),
          ])
        let id = database.lastInsertRowID
        // Before the commit: nobody may see a running run without an owner.
        guard let lock = try LockFile.tryLock(lockPath(of: id)) else {
          throw RunError(
            .unavailable, operation: "start a run", cause: "the lock of run \(id) is held by another program",
            hint: "stop what uses \(lockPath(of: id))")
        }
        return (try self.record(id), lock)
      }
    }
    guard let record else {
      throw RunError(
        .unavailable, operation: "start a run", cause: "the run was not kept", hint: "look whether the disk is full")
    }
    return RunHandle(record: record, ledger: self, lock: lock)
  }

  /// The newest runs first, of one job or of all. A run whose process is gone still shows as running here until
  /// somebody calls `markBroken` or starts a job.
  package func list(job: String? = nil, limit: Int = 100) throws(RunError) -> [RunRecord] {
    try inTurn("list runs") {
      try database.read {
        let rows = try database.rows(
          "SELECT id FROM runs WHERE ?1 IS NULL OR job = ?1 ORDER BY id DESC LIMIT ?2",
          [.optional(job), .integer(Int64(min(max(limit, 0), RunLimits.listedRuns)))]
        ) { $0.int64(0) }
        return try rows.compactMap { try record($0) }
      }
    }
  }

  /// Marks runs whose process is gone as broken, as of their last heartbeat; returns their ids.
  @discardableResult
  package func markBroken() throws(RunError) -> [Int64] {
    try inTurn("look for broken runs") { try database.write { try markBrokenInTransaction() } }
  }

  // MARK: For runs

  func beat(_ id: Int64, nowMillis: Int64, counts: [String: Int64]) throws(RunError) {
    try change(id, "note a heartbeat", counts, "heartbeat_at = max(heartbeat_at, ?2)", [.integer(nowMillis)])
  }

  func remark(_ id: Int64, _ text: String?) throws(RunError) {
    try change(id, "note a remark", [:], "reason = ?2", [.optional(text.map(RunLedger.shortened))])
  }

  func end(
    _ id: Int64, state: RunRecord.State, nowMillis: Int64, counts: [String: Int64], reason: String?
  ) throws(RunError) {
    try change(
      id, "note the end of a run", counts,
      "heartbeat_at = max(heartbeat_at, ?2), ended_at = max(heartbeat_at, ?2), state = ?3, reason = ?4",
      [.integer(nowMillis), .text(state.rawValue), .optional(reason.map(RunLedger.shortened))])
  }

  /// The run has given up its lock; nobody will take a lock of this name again, so its file may go.
  func removeLock(of id: Int64) { try? Files.remove(lockPath(of: id)) }

  private func change(
    _ id: Int64, _ operation: String, _ counts: [String: Int64], _ assignments: String, _ values: [Value]
  ) throws(RunError) {
    try inTurn(operation) {
      try database.write {
        try database.run(
          "UPDATE runs SET \(assignments) WHERE id = ?1 AND state = 'running'", [.integer(id)] + values)
        guard database.changes == 1 else {
          throw RunError(
            .ended, operation: operation, cause: "run \(id) has ended already",
            hint: "this is probably a defect in Millrace; please report it")
        }
        for (name, value) in counts {
          try database.run(
            """
            INSERT INTO counts (run_id, name, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (run_id, name) DO UPDATE SET value = excluded.value
            """, [.integer(id), .text(name), .integer(value)])
        }
      }
    }
  }

  // MARK: Inside

  private func markBrokenInTransaction() throws -> [Int64] {
    let running = try database.rows("SELECT id FROM runs WHERE state = 'running' ORDER BY id") { $0.int64(0) }
    var broken: [Int64] = []
    for id in running {
      guard let lock = try LockFile.tryLock(lockPath(of: id)) else { continue }
      try database.run("UPDATE runs SET state = 'broken', ended_at = heartbeat_at WHERE id = ?1", [.integer(id)])
      withExtendedLifetime(lock) { removeLock(of: id) }
      broken.append(id)
    }
    return broken
  }

  private func record(_ id: Int64) throws -> RunRecord? {
    var counts: [String: Int64] = [:]
    try database.query("SELECT name, value FROM counts WHERE run_id = ?1", [.integer(id)]) {
      counts[$0.text(0)] = $0.int64(1)
    }
    return try database.first(
      """
      SELECT job, command, process_id, state, started_at, heartbeat_at, ended_at, resumes, reason
      FROM runs WHERE id = ?1
      """, [.integer(id)]
    ) {
      RunRecord(
        id: id, job: $0.text(0), command: $0.text(1), processID: Int32(truncatingIfNeeded: $0.int64(2)),
        state: RunRecord.State(rawValue: $0.text(3)) ?? .failed, startedAtMillis: $0.int64(4),
        heartbeatAtMillis: $0.int64(5), endedAtMillis: $0.optionalInt64(6), resumes: $0.optionalInt64(7),
        reason: $0.optionalText(8), counts: counts)
    }
  }

  private func lockPath(of id: Int64) -> String { "\(path).\(id).lock" }

  private func inTurn<R: Sendable>(_ operation: String, _ body: () throws -> R) throws(RunError) -> R {
    let outcome: Result<R, any Error> = turn.withLock { _ in Result { try body() } }
    do { return try outcome.get() } catch { throw RunError(error, operation: operation) }
  }

  private static func shortened(_ text: String) -> String {
    text.utf8.count <= RunLimits.textBytes
      ? text : String(decoding: text.utf8.prefix(RunLimits.textBytes), as: UTF8.self) + "…"
  }

  private static func prepare(_ database: Database) throws {
    guard try database.string("PRAGMA journal_mode=TRUNCATE") == "truncate" else {
      throw RunError(
        .configuration, operation: "open \(database.path)", cause: "it is in another journal mode",
        hint: "stop other programs that use the ledger")
    }
    try database.execute("PRAGMA synchronous=NORMAL")
    // One transaction, so that two processes that begin together make the tables once.
    try database.write {
      let found = (id: try database.applicationID, version: try database.userVersion)
      let tables = try database.integer("SELECT count(*) FROM sqlite_schema")
      switch found {
      case (Int64(applicationID), Int64(version)): return
      case (0, 0) where tables == 0: try create(database)
      case (Int64(applicationID), _):
        throw RunError(
          .configuration, operation: "open \(database.path)",
          cause: "its format version is \(found.version), this program knows \(version)",
          hint: "use the newer Millrace that wrote it")
      default:
        throw RunError(
          .configuration, operation: "open \(database.path)", cause: "it is another program's database",
          hint: "name the workspace that `millrace init` made")
      }
    }
  }

  private static func create(_ database: Database) throws {
    try database.execute(
      """
      CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL,
        command TEXT NOT NULL,
        process_id INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'broken')),
        started_at INTEGER NOT NULL,
        heartbeat_at INTEGER NOT NULL,
        ended_at INTEGER,
        resumes INTEGER REFERENCES runs (id),
        reason TEXT,
        CHECK ((state = 'running') = (ended_at IS NULL))
      ) STRICT;
      CREATE INDEX runs_by_job ON runs (job, id);
      CREATE TABLE counts (
        run_id INTEGER NOT NULL REFERENCES runs (id),
        name TEXT NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (run_id, name)
      ) STRICT, WITHOUT ROWID;
      """)
    try database.setApplicationID(applicationID)
    try database.setUserVersion(version)
  }
}
