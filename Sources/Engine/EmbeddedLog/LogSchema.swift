internal import EventLog
internal import SQLite

/// The log's tables, and what makes a file a log.
enum LogSchema {
  /// "MLog": tells this file from any other SQLite database.
  static let applicationID: Int32 = 0x4d4c_6f67
  static let version: Int32 = 2

  /// What a file says about itself.
  struct Facts: Sendable {
    var logID: String
    var version: Int64
    /// Kind of the log that this one is a copy of; nil: it is no copy, or was adopted.
    var copiedFrom: String?

    /// Version 1 knows no holes. Such logs are read and appended to as they are, so that the Millrace that wrote them can
    /// still open them.
    var knowsHoles: Bool { version >= 2 }
  }

  /// A log that is to be a copy of another.
  struct Lineage: Sendable {
    var logID: String
    var kind: String
  }

  private static let tables = """
    CREATE TABLE metadata (
      name TEXT NOT NULL PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE topics (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      partitions INTEGER NOT NULL CHECK (partitions BETWEEN 1 AND \(EventLogLimits.partitions))
    ) STRICT;

    -- next_offset, chain and bytes say where the partition must end, so that a lost tail is seen without an anchor.
    CREATE TABLE partitions (
      id INTEGER PRIMARY KEY,
      topic_id INTEGER NOT NULL REFERENCES topics (id),
      number INTEGER NOT NULL CHECK (number >= 0),
      next_offset INTEGER NOT NULL CHECK (next_offset >= 0),
      chain BLOB NOT NULL CHECK (length(chain) = 32),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      -- Above 0 in a copy whose original had lost its beginning.
      first_offset INTEGER NOT NULL DEFAULT 0 CHECK (first_offset BETWEEN 0 AND next_offset),
      UNIQUE (topic_id, number)
    ) STRICT;

    -- after_offset is where the partition ended before, and NULL where that is base_offset: a hole is told from a lost batch.
    CREATE TABLE batches (
      id INTEGER PRIMARY KEY,
      partition_id INTEGER NOT NULL,
      base_offset INTEGER NOT NULL CHECK (base_offset >= 0),
      last_offset INTEGER NOT NULL CHECK (last_offset >= base_offset),
      first_timestamp INTEGER NOT NULL,
      last_timestamp INTEGER NOT NULL,
      chain BLOB NOT NULL CHECK (length(chain) = 32),
      payload BLOB NOT NULL,
      after_offset INTEGER CHECK (after_offset BETWEEN 0 AND base_offset - 1),
      UNIQUE (partition_id, base_offset)
    ) STRICT;
    """

  /// Makes a new file a log: a new one, or one of another's lineage. Call under the log's lock.
  static func create(in database: Database, _ lineage: Lineage?) throws {
    try database.execute("PRAGMA page_size=\(EmbeddedLogLimits.pageBytes)")
    try database.useWriteAheadLog(.full)
    let id = lineage?.logID ?? LogID.fresh()
    try database.write {
      try database.execute(tables)
      try database.run("INSERT INTO metadata (name, value) VALUES ('log_id', ?1)", [.text(id)])
      if let lineage {
        try database.run("INSERT INTO metadata (name, value) VALUES ('copied_from', ?1)", [.text(lineage.kind)])
      }
      try database.setApplicationID(applicationID)
      try database.setUserVersion(version)
    }
  }

  /// True for a file without anything in it: new, or left by a process that was killed while making it.
  static func isBlank(_ database: Database) throws -> Bool {
    guard try database.applicationID == 0, try database.userVersion == 0 else { return false }
    return try database.integer("SELECT count(*) FROM sqlite_schema") == 0
  }

  /// Refuses what is no log, or one of a later version.
  static func check(_ database: Database) throws -> Facts {
    let path = database.path
    guard try database.applicationID == Int64(applicationID) else {
      throw LogError(
        .configuration, operation: "open \(path)", cause: "it is an SQLite database, but not a Millrace log",
        hint: "name the folder that `millrace init` made")
    }
    let found = try database.userVersion
    guard found >= 1, found <= Int64(version) else {
      throw LogError(
        .configuration, operation: "open \(path)",
        cause: "its format version is \(found), this program knows 1 to \(version)",
        hint: "use the newer Millrace that wrote it")
    }
    guard let id = try database.string("SELECT value FROM metadata WHERE name = 'log_id'"), !id.isEmpty else {
      throw LogError(
        .damaged, operation: "open \(path)", cause: "it has no log id", hint: "restore the log from a backup")
    }
    return Facts(logID: id, version: found, copiedFrom: try copyMark(of: database))
  }

  static func copyMark(of database: Database) throws -> String? {
    try database.string("SELECT value FROM metadata WHERE name = 'copied_from'")
  }
}
