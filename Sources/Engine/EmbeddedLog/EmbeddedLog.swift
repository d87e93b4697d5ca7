internal import Concurrency
package import EventLog
internal import Files
internal import SQLite
package import Telemetry

/// The log on SQLite: one file, one row per appended batch, each row's hash chained to the one before.
///
/// A copy of another log (an archive) has its original's id and offsets, holes included, and takes appends only after
/// `adopt`.
///
/// Any number of processes read at once, and append in turn: appends and checkpoints happen only under the log's
/// exclusive lock file, readers never checkpoint, and automatic checkpoints are off. That is what keeps SQLite's
/// WAL-reset bug away (https://www.sqlite.org/wal.html#walresetbug): it needs a commit that races a checkpoint.
///
/// Calls block, for as long as another process appends. Calls of several threads on one object wait for each other.
///
/// Unchecked: the connection and what changes are touched inside `inTurn` only, under `turn`.
package final class EmbeddedLog: LogReader, LogWriter, @unchecked Sendable {
  package let logID: String
  let knowsHoles: Bool
  let database: Database
  /// nil: opened read-only.
  let lock: LockFile?
  let telemetry: LogTelemetry
  private let turn = Lock(())
  // Below: touched inside `inTurn` only.
  private var partitionIDs: [TopicPartition: Int64] = [:]
  /// The disk failed under an append: what it holds is unknown, so nothing more is acknowledged (fsync reports once
  /// only).
  var diskFailed = false
  var uncheckpointedBytes: Int64
  /// As last seen; nil is for good.
  var copyMark: String?

  /// Opens or creates the log in `folder`. `readOnly` never creates and never appends.
  package convenience init(
    folder: String, readOnly: Bool = false, logger: Logger = .silent, metrics: Metrics = Metrics()
  ) throws(LogError) {
    try self.init(folder: folder, readOnly: readOnly, nil, LogTelemetry(logger, metrics))
  }

  /// Opens or creates the copy, in `folder`, of the log whose id is `lineage`. `kind` says what sort of log that is.
  /// Throws `.configuration` where the folder holds another log, or one that is no copy (any more).
  package convenience init(
    folder: String, lineage: String, copiedFrom kind: String, logger: Logger = .silent, metrics: Metrics = Metrics()
  ) throws(LogError) {
    try self.init(
      folder: folder, readOnly: false, LogSchema.Lineage(logID: lineage, kind: kind), LogTelemetry(logger, metrics))
  }

  private init(
    folder: String, readOnly: Bool, _ lineage: LogSchema.Lineage?, _ telemetry: LogTelemetry
  ) throws(LogError) {
    self.telemetry = telemetry
    let path = folder + "/log.sqlite"
    let facts: LogSchema.Facts
    do {
      for name in [path, path + "-wal", path + "-shm"] where Files.isSymbolicLink(name) {
        throw LogError(
          .configuration, operation: "open \(name)", cause: "it is a symbolic link",
          hint: "SQLite's locks follow names; put the log itself there, or link its folder")
      }
      if readOnly {
        lock = nil
        guard Files.exists(path) else { throw EmbeddedLog.missing(path) }
        database = try Database(path, .readOnly, sharing: .oneThreadAtATime)
        if try LogSchema.isBlank(database) { throw EmbeddedLog.missing(path) }
        facts = try LogSchema.check(database)
        uncheckpointedBytes = 0
      } else {
        try Files.makeFolder(folder)
        let lock = try LockFile(opening: folder + "/log.lock")
        (database, facts) = try lock.withLock { try EmbeddedLog.openForAppending(path, folder, lineage) }
        self.lock = lock
        // An earlier process may have left this much.
        uncheckpointedBytes = Int64(clamping: (try? Files.status(path + "-wal").size) ?? 0)
      }
    } catch {
      throw LogError(error, operation: "open \(path)")
    }
    logID = facts.logID
    knowsHoles = facts.knowsHoles
    copyMark = facts.copiedFrom
  }

  private static func openForAppending(
    _ path: String, _ folder: String, _ lineage: LogSchema.Lineage?
  ) throws -> (Database, LogSchema.Facts) {
    // Made here and not by SQLite, which would let others read it; the files beside it take its mode.
    if !Files.exists(path) { try Files.create(path, with: [], mode: 0o600) }
    let database = try Database(path, .readWrite, sharing: .oneThreadAtATime)
    if try LogSchema.isBlank(database) {
      try LogSchema.create(in: database, lineage)
      // The file's name must survive power loss as well as what is in it.
      try Files.syncFolder(folder)
    }
    let facts = try LogSchema.check(database)
    if let lineage { try refuseOther(than: lineage, facts, path) }
    try database.useWriteAheadLog(.full)
    _ = try database.integer("PRAGMA journal_size_limit=\(EmbeddedLogLimits.keptWriteAheadBytes)")
    return (database, facts)
  }

  private static func refuseOther(
    than lineage: LogSchema.Lineage, _ facts: LogSchema.Facts, _ path: String
  ) throws(LogError) {
    guard facts.logID == lineage.logID else {
      throw LogError(
        .configuration, operation: "copy to \(path)",
        cause: "it belongs to log \(facts.logID), and the source is log \(lineage.logID)", hint: "name another folder")
    }
    guard facts.copiedFrom != nil else {
      throw LogError(
        .configuration, operation: "copy to \(path)",
        cause: "it is no copy: it is the log that is captured into, or was once adopted", hint: "name another folder")
    }
  }

  private static func missing(_ path: String) -> LogError {
    LogError(
      .configuration, operation: "open \(path)", cause: "there is no log yet", hint: "run `millrace capture` first")
  }

  /// Runs `body` when no other call is under way, and turns what it throws into a `LogError`.
  func inTurn<R: Sendable>(
    _ operation: String, _ partition: TopicPartition? = nil, offset: Offset? = nil, _ body: () throws -> R
  ) throws(LogError) -> R {
    let outcome: Result<R, any Error> = turn.withLock { _ in Result { try body() } }
    do { return try outcome.get() } catch {
      throw LogError(error, operation: operation, partition: partition, offset: offset)
    }
  }

  // MARK: Topics

  /// All topics, sorted by name.
  package func topics() throws(LogError) -> [String] {
    // Names are ASCII, so SQLite's order by bytes is Swift's order.
    try inTurn("list topics") { try database.rows("SELECT name FROM topics ORDER BY name") { $0.text(0) } }
  }

  /// The topic's partitions, ascending; empty where there is no such topic.
  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] {
    try inTurn("list partitions") {
      try database.rows(
        "SELECT p.number FROM partitions p JOIN topics t ON t.id = p.topic_id WHERE t.name = ?1 ORDER BY p.number",
        [.text(topic)]
      ) { TopicPartition(topic, Int32(clamping: $0.int64(0))) }
    }
  }

  /// One look-up. Throws `.configuration` for a partition that the log does not have.
  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    try inTurn("find the bounds of", partition) {
      let id = try identifier(of: partition)
      return try ends(of: id)
    }
  }

  /// The row of a partition; `.configuration` when there is none.
  func identifier(of partition: TopicPartition) throws -> Int64 {
    if let known = partitionIDs[partition] { return known }
    let found = try database.integer(
      "SELECT p.id FROM partitions p JOIN topics t ON t.id = p.topic_id WHERE t.name = ?1 AND p.number = ?2",
      [.text(partition.topic), .integer(Int64(partition.partition))])
    guard let found else {
      throw LogError(
        .configuration, operation: "find", partition: partition, cause: "the log has no such topic or partition",
        hint: "`millrace log topics` lists what there is; a capture creates its topics when it starts")
    }
    partitionIDs[partition] = found
    return found
  }

  /// Where a partition begins and ends.
  func ends(of id: Int64) throws -> LogBounds {
    let statement = try database.statement(
      knowsHoles
        ? "SELECT next_offset, first_offset FROM partitions WHERE id = ?1"
        : "SELECT next_offset, 0 FROM partitions WHERE id = ?1")
    statement.bind(1, id)
    defer { statement.reset() }
    guard try statement.step() else { return LogBounds(earliest: .first, next: .first) }
    return LogBounds(earliest: statement.offset(1), next: statement.offset(0))
  }
}
