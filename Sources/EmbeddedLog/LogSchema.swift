internal import EventLog
internal import SQLite

/// The log's tables, and what makes a file a log.
enum LogSchema {
  /// "MLog": tells this file from any other SQLite database.
  static let applicationID: Int32 = 0x4d4c_6f67
  static let version: Int32 = 1

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
      UNIQUE (topic_id, number)
    ) STRICT;

    CREATE TABLE batches (
      id INTEGER PRIMARY KEY,
      partition_id INTEGER NOT NULL,
      base_offset INTEGER NOT NULL CHECK (base_offset >= 0),
      last_offset INTEGER NOT NULL CHECK (last_offset >= base_offset),
      first_timestamp INTEGER NOT NULL,
      last_timestamp INTEGER NOT NULL,
      chain BLOB NOT NULL CHECK (length(chain) = 32),
      payload BLOB NOT NULL,
      UNIQUE (partition_id, base_offset)
    ) STRICT;
    """

  /// Makes a new file a log. Call under the log's lock.
  static func create(in database: Database) throws {
    try database.execute("PRAGMA page_size=\(EmbeddedLogLimits.pageBytes)")
    try database.useWriteAheadLog(.full)
    var generator = SystemRandomNumberGenerator()
    let id = [generator.next(), generator.next()].map { hexadecimal($0) }.joined()
    try database.write {
      try database.execute(tables)
      try database.run("INSERT INTO metadata (name, value) VALUES ('log_id', ?1)", [.text(id)])
      try database.setApplicationID(applicationID)
      try database.setUserVersion(version)
    }
  }

  /// True for a file without anything in it: new, or left by a process that was killed while making it.
  static func isBlank(_ database: Database) throws -> Bool {
    guard try database.applicationID == 0, try database.userVersion == 0 else { return false }
    return try database.integer("SELECT count(*) FROM sqlite_schema") == 0
  }

  /// Refuses what is not a log of this version. Returns the log's identity.
  static func check(_ database: Database) throws -> String {
    let path = database.path
    guard try database.applicationID == Int64(applicationID) else {
      throw LogError(
        .configuration, operation: "open \(path)", cause: "it is an SQLite database, but not a Millrace log",
        hint: "name the folder that `millrace init` made")
    }
    let found = try database.userVersion
    guard found == Int64(version) else {
      throw LogError(
        .configuration, operation: "open \(path)",
        cause: "its format version is \(found), this program knows \(version)",
        hint: "use the newer Millrace that wrote it")
    }
    guard let id = try database.string("SELECT value FROM metadata WHERE name = 'log_id'"), !id.isEmpty else {
      throw LogError(
        .damaged, operation: "open \(path)", cause: "it has no log id", hint: "restore the log from a backup")
    }
    return id
  }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
