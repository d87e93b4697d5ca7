package import EventLog
internal import SQLite

/// Reading stored batches, as of what is durable.
extension EmbeddedLog {
  /// Whole stored batches, as of one snapshot. Throws `.positionGone` outside of the partition's bounds, and `.damaged`
  /// with the offset of the first batch whose checksum or place is wrong; then nothing of this read is given.
  package func read(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    try inTurn("read", partition, offset: offset) {
      let id = try identifier(of: partition)
      // One snapshot, so that a batch that is missing cannot be mistaken for one that is not there yet.
      return try database.read {
        let ends = try ends(of: id)
        guard offset >= ends.earliest, offset <= ends.next else { throw EmbeddedLog.gone(partition, offset, ends) }
        guard offset < ends.next else { return RecordBatch(partition: partition, bytes: [], records: []) }
        return try collect(partition, id, from: offset, ends, maximumBytes: maximumBytes)
      }
    }
  }

  /// A partition's batches in order, the first of them the last one that begins at or before the second parameter.
  /// The second column is where the partition ended before the batch.
  private var batchesSQL: String {
    knowsHoles ? EmbeddedLog.batchesSQL : EmbeddedLog.batchesOfVersion1SQL
  }
  private static let batchesSQL = selectBatches(after: "coalesce(after_offset, base_offset)")
  private static let batchesOfVersion1SQL = selectBatches(after: "base_offset")

  private static func selectBatches(after: String) -> String {
    """
    SELECT base_offset, \(after), last_offset, payload FROM batches
    WHERE partition_id = ?1 AND base_offset >= coalesce(
      (SELECT base_offset FROM batches WHERE partition_id = ?1 AND base_offset <= ?2 ORDER BY base_offset DESC LIMIT 1),
      ?2)
    ORDER BY base_offset
    """
  }

  private func collect(
    _ partition: TopicPartition, _ id: Int64, from offset: Offset, _ ends: LogBounds, maximumBytes: Int
  ) throws -> RecordBatch {
    var batch = RecordBatch(partition: partition, bytes: [], records: [])
    let statement = try database.statement(batchesSQL)
    defer { statement.reset() }
    statement.bind(1, id)
    statement.bind(2, offset)
    // Where the batch before ended; nil: it is not known yet.
    var end: Offset?
    while batch.records.isEmpty || (batch.bytes.count < maximumBytes && (end ?? offset) < ends.next) {
      guard try statement.step() else { break }
      let base = statement.offset(0)
      let after = statement.offset(1)
      let last = statement.offset(2)
      // The first row may begin before `offset`. Every other one follows the row before, or stands at the beginning.
      let fits = end == nil && base <= offset ? base >= ends.earliest : after == end ?? ends.earliest
      guard fits, after <= base, last >= base, last < ends.next else {
        throw EmbeddedLog.missingBatch(partition, end ?? offset)
      }
      end = last.next
      // The row before a hole that `offset` lies in.
      if last < offset { continue }
      let count = base.distance(to: last.next)
      try statement.withBlob(3) { (stored) throws(LogError) in
        if batch.records.isEmpty {
          // The last batch begins before the limit and ends behind it.
          batch.reserve(
            bytes: min(max(maximumBytes, 0), EmbeddedLogLimits.reservedReadBytes) + stored.count,
            batchBytes: stored.count, batchRecords: min(count, offset.distance(to: ends.next)))
        }
        try batch.append(stored: stored, baseOffset: base, count: count, from: offset)
      }
    }
    guard !batch.records.isEmpty else { throw EmbeddedLog.missingBatch(partition, max(end ?? offset, offset)) }
    return batch
  }

  /// The chain's hash, 32 bytes, in a copy the digest of the last record instead; nil at the partition's start and, but
  /// for copies, in the middle of a batch.
  package func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try inTurn("find an anchor in", partition, offset: nextOffset) {
      guard nextOffset > .first else { return nil }
      let id = try identifier(of: partition)
      // A copy's chain is its own: its batches are cut in other places. Digests hold in all logs of the lineage.
      if copyMark != nil {
        return try database.read { try digest(before: nextOffset, of: partition, id) }
      }
      let row = try database.first(
        """
        SELECT last_offset, chain FROM batches
        WHERE partition_id = ?1 AND base_offset < ?2 ORDER BY base_offset DESC LIMIT 1
        """, [.integer(id), .integer(nextOffset.rawValue)]
      ) { (last: $0.offset(0), chain: $0.blob(1)) }
      guard let row, row.last.next == nextOffset else { return nil }
      return LogAnchor(nextOffset: nextOffset, proof: row.chain)
    }
  }

  /// Judges record digests and, except in a copy (`.unknown`), chain hashes. Costs one look-up.
  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    guard RecordDigest.isDigest(anchor.proof) else {
      if copyMark != nil { return .unknown }
      // The log that gave the hash has it for good: none there now means other batches, hence other records.
      return try self.anchor(of: partition, at: anchor.nextOffset) == anchor ? .holds : .differs
    }
    return try inTurn("check an anchor of", partition, offset: anchor.nextOffset) {
      let id = try identifier(of: partition)
      return try database.read { try check(digest: anchor, of: partition, id) }
    }
  }

  /// Inside a read transaction.
  func check(digest anchor: LogAnchor, of partition: TopicPartition, _ id: Int64) throws -> AnchorCheck {
    let ends = try ends(of: id)
    guard anchor.nextOffset > ends.earliest else { return .unknown }
    guard anchor.nextOffset <= ends.next else { return .differs }
    // Nothing but a hole since the earliest: the record lay before it.
    guard let found = try digest(before: anchor.nextOffset, of: partition, id) else { return .unknown }
    return found == anchor ? .holds : .differs
  }

  /// Digest of the last record before an offset. nil: there is none, or the offset lies beyond the end.
  private func digest(before nextOffset: Offset, of partition: TopicPartition, _ id: Int64) throws -> LogAnchor? {
    guard nextOffset <= (try ends(of: id).next) else { return nil }
    let row = try database.first(
      """
      SELECT base_offset, payload FROM batches
      WHERE partition_id = ?1 AND base_offset < ?2 ORDER BY base_offset DESC LIMIT 1
      """, [.integer(id), .integer(nextOffset.rawValue)]
    ) { (base: $0.offset(0), payload: $0.blob(1)) }
    guard let row else { return nil }
    let batch = try RecordBatch(decoding: row.payload, partition: partition, baseOffset: row.base)
    guard let record = batch.records.last(where: { $0.offset < nextOffset }) else { return nil }
    return LogAnchor(nextOffset: nextOffset, proof: RecordDigest.proof(of: record, in: batch))
  }

  private static func gone(_ partition: TopicPartition, _ offset: Offset, _ ends: LogBounds) -> LogError {
    LogError(
      .positionGone, operation: "read", partition: partition, offset: offset,
      cause: "the log holds offsets from \(ends.earliest) up to \(ends.next)",
      hint: offset > ends.next
        ? "the reader is ahead of the log: restore the log that it was fed from, or rebuild the mart"
        : "offsets begin at \(ends.earliest)")
  }

  private static func missingBatch(_ partition: TopicPartition, _ offset: Offset) -> LogError {
    LogError(
      .damaged, operation: "read", partition: partition, offset: offset, cause: "the batch with this offset is missing",
      hint: "run `millrace log verify`, then restore the log from a backup")
  }
}
