package import EventLog
internal import Files
internal import SQLite

/// Where a partition ended at some moment.
package struct LogEnd: Equatable, Sendable {
  /// Whose end it is.
  package var partition: TopicPartition
  /// Above 0 where the log's beginning is not kept.
  package var firstOffset: Offset
  /// Behind the last record that was there.
  package var nextOffset: Offset
  /// 32 bytes: the hash chain over everything before.
  package var chain: [UInt8]

  package init(partition: TopicPartition, firstOffset: Offset, nextOffset: Offset, chain: [UInt8]) {
    self.partition = partition
    self.firstOffset = firstOffset
    self.nextOffset = nextOffset
    self.chain = chain
  }
}

/// Backups keep the stored batches as they are, so that every chain hash, and with it every anchor that somebody keeps,
/// is the same in the log, in its backup, and in the log that is restored from it.
extension EmbeddedLog {
  /// Runs `body` while nobody appends to the log in `folder`; who wants to, waits. So what `body` sees of the log and
  /// of its writer's own file is what a crash at one moment would have left.
  package static func withoutAppends<R>(folder: String, _ body: () throws -> R) throws -> R {
    try LockFile(opening: folder + "/log.lock").withLock(body)
  }

  /// Where all partitions end, as one state, ascending.
  package func ends() throws(LogError) -> [LogEnd] {
    try inTurn("find the ends of") {
      try database.rows(
        """
        SELECT t.name, p.number, \(knowsHoles ? "p.first_offset" : "0"), p.next_offset, p.chain
        FROM partitions p JOIN topics t ON t.id = p.topic_id ORDER BY t.name, p.number
        """
      ) {
        LogEnd(
          partition: TopicPartition($0.text(0), Int32(clamping: $0.int64(1))), firstOffset: $0.offset(2),
          nextOffset: $0.offset(3), chain: $0.blob(4))
      }
    }
  }

  /// Brings `target`, a copy of this log, to `ends`: appends the batches that it lacks, each after its hash was
  /// recomputed. Every commit is durable, and the next call goes on after the last one. Returns the number of records
  /// appended.
  ///
  /// Throws `.damaged` with the place where a batch or an end does not fit, `.positionGone` where the target is ahead.
  package func backUp(
    to target: EmbeddedLog, upTo ends: [LogEnd],
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws(LogError) -> Int64 {
    for (topic, partitions) in Dictionary(grouping: ends, by: \.partition.topic).sorted(by: { $0.key < $1.key }) {
      try target.ensureTopic(topic, partitions: Int32(clamping: partitions.count))
    }
    var starts: [Offset] = []
    for end in ends { starts.append(try start(of: end, in: target)) }
    let total = zip(ends, starts).reduce(Int64(0)) { $0 &+ max($1.1.distance(to: $1.0.nextOffset), 0) }
    var done: Int64 = 0
    for (end, start) in zip(ends, starts) where start < end.nextOffset {
      var next = start
      while next < end.nextOffset {
        let after = try copyBatches(of: end, from: next, to: target)
        done &+= next.distance(to: after)
        next = after
        progress(done, total)
      }
      let found = try target.end(of: end.partition)
      guard found == end else {
        throw EmbeddedLog.unfit(end.partition, end.nextOffset, "the batches do not lead to the recorded end")
      }
    }
    try target.checkpoint()
    return done
  }

  private func end(of partition: TopicPartition) throws(LogError) -> LogEnd? {
    try ends().first { $0.partition == partition }
  }

  /// Where the target goes on, after proof that what it has is this log's.
  private func start(of end: LogEnd, in target: EmbeddedLog) throws(LogError) -> Offset {
    if end.firstOffset > .first, try target.copiedUpTo(end.partition) == nil {
      try target.beginCopy(of: end.partition, at: end.firstOffset)
    }
    guard let found = try target.end(of: end.partition) else { return end.firstOffset }
    if found.nextOffset == end.nextOffset {
      guard found.chain == end.chain else {
        throw EmbeddedLog.unfit(end.partition, end.nextOffset, "other records stand before this offset in the copy")
      }
    } else if found.nextOffset > end.nextOffset {
      throw LogError(
        .positionGone, operation: "back up", partition: end.partition, offset: end.nextOffset,
        cause: "the copy reaches to \(found.nextOffset): the log lost its tail, or is an older state of itself",
        hint: "keep this backup, it holds what the log lacks; make the next one in another folder")
    } else if found.nextOffset > found.firstOffset {
      let anchor = LogAnchor(nextOffset: found.nextOffset, proof: found.chain)
      guard try check(anchor, of: end.partition) == .holds else {
        throw EmbeddedLog.unfit(end.partition, found.nextOffset, "other records stand before this offset in the copy")
      }
    }
    return found.nextOffset
  }

  private struct StoredRow {
    var base: Offset
    var batch: EncodedBatch
    var chain: [UInt8]
  }

  /// Copies some megabytes in one commit; answers the offset after them.
  private func copyBatches(of end: LogEnd, from next: Offset, to target: EmbeddedLog) throws(LogError) -> Offset {
    let partition = end.partition
    let rows = try inTurn("back up", partition, offset: next) { () throws -> [StoredRow] in
      var rows: [StoredRow] = []
      var bytes = 0
      let statement = try database.prepare(
        """
        SELECT base_offset, last_offset, first_timestamp, last_timestamp, chain, payload FROM batches
        WHERE partition_id = ?1 AND base_offset >= ?2 AND base_offset < ?3 ORDER BY base_offset
        """)
      statement.bind(1, try identifier(of: partition))
      statement.bind(2, next)
      statement.bind(3, end.nextOffset)
      while bytes < EmbeddedLogLimits.backupBytes, try statement.step() {
        let (base, last) = (statement.offset(0), statement.offset(1))
        guard last >= base, last < end.nextOffset else {
          throw EmbeddedLog.unfit(partition, base, "the batch that begins here ends at an impossible offset")
        }
        let payload = statement.blob(5)
        bytes += payload.count
        rows.append(
          StoredRow(
            base: base,
            batch: EncodedBatch(
              partition: partition, count: Int(clamping: base.distance(to: last.next)),
              firstTimestampMillis: statement.int64(2),
              lastTimestampMillis: statement.int64(3), bytes: payload),
            chain: statement.blob(4)))
      }
      return rows
    }
    guard !rows.isEmpty else { throw EmbeddedLog.unfit(partition, next, "everything from here on is missing") }
    return try target.inTurn("back up", partition, offset: next) {
      try target.appending {
        var chain = Chain()
        var after = next
        for row in rows {
          let range = try target.insert(row.batch, at: row.base, &chain)
          guard range.anchor?.proof == row.chain else {
            throw EmbeddedLog.unfit(
              partition, row.base, "the hash of the batch that begins here does not fit its bytes")
          }
          after = range.nextOffset
        }
        return after
      }
    }
  }

  /// Moves the write-ahead log into the file, so that the file is whole by itself.
  package func checkpoint() throws(LogError) {
    try inTurn("checkpoint") {
      guard let lock else { return }
      try lock.withLock {
        try database.checkpoint()
        telemetry.checkpointed(bytes: uncheckpointedBytes)
        uncheckpointedBytes = 0
      }
    }
  }

  private static func unfit(_ partition: TopicPartition, _ offset: Offset, _ cause: String) -> LogError {
    LogError(
      .damaged, operation: "back up", partition: partition, offset: offset, cause: cause,
      hint: "run `millrace log verify`; a folder with the backup of another state of the log is left as it is")
  }
}
