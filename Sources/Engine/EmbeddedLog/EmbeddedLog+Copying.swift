package import EventLog
internal import SQLite

/// The log as a copy of another: original offsets, holes included.
extension EmbeddedLog: LogCopyTarget {
  /// True: original offsets are this log's own, holes included.
  package var keepsOffsets: Bool { true }

  /// The kind of log that this is a copy of; nil: it is no copy, or was adopted.
  package var copiedFrom: String? {
    get throws(LogError) {
      try inTurn("read the kind of") { copyMark == nil ? nil : try LogSchema.copyMark(of: database) }
    }
  }

  /// For good: the log takes appends, and no copies any more. Nothing happens to one that is no copy.
  package func adopt() throws(LogError) {
    try inTurn("adopt") {
      guard copyMark != nil else { return }
      try appending { try database.run("DELETE FROM metadata WHERE name = 'copied_from'") }
      copyMark = nil
    }
  }

  /// Durable. Throws `.configuration` for an offset below 0, a partition that has begun elsewhere, and a log that is no
  /// copy.
  package func beginCopy(of partition: TopicPartition, at originalOffset: Offset) throws(LogError) {
    try inTurn("begin a copy of", partition, offset: originalOffset) {
      guard originalOffset >= .first else { throw EmbeddedLog.misplaced(partition, originalOffset, "it is below 0") }
      try appending {
        let id = try identifier(of: partition)
        let ends = try ends(of: id)
        if ends == LogBounds(earliest: originalOffset, next: originalOffset) { return }
        try refuseUnlessCopy()
        guard ends.earliest == ends.next else {
          throw EmbeddedLog.misplaced(partition, originalOffset, "the copy has begun at \(ends.earliest)")
        }
        try database.run(
          "UPDATE partitions SET first_offset = ?2, next_offset = ?2, chain = ?3 WHERE id = ?1",
          [
            .integer(id), .integer(originalOffset.rawValue),
            .blob(Chain.start(logID: logID, partition: partition, firstOffset: originalOffset)),
          ])
      }
    }
  }

  /// The end of the partition; nil where it holds nothing.
  package func copiedUpTo(_ partition: TopicPartition) throws(LogError) -> Offset? {
    let bounds = try bounds(of: partition)
    return bounds.next > bounds.earliest ? bounds.next : nil
  }

  /// One durable commit. Throws `.configuration` for a record below the copy's end and for a log that is no copy,
  /// `.tooLarge` for a record above `EventLogLimits.recordBytes`. Blocks while another process appends.
  package func appendCopy(_ batches: [RecordBatch]) throws(LogError) {
    try inTurn("append to a copy") {
      // Before the lock: others may read and copy meanwhile.
      let runs = try batches.flatMap { try EmbeddedLog.runs(of: $0) }
      if runs.isEmpty { return }
      try appending {
        try refuseUnlessCopy()
        var chain = Chain()
        for run in runs {
          let end = try head(of: identifier(of: run.batch.partition)).nextOffset
          guard run.base >= end else {
            throw EmbeddedLog.misplaced(run.batch.partition, run.base, "the copy holds everything up to \(end) already")
          }
          _ = try insert(run.batch, at: run.base, &chain)
        }
      }
    }
  }

  /// The same offset, or the end of the hole that it lies in; the partition's end where it lies beyond.
  package func translate(_ originalOffset: Offset, of partition: TopicPartition) throws(LogError) -> Offset {
    try inTurn("translate an offset of", partition, offset: originalOffset) {
      let id = try identifier(of: partition)
      return try database.read {
        let ends = try ends(of: id)
        if originalOffset >= ends.next { return ends.next }
        // Lies in the batch that begins at or before it, or else in the hole before the next one.
        let last = try database.integer(
          """
          SELECT last_offset FROM batches
          WHERE partition_id = ?1 AND base_offset <= ?2 ORDER BY base_offset DESC LIMIT 1
          """, [.integer(id), .integer(originalOffset.rawValue)])
        if let last, Offset(last) >= originalOffset { return originalOffset }
        let behind = try database.integer(
          "SELECT min(base_offset) FROM batches WHERE partition_id = ?1 AND base_offset > ?2",
          [.integer(id), .integer(originalOffset.rawValue)])
        return behind.map { Offset($0) } ?? ends.next
      }
    }
  }

  private func refuseUnlessCopy() throws {
    // Asked each time: another process may have adopted it meanwhile.
    copyMark = try LogSchema.copyMark(of: database)
    guard copyMark == nil else { return }
    throw LogError(
      .configuration, operation: "copy", cause: "the log is no copy: it is captured into, or was adopted",
      hint: "copy into a folder of its own")
  }

  private static func misplaced(_ partition: TopicPartition, _ offset: Offset, _ cause: String) -> LogError {
    LogError(
      .configuration, operation: "copy", partition: partition, offset: offset, cause: cause,
      hint: "let one `millrace log copy` at a time work on a copy; it goes on where the copy ends")
  }

  /// A stored batch, and the offset of its first record.
  private struct Run {
    var base: Offset
    var batch: EncodedBatch
  }

  /// Cuts records into stored batches: at holes, and where a batch is full.
  private static func runs(of batch: RecordBatch) throws(LogError) -> [Run] {
    var runs: [Run] = []
    var builder = BatchBuilder(partition: batch.partition)
    var base = Offset.first
    var expected = Offset.first

    func finish() {
      if let finished = builder.finish() { runs.append(Run(base: base, batch: finished)) }
    }

    for record in batch.records {
      guard record.offset >= expected, record.offset < .max else {
        throw misplaced(batch.partition, record.offset, "the source's offsets do not rise")
      }
      let (key, value) = (Array(batch.bytes[record.key]), record.value.map { Array(batch.bytes[$0]) })
      let origin = record.origin.map { Array(batch.bytes[$0]) }
      func add() -> Bool {
        if builder.count == 0 { base = record.offset }
        return builder.append(key: key, value: value, origin: origin, timestampMillis: record.timestampMillis)
      }
      if record.offset > expected { finish() }
      if !add() {
        finish()
        guard add() else {
          throw LogError(
            .tooLarge, operation: "copy", partition: batch.partition, offset: record.offset,
            cause: "the record is larger than \(EventLogLimits.recordBytes) bytes",
            hint: "Millrace writes no such records; something else wrote to this topic")
        }
      }
      expected = record.offset.next
    }
    finish()
    return runs
  }
}
