internal import Entity
internal import Files
internal import SQLite

/// The vault's file: schema, identity, and its statements. Used under the vault's lock only.
final class VaultFile {
  /// "MRvt": tells this file from any other SQLite database.
  private static let applicationID: Int32 = 0x4d52_7674
  private static let schemaVersion: Int32 = 1

  /// What the vault knows about a key.
  enum Entry {
    case wrapped([UInt8])
    case destroyed
  }

  private let database: Database
  private let path: String
  private let keyByID: Statement
  /// Whether look-ups read from one snapshot, which `endSnapshot()` lets go.
  private(set) var holdsSnapshot = false

  /// `check` ties the file to the keyring: another one could only fail later, at each single key.
  init(path: String, isWriter: Bool, check: [UInt8]) throws {
    self.path = path
    if isWriter {
      // SQLite would create it readable by others where the umask says so; its -wal and -shm inherit these rights.
      if !Files.exists(path) { try Files.create(path, with: [], mode: 0o600) }
      database = try Database(path, .readWrite, sharing: .oneThreadAtATime)
      try database.execute("PRAGMA secure_delete=ON")
      try database.useWriteAheadLog(.full)
    } else {
      guard Files.exists(path) else {
        throw PrivacyError(
          .vault, operation: "open the vault", cause: "\(path) does not exist", hint: "run `millrace capture` first")
      }
      database = try Database(path, .readOnly, sharing: .oneThreadAtATime)
    }
    let cache = isWriter ? PrivacyLimits.pageCacheKibibytes : PrivacyLimits.readersCacheKibibytes
    try database.execute("PRAGMA cache_size=-\(cache)")
    let id = try database.applicationID
    let version = try database.userVersion
    if id == 0, version == 0, isWriter, try database.integer("SELECT count(*) FROM sqlite_schema") == 0 {
      try Self.create(in: database, check: check)
    } else {
      try Self.verify(database, path, id: id, version: version, check: check)
    }
    keyByID = try database.prepare("SELECT wrapped FROM keys WHERE key_id = ?1")
  }

  private static func create(in database: Database, check: [UInt8]) throws {
    try database.write {
      try database.execute(
        """
        CREATE TABLE identity(
          one INTEGER PRIMARY KEY CHECK(one = 1), keyring_check BLOB NOT NULL CHECK(length(keyring_check) = 16)) STRICT;
        CREATE TABLE keys(
          key_id BLOB PRIMARY KEY CHECK(length(key_id) = 16),
          wrapped BLOB CHECK(length(wrapped) = 60),
          created INTEGER NOT NULL,
          destroyed INTEGER,
          CHECK((wrapped IS NULL) = (destroyed IS NOT NULL))) STRICT, WITHOUT ROWID;
        CREATE TABLE subjects(
          subject BLOB PRIMARY KEY CHECK(length(subject) = 16),
          key_id BLOB NOT NULL REFERENCES keys(key_id)) STRICT, WITHOUT ROWID;
        """)
      try database.run("INSERT INTO identity(one, keyring_check) VALUES (1, ?1)", [.blob(check)])
      try database.setApplicationID(applicationID)
      try database.setUserVersion(schemaVersion)
    }
  }

  private static func verify(
    _ database: Database, _ path: String, id: Int64, version: Int64, check: [UInt8]
  ) throws {
    guard id == applicationID else {
      throw PrivacyError(
        .vault, operation: "open the vault", cause: "\(path) is not a vault", hint: "restore vault.sqlite from a backup"
      )
    }
    guard version == schemaVersion else {
      throw PrivacyError(
        .unknownVersion, operation: "open the vault",
        cause: "its schema version is \(version), not \(schemaVersion)",
        hint: "use the Millrace version that wrote it, or a newer one")
    }
    guard try database.first("SELECT keyring_check FROM identity", [], { $0.blob(0) }) == check else {
      throw PrivacyError(
        .keyMissing, operation: "open the vault", cause: "it was made under another master key",
        hint: "bring the vault and its master key file back together, both from the same backup")
    }
  }

