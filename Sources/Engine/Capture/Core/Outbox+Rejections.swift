internal import Concurrency
internal import SQLite

/// The records that capture has rejected and that are still as bad as they were. Their events stay in the log and in
/// the marts' quarantine; this says which of them no longer count, because a later look found the record mended or
/// gone, or because the mapping that refused it is another one now.
extension Outbox {
  /// A rejected record and the number that its event got.
  struct Rejection: Sendable {
    var topic: String
    var partition: Int32
    var epoch: UInt64
    var number: UInt64
    var record: RejectedRecord
  }

  static let rejectionSchema = """
    CREATE TABLE IF NOT EXISTS rejections(
      source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL,
      number INTEGER NOT NULL, key BLOB NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, place TEXT NOT NULL,
      amount_minor INTEGER, currency TEXT,
      PRIMARY KEY(source, topic, partition, epoch, number)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS rejections_by_key ON rejections(source, key);
    CREATE TABLE IF NOT EXISTS settled(
      source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL,
      number INTEGER NOT NULL, PRIMARY KEY(source, topic, partition, epoch, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cuts(
      source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL,
      number INTEGER NOT NULL, PRIMARY KEY(source, topic, partition)) STRICT, WITHOUT ROWID;
    """

  /// Keys of the open rejections that a later look may settle.
  func rejectionKeys(of source: String) throws -> Set<[UInt8]> {
    try lock.withLock { _ in
      Set(
        try database.rows("SELECT DISTINCT key FROM rejections WHERE source = ? AND key <> x''", [.text(source)]) {
          $0.blob(0)
        })
    }
  }

  static func mappingFact(_ source: String) -> String { "mapping of \(source)" }

  /// Inside the transaction of a commit, before its numbers are written.
  func writeRejections(of commit: Commit) throws {
    let source = Value.text(commit.source)
    if let mapping = commit.mapping {
      try database.run(
        """
        INSERT OR REPLACE INTO cuts(source, topic, partition, epoch, number)
        SELECT n.source, n.topic, n.partition, s.epoch, n.last_number
        FROM numbers n JOIN sources s ON s.name = n.source WHERE n.source = ?
        """, [source])
      try database.run("DELETE FROM rejections WHERE source = ?", [source])
      try database.run("DELETE FROM settled WHERE source = ?", [source])
      try database.run(
        "INSERT OR REPLACE INTO facts(name, value) VALUES (?, ?)",
        [.text(Self.mappingFact(commit.source)), .text(mapping)])
    }
    for key in commit.settled {
      try database.run(
        """
        INSERT OR IGNORE INTO settled(source, topic, partition, epoch, number)
        SELECT source, topic, partition, epoch, number FROM rejections WHERE source = ? AND key = ?
        """, [source, .blob(key)])
      try database.run("DELETE FROM rejections WHERE source = ? AND key = ?", [source, .blob(key)])
    }
    guard !commit.rejections.isEmpty else { return }
    let listed = try database.integer("SELECT count(*) FROM rejections WHERE source = ?", [source]) ?? 0
    for rejection in commit.rejections.prefix(max(0, CaptureLimits.listedRejections - Int(listed))) {
      try database.run(
        """
        INSERT OR REPLACE INTO rejections(source, topic, partition, epoch, number, key, reason, detail, place,
          amount_minor, currency)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          source, .text(rejection.topic), .integer(Int64(rejection.partition)),
          .integer(Int64(clamping: rejection.epoch)), .integer(Int64(clamping: rejection.number)),
          .blob(rejection.record.key), .text(rejection.record.reason), .text(rejection.record.detail),
          .text(rejection.record.place), .optional(rejection.record.amount?.minor),
          rejection.record.amount.map { .text($0.currency) } ?? .null,
        ])
    }
  }
}
