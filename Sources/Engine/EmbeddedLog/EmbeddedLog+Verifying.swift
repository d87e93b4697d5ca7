package import EventLog
internal import SQLite

extension EmbeddedLog {
  /// Recomputes every chain from the stored bytes and compares it with `anchors`, as of one snapshot. Reports progress
  /// in bytes. Throws `.damaged` with the partition and the offset of the first batch that is changed or missing.
  ///
  /// Proof against accidents and cut tails, not against someone who rewrites the log and all anchors together.
  package func verify(
    anchors: [TopicPartition: [LogAnchor]], progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws(LogError) -> LogVerification {
    try inTurn("verify") {
      try database.read {
        let partitions = try partitionEnds()
        for missing in anchors.keys.sorted() where !partitions.contains(where: { $0.partition == missing }) {
          throw damage(missing, nil, "an anchor names this partition, but the log does not have it")
        }
        var run = Run(total: partitions.reduce(0) { $0 &+ $1.bytes })
        for end in partitions { try verify(end, anchors[end.partition] ?? [], &run, progress) }
        progress(run.result.bytes, run.total)
        return run.result
      }
    }
  }

  /// Where a partition must end.
  private struct End {
    var id: Int64
    var partition: TopicPartition
    var nextOffset: Offset
    var chain: [UInt8]
    var bytes: Int64
    var firstOffset: Offset
  }

  /// How far a verification has come.
  private struct Run {
    var result = LogVerification(records: 0, bytes: 0, anchorsChecked: 0)
    var reported: Int64 = 0
    let total: Int64

    init(total: Int64) { self.total = total }
  }

  private func partitionEnds() throws -> [End] {
    var ends: [End] = []
    let topics = try database.rows("SELECT id, name, partitions FROM topics ORDER BY name") {
      (id: $0.int64(0), name: $0.text(1), partitions: $0.int64(2))
    }
    for topic in topics {
      let found = try database.rows(
        """
        SELECT id, number, next_offset, chain, bytes, \(knowsHoles ? "first_offset" : "0") FROM partitions
        WHERE topic_id = ?1 ORDER BY number
        """,
        [.integer(topic.id)]
      ) {
        End(
          id: $0.int64(0), partition: TopicPartition(topic.name, Int32(clamping: $0.int64(1))),
          nextOffset: $0.offset(2),
          chain: $0.blob(3), bytes: $0.int64(4), firstOffset: $0.offset(5))
      }
      for (index, end) in found.enumerated() where Int64(end.partition.partition) != Int64(index) {
        throw damage(TopicPartition(topic.name, Int32(clamping: index)), nil, "the partition is missing")
      }
      guard Int64(found.count) == topic.partitions else {
        throw damage(
          TopicPartition(topic.name, Int32(clamping: found.count)), nil,
          "the topic should have \(topic.partitions) partitions, and has \(found.count)")
      }
      ends += found
    }
    let strays = try database.integer(
      "SELECT count(*) FROM batches WHERE partition_id NOT IN (SELECT p.id FROM partitions p JOIN topics t ON t.id = p.topic_id)"
    )
    guard strays == 0 else {
      throw LogError(
        .damaged, operation: "verify", cause: "\(strays ?? 0) batches belong to no partition",
        hint: EmbeddedLog.restoreHint)
    }
    return ends
  }

  /// How far one partition's chain has been followed.
  private struct Walk {
    /// Of the anchors that are chain hashes, in the order of their offsets.
    let anchors: [LogAnchor]
    var nextAnchor = 0
    /// Of the batch last read, and where the next one must begin.
    var hash: [UInt8]
    var expected: Offset
    var bytes: Int64 = 0
  }

  private func verify(_ end: End, _ anchors: [LogAnchor], _ run: inout Run, _ progress: (Int64, Int64) -> Void) throws {
    let partition = end.partition
    var chain = Chain()
    var walk = Walk(
      anchors: anchors.filter { !RecordDigest.isDigest($0.proof) }.sorted { $0.nextOffset < $1.nextOffset },
      hash: Chain.start(logID: logID, partition: partition, firstOffset: end.firstOffset), expected: end.firstOffset)
    try compareAnchors(&walk, partition, &run)
    let statement = try database.prepare(
      """
      SELECT base_offset, last_offset, first_timestamp, last_timestamp, chain, payload,
        \(knowsHoles ? "coalesce(after_offset, base_offset)" : "base_offset")
      FROM batches WHERE partition_id = ?1 ORDER BY base_offset
      """)
    statement.bind(1, end.id)
    while try step(statement, partition, walk.expected) {
      try follow(statement, end, &chain, &walk, &run)
      try compareAnchors(&walk, partition, &run)
      if run.result.bytes - run.reported >= EmbeddedLogLimits.progressBytes {
        run.reported = run.result.bytes
        progress(run.result.bytes, run.total)
      }
    }
    try compareEnd(walk, end)
    try compareDigests(end, anchors.filter { RecordDigest.isDigest($0.proof) }, &run)
  }

  /// The batch that the statement stands on must go on from the one before.
  private func follow(
    _ statement: Statement, _ end: End, _ chain: inout Chain, _ walk: inout Walk, _ run: inout Run
  ) throws {
    let partition = end.partition
    let link = Chain.Link(
      partition: partition.partition, baseOffset: statement.offset(0), lastOffset: statement.offset(1),
      firstTimestamp: statement.int64(2), lastTimestamp: statement.int64(3))
    guard statement.offset(6) == walk.expected, link.baseOffset >= walk.expected else {
      throw damage(partition, walk.expected, "the batch that begins here is missing")
    }
    guard link.lastOffset >= link.baseOffset, link.lastOffset < end.nextOffset else {
      throw damage(partition, walk.expected, "the batch that begins here ends at an impossible offset")
    }
    let size = statement.withBlob(5) { payload in
      walk.hash = chain.hash(after: walk.hash, link, payload: payload)
      return Int64(payload.count)
    }
    guard statement.withBlob(4, { $0.elementsEqual(walk.hash) }) else {
      throw damage(partition, walk.expected, "the hash of the batch that begins here does not fit its bytes")
    }
    run.result.records &+= link.baseOffset.distance(to: link.lastOffset.next)
    run.result.bytes &+= size
    walk.bytes &+= size
    walk.expected = link.lastOffset.next
  }

  /// Anchors up to where the walk stands must lie on a batch's end and have its hash.
  private func compareAnchors(_ walk: inout Walk, _ partition: TopicPartition, _ run: inout Run) throws {
    while walk.nextAnchor < walk.anchors.count {
      let anchor = walk.anchors[walk.nextAnchor]
      guard anchor.nextOffset <= walk.expected else { return }
      guard anchor.nextOffset == walk.expected, anchor.proof == walk.hash else {
        throw damage(partition, anchor.nextOffset, "an anchor does not fit: the log was exchanged or rewritten")
      }
      walk.nextAnchor += 1
      run.result.anchorsChecked += 1
    }
  }

  /// Where the walk ended must be where the partition is recorded to end, and no anchor may lie beyond.
  private func compareEnd(_ walk: Walk, _ end: End) throws {
    guard walk.expected == end.nextOffset else {
      throw damage(end.partition, walk.expected, "everything from here on is missing")
    }
    guard walk.hash == end.chain, walk.bytes == end.bytes else {
      throw damage(end.partition, walk.expected, "the partition's recorded end does not fit its batches")
    }
    guard walk.nextAnchor == walk.anchors.count else {
      throw damage(
        end.partition, walk.expected,
        "an anchor lies at offset \(walk.anchors[walk.nextAnchor].nextOffset): the log's tail was cut")
    }
  }

  /// Anchors that are digests of records; those of records from before the log's beginning tell nothing.
  private func compareDigests(_ end: End, _ anchors: [LogAnchor], _ run: inout Run) throws {
    for anchor in anchors {
      switch try check(digest: anchor, of: end.partition, end.id) {
      case .holds: run.result.anchorsChecked += 1
      case .unknown: continue
      case .differs:
        throw damage(
          end.partition, anchor.nextOffset,
          anchor.nextOffset > end.nextOffset
            ? "an anchor lies at offset \(anchor.nextOffset): the log's tail was cut"
            : "an anchor does not fit: the log was exchanged or rewritten")
      }
    }
  }

  /// A row that SQLite itself cannot read is named like any other damage.
  private func step(_ statement: Statement, _ partition: TopicPartition, _ expected: Offset) throws -> Bool {
    do { return try statement.step() } catch {
      throw LogError(error, operation: "verify", partition: partition, offset: expected)
    }
  }

  private static let restoreHint = "restore the log from a backup, then rebuild the marts"

  private func damage(_ partition: TopicPartition, _ offset: Offset?, _ cause: String) -> LogError {
    LogError(
      .damaged, operation: "verify", partition: partition, offset: offset, cause: cause, hint: EmbeddedLog.restoreHint)
  }
}