  // MARK: Look-ups

  func entry(_ id: UnsafeRawBufferPointer) throws -> Entry? {
    // A statement left in the middle holds a read snapshot, which would keep the writer's checkpoints from finishing.
    defer { keyByID.reset() }
    keyByID.bind(1, id)
    guard try keyByID.step() else { return nil }
    return keyByID.isNull(0) ? .destroyed : .wrapped(keyByID.blob(0))
  }

  /// Look-ups read from one snapshot until `endSnapshot()`: a snapshot of its own costs a look-up three times its work.
  func holdSnapshot() throws {
    guard !holdsSnapshot else { return }
    try database.execute("BEGIN DEFERRED")
    holdsSnapshot = true
  }

  func endSnapshot() {
    guard holdsSnapshot else { return }
    holdsSnapshot = false
    // There is nothing to lose: where a failed read has ended the transaction already, this fails.
    try? database.execute("COMMIT")
  }

  /// Key id and wrapped key of a subject.
  func key(subject: UnsafeRawBufferPointer) throws -> (id: [UInt8], wrapped: [UInt8])? {
    let statement = try database.statement(
      "SELECT key_id, wrapped FROM subjects JOIN keys USING(key_id) WHERE subject = ?1 AND wrapped IS NOT NULL")
    defer { statement.reset() }
    statement.bind(1, subject)
    guard try statement.step() else { return nil }
    return (statement.blob(0), statement.blob(1))
  }

  /// Entries ever made; none is ever taken away.
  func keyCount() throws -> UInt64 { UInt64(try database.integer("SELECT count(*) FROM keys") ?? 0) }

  /// The largest id.
  func newestKey() throws -> PersonKeyID? {
    try database.first("SELECT max(key_id) FROM keys") { $0.isNull(0) ? nil : PersonKeyID(bytes: $0.blob(0)) } ?? nil
  }

  // MARK: Changes

  /// All of it in one transaction. Sorted by the callers, so that pages of the tables are touched one after the other.
  func insert(keys: [(id: [UInt8], wrapped: [UInt8])], subjects: [(subject: [UInt8], id: [UInt8])], now: Int64) throws {
    try database.write {
      let insertKey = try database.statement("INSERT INTO keys(key_id, wrapped, created) VALUES (?1, ?2, ?3)")
      for key in keys {
        insertKey.bind(1, key.id)
        insertKey.bind(2, key.wrapped)
        insertKey.bind(3, now)
        try insertKey.run()
      }
      let insertSubject = try database.statement("INSERT INTO subjects(subject, key_id) VALUES (?1, ?2)")
      for subject in subjects {
        insertSubject.bind(1, subject.subject)
        insertSubject.bind(2, subject.id)
        try insertSubject.run()
      }
    }
    if try writeAheadLogBytes() > PrivacyLimits.writeAheadLogBytes { try checkpoint() }
  }

  /// False: no such key, or destroyed before. The old bytes leave the file (`secure_delete`) and the write-ahead log.
  func destroy(_ id: [UInt8], now: Int64) throws -> Bool {
    let changed = try database.write {
      try database.run("DELETE FROM subjects WHERE key_id = ?1", [.blob(id)])
      try database.run(
        "UPDATE keys SET wrapped = NULL, destroyed = ?2 WHERE key_id = ?1 AND wrapped IS NOT NULL",
        [.blob(id), .integer(now)])
      return database.changes
    }
    try checkpoint()
    return changed == 1
  }

  /// Writer only. Readers' snapshots last microseconds, so this waits for none of them in practice.
  func checkpoint() throws { try database.checkpoint() }

  private func writeAheadLogBytes() throws -> Int {
    // Its size only; the database file itself must never be opened and closed beside SQLite (that drops its locks).
    let log = path + "-wal"
    return Files.exists(log) ? Int(clamping: try Files.status(log).size) : 0
  }
}
