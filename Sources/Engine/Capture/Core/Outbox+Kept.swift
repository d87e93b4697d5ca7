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
}
