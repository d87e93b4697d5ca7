internal import Concurrency
internal import Entity
internal import Privacy
internal import SQLite

/// The rows that sources keep.
extension Outbox {
  func digests(of source: String) throws -> [(key: [UInt8], digest: [UInt8])] {
    try lock.withLock { _ in
      try database.rows("SELECT key, digest FROM kept WHERE source = ? ORDER BY key", [.text(source)]) {
        ($0.blob(0), $0.blob(1))
      }
    }
  }

  func digest(of key: [UInt8], of source: String) throws -> [UInt8]? {
    try lock.withLock { _ in
      let statement = try database.statement("SELECT digest FROM kept WHERE source = ? AND key = ?")
      statement.bind(1, source)
      statement.bind(2, key)
      defer { statement.reset() }
      return try statement.step() ? statement.blob(0) : nil
    }
  }

  func digests(
    of source: String, in keys: Range<KeptKey>, limit: Int
  ) throws -> [(key: [UInt8], digest: [UInt8])] {
    try lock.withLock { _ in
      try database.rows(
        "SELECT key, digest FROM kept WHERE source = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
        [.text(source), .blob(keys.lowerBound.bytes), .blob(keys.upperBound.bytes), .integer(Int64(limit))]
      ) { ($0.blob(0), $0.blob(1)) }
    }
  }

  func count(of source: String, in keys: Range<KeptKey>) throws -> Int {
    try lock.withLock { _ in
      Int(
        try database.integer(
          "SELECT count(*) FROM kept WHERE source = ? AND key >= ? AND key < ?",
          [.text(source), .blob(keys.lowerBound.bytes), .blob(keys.upperBound.bytes)]) ?? 0)
    }
  }

  func kept(_ key: [UInt8], of source: String) throws -> SealedData? {
    try lock.withLock { _ in
      try database.first(
        "SELECT person_key, box FROM kept WHERE source = ? AND key = ?", [.text(source), .blob(key)]
      ) { row -> SealedData? in
        guard let id = PersonKeyID(bytes: row.blob(0)), !row.isNull(1) else { return nil }
        return SealedData(key: id, box: row.blob(1))
      } ?? nil
    }
  }

  /// Part of a commit, which holds the lock. Answers how many bytes that were.
  func keep(_ writes: StateWrites, _ sealed: [SealedState], of source: String) throws -> Int {
    if writes.isEmpty { return 0 }
    var bytes = 0
    // There may be one for each row of a source.
    let insert = try database.statement(
      "INSERT OR REPLACE INTO kept(source, key, digest, person_key, box) VALUES (?, ?, ?, ?, ?)")
    insert.bind(1, source)
    insert.bindNull(4)
    insert.bindNull(5)
    try writes.forEachPlain { key, digest in
      guard let digest else { return try forget(key, of: source) }
      insert.bind(2, key)
      insert.bind(3, digest)
      try insert.run()
      bytes += key.count + digest.count
    }
    for row in sealed {
      insert.bind(2, row.key)
      insert.bind(3, row.digest)
      insert.bind(4, row.content.key.bytes)
      insert.bind(5, row.content.box)
      try insert.run()
      bytes += row.key.count + row.digest.count
    }
    insert.clearBindings()
    return bytes
  }

  private func forget(_ key: UnsafeRawBufferPointer, of source: String) throws {
    let delete = try database.statement("DELETE FROM kept WHERE source = ? AND key = ?")
    delete.bind(1, source)
    delete.bind(2, key)
    try delete.run()
  }
}
