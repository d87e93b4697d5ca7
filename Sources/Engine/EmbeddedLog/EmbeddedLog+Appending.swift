internal import Concurrency
package import EventLog
internal import Files
internal import SQLite

extension EmbeddedLog {
  /// Creates the topic when it is missing, durably. Throws `.configuration` for a name or a number of partitions that
  /// is not allowed, and for an existing topic with another number. Blocks while another process appends.
  package func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    let operation = "create topic \(topic.debugDescription)"
    try inTurn(operation) {
      guard TopicPartition.isTopicName(topic), partitions >= 1, partitions <= EventLogLimits.partitions else {
        throw LogError(
          .configuration, operation: operation, cause: "the name or the number of partitions is not allowed",
          hint: "a name has 1 to \(EventLogLimits.topicNameBytes) letters, digits, '.', '_' and '-'; "
            + "a topic has 1 to \(EventLogLimits.partitions) partitions")
      }
      let existing = try appending { try create(topic, partitions) }
      guard existing == Int64(partitions) else {
        throw LogError(
          .configuration, operation: operation, cause: "it exists with \(existing) partitions, not \(partitions)",
          hint: "another number would move keys between partitions; set `partitions` back to \(existing)")
      }
    }
  }

  /// One durable commit under the log's lock; blocks while another process appends. The bytes are checked before:
  /// damaged ones throw `.damaged` and nothing is written. Throws `.configuration` for a copy that was not adopted, and
  /// `.storage` from the first disk failure on, since what such a disk holds is unknown.
  package func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange] {
    try inTurn("append") {
      if batches.isEmpty { return [] }
      // Before the lock: bytes damaged in memory or in the outbox must not enter the log.
      for batch in batches {
        try StoredBatch.check(batch.bytes, count: batch.count, partition: batch.partition, operation: "append")
      }
      return try appending {
        try refuseWhenCopy()
        var chain = Chain()
        return try batches.map { try insert($0, at: nil, &chain) }
      }
    }
  }

  /// Records of its own in a copy would stand where the original's next ones belong.
  private func refuseWhenCopy() throws {
    // Most logs are no copies, and a copy that was adopted stays so.
    guard copyMark != nil else { return }
    copyMark = try LogSchema.copyMark(of: database)
    guard let copyMark else { return }
    throw LogError(
      .configuration, operation: "append", cause: "this log is a copy of another one (\(copyMark)), kept as an archive",
      hint: "capture into the original, or make the workspace use the copy: `millrace log copy … --adopt`")
  }

  /// Runs `body` in a write transaction under the log's lock, then checkpoints when it is time.
  func appending<R>(_ body: () throws -> R) throws -> R {
    guard let lock else {
      throw LogError(
        .configuration, operation: "append", cause: "the log was opened for reading only",
        hint: "this is probably a defect in Millrace; please report it")
    }
    guard !diskFailed else {
      throw LogError(
        .storage, operation: "append", cause: "the disk failed in an earlier append",
        hint: "look at the system log, then start again: what was acknowledged is safe, the rest will be sent again")
    }
    let asked = Monotonic.millis
    do {
      return try lock.withLock {
        telemetry.gotLock(askedAt: asked)
        let result = try database.write(body)
        checkpointWhenDue()
        return result
      }
    } catch let error as SQLiteError where error.isDiskFailure {
      diskFailed = true
      telemetry.diskFailed("append")
      throw error
    }
  }

  /// The append before it is durable already, so a failure here is no failure of the append.
  private func checkpointWhenDue() {
    guard uncheckpointedBytes >= EmbeddedLogLimits.checkpointBytes else { return }
    do {
      // Passive: it does not wait for readers. What they keep back is moved by a later call.
      try database.checkpointPassively()
      telemetry.checkpointed(bytes: uncheckpointedBytes)
      uncheckpointedBytes = 0
    } catch {
      guard error.isDiskFailure else { return }
      diskFailed = true
      telemetry.diskFailed("checkpoint")
    }
  }

  /// The topic's number of partitions, after it was created where it was missing.
  private func create(_ topic: String, _ partitions: Int32) throws -> Int64 {
    if let found = try database.integer("SELECT partitions FROM topics WHERE name = ?1", [.text(topic)]) {
      return found
    }
    try database.run(
      "INSERT INTO topics (name, partitions) VALUES (?1, ?2)", [.text(topic), .integer(Int64(partitions))])
    let id = database.lastInsertRowID
    for number in 0..<partitions {
      try database.run(
        "INSERT INTO partitions (topic_id, number, next_offset, chain, bytes) VALUES (?1, ?2, 0, ?3, 0)",
        [
          .integer(id), .integer(Int64(number)),
          .blob(Chain.start(logID: logID, partition: TopicPartition(topic, number), firstOffset: .first)),
        ])
    }
    return Int64(partitions)
  }

  /// Stores a batch at the partition's end, or at `base` behind a hole.
  func insert(_ batch: EncodedBatch, at base: Offset?, _ chain: inout Chain) throws -> AppendedRange {
    let id = try identifier(of: batch.partition)
    let head = try head(of: id)
    let base = base ?? head.nextOffset
    guard base >= head.nextOffset, base <= .max - Int64(batch.count) else {
      throw LogError(
        .damaged, operation: "append", partition: batch.partition, offset: base,
        cause: "the partition's end at \(head.nextOffset) is impossible", hint: "run `millrace log verify`")
    }
    let link = Chain.Link(
      partition: batch.partition.partition, baseOffset: base, lastOffset: base + Int64(batch.count) - 1,
      firstTimestamp: batch.firstTimestampMillis, lastTimestamp: batch.lastTimestampMillis)
    let hash = batch.bytes.withUnsafeBytes { chain.hash(after: head.chain, link, payload: $0) }
    try insert(batch, link, after: base > head.nextOffset ? head.nextOffset : nil, hash, partitionID: id)
    let anchor = LogAnchor(nextOffset: link.lastOffset.next, proof: hash)
    return AppendedRange(
      partition: batch.partition, baseOffset: base, nextOffset: anchor.nextOffset, anchor: anchor)
  }

  /// Version 1 has no column for what lies before a hole; nor can it have holes.
  private static let insertSQL = """
    INSERT INTO batches (partition_id, base_offset, last_offset, first_timestamp, last_timestamp, chain, payload)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    """
  private static let insertBehindHoleSQL = """
    INSERT INTO batches
      (partition_id, base_offset, last_offset, first_timestamp, last_timestamp, chain, payload, after_offset)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    """

  private func insert(
    _ batch: EncodedBatch, _ link: Chain.Link, after: Offset?, _ hash: [UInt8], partitionID: Int64
  ) throws {
    let row = try database.statement(after == nil ? EmbeddedLog.insertSQL : EmbeddedLog.insertBehindHoleSQL)
    if let after { row.bind(8, after) }
    row.bind(1, partitionID)
    row.bind(2, link.baseOffset)
    row.bind(3, link.lastOffset)
    row.bind(4, link.firstTimestamp)
    row.bind(5, link.lastTimestamp)
    row.bind(6, hash)
    row.bind(7, batch.bytes)
    try row.run()
    // The statement stays in the cache; it need not keep the payload with it.
    row.clearBindings()
    let end = try database.statement(
      "UPDATE partitions SET next_offset = ?2, chain = ?3, bytes = bytes + ?4 WHERE id = ?1")
    end.bind(1, partitionID)
    end.bind(2, link.lastOffset.next)
    end.bind(3, hash)
    end.bind(4, batch.bytes.count)
    try end.run()
    // A batch touches a few pages beside those that hold it.
    uncheckpointedBytes += Int64(batch.bytes.count + 3 * EmbeddedLogLimits.pageBytes)
  }

  func head(of id: Int64) throws -> (nextOffset: Offset, chain: [UInt8]) {
    let statement = try database.statement("SELECT next_offset, chain FROM partitions WHERE id = ?1")
    statement.bind(1, id)
    defer { statement.reset() }
    guard try statement.step() else { return (.first, []) }
    return (statement.offset(0), statement.blob(1))
  }
}
