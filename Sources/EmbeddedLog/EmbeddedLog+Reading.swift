package import EventLog
internal import SQLite

/// Reading stored batches, as of what is durable.
extension EmbeddedLog {
  package func read(
    _ partition: TopicPartition, from offset: Int64, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    try inTurn("read", partition, offset: offset) {
      let id = try identifier(of: partition)
      // One snapshot, so that a batch that is missing cannot be mistaken for one that is not there yet.
      return try database.read {
        let next = try nextOffset(of: id)
        guard offset >= 0, offset <= next else { throw EmbeddedLog.gone(partition, offset, next: next) }
        guard offset < next else { return RecordBatch(partition: partition, bytes: [], records: []) }
        return try collect(partition, id, from: offset, next: next, maximumBytes: maximumBytes)
      }
    }
  }

  private func collect(
    _ partition: TopicPartition, _ id: Int64, from offset: Int64, next: Int64, maximumBytes: Int
  ) throws -> RecordBatch {
    var batch = RecordBatch(partition: partition, bytes: [], records: [])
    let statement = try database.statement(
      """
      SELECT base_offset, last_offset, payload FROM batches
      WHERE partition_id = ?1 AND base_offset >=
        (SELECT base_offset FROM batches WHERE partition_id = ?1 AND base_offset <= ?2 ORDER BY base_offset DESC LIMIT 1)
      ORDER BY base_offset
      """)
    defer { statement.reset() }
    statement.bind(1, id)
    statement.bind(2, offset)
    var expected = offset
    while expected < next, batch.records.isEmpty || batch.bytes.count < maximumBytes {
      guard try statement.step() else { break }
      let base = statement.int64(0)
      let last = statement.int64(1)
      // The first batch may begin before `offset`; every other begins where the one before ended.
      let fits = expected == offset ? base >= 0 && base <= offset && last >= offset : base == expected
      guard fits, last >= base, last < next else { throw EmbeddedLog.missingBatch(partition, expected) }
      try statement.withBlob(2) { (stored) throws(LogError) in
        if batch.records.isEmpty {
          // The last batch begins before the limit and ends behind it.
          batch.reserve(
            bytes: min(max(maximumBytes, 0), EmbeddedLogLimits.reservedReadBytes) + stored.count,
            batchBytes: stored.count, batchRecords: min(last - base + 1, next - offset))
        }
        try batch.append(stored: stored, baseOffset: base, count: last - base + 1, from: offset)
      }
      expected = last + 1
    }
    guard !batch.records.isEmpty else { throw EmbeddedLog.missingBatch(partition, expected) }
    return batch
  }

  package func anchor(of partition: TopicPartition, at nextOffset: Int64) throws(LogError) -> LogAnchor? {
    try inTurn("find an anchor in", partition, offset: nextOffset) {
      guard nextOffset > 0 else { return nil }
      let row = try database.first(
        """
        SELECT last_offset, chain FROM batches
        WHERE partition_id = ?1 AND base_offset < ?2 ORDER BY base_offset DESC LIMIT 1
        """, [.integer(try identifier(of: partition)), .integer(nextOffset)]
      ) { (last: $0.int64(0), chain: $0.blob(1)) }
      guard let row, row.last == nextOffset - 1 else { return nil }
      return LogAnchor(nextOffset: nextOffset, proof: row.chain)
    }
  }

  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    guard RecordDigest.isDigest(anchor.proof) else {
      // The log that gave the hash has it for good: none there now means other batches, hence other records.
      return try self.anchor(of: partition, at: anchor.nextOffset) == anchor ? .holds : .differs
    }
    let bounds = try bounds(of: partition)
    guard anchor.nextOffset > bounds.earliest else { return .unknown }
    guard anchor.nextOffset <= bounds.next else { return .differs }
    let batch = try read(partition, from: anchor.nextOffset - 1, maximumBytes: 1)
    guard let record = batch.records.first else { return .differs }
    return RecordDigest.proof(of: record, in: batch) == anchor.proof ? .holds : .differs
  }

  private static func gone(_ partition: TopicPartition, _ offset: Int64, next: Int64) -> LogError {
    LogError(
      .positionGone, operation: "read", partition: partition, offset: offset,
      cause: "the log holds offsets from 0 up to \(next)",
      hint: offset > next
        ? "the reader is ahead of the log: restore the log that it was fed from, or rebuild the mart"
        : "offsets begin at 0")
  }

  private static func missingBatch(_ partition: TopicPartition, _ offset: Int64) -> LogError {
    LogError(
      .damaged, operation: "read", partition: partition, offset: offset, cause: "the batch with this offset is missing",
      hint: "run `millrace log verify`, then restore the log from a backup")
  }
}
