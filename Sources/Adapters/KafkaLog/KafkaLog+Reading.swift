internal import CKafka
package import EventLog

extension KafkaLog {
  /// Waits only where the log must have a record: before the end that `bounds` or an append of this object has told,
  /// and for the broker's first answer about a partition.
  package func read(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    try inTurn { () throws(LogError) in
      if !readsAhead {
        readsAhead = true
        stayAwake(try consumer())
      }
      return try fetch(partition, from: offset, maximumBytes: maximumBytes, look: nil)
    }
  }

  /// Begins to fetch. A broker holds a fetch that finds nothing for a while, and each partition that is started alone
  /// waits for the one before it; started together, they come with one answer.
  package func willRead(_ offsets: [TopicPartition: Offset]) {
    _ = try? inTurn { () throws(LogError) in
      for (partition, offset) in offsets where offset >= .first {
        try demand(partition, "read")
        let source = try consumer().source(partition, topic: physical(partition.topic))
        // What is refused here is refused again, and told, when it is read.
        if source.expected != offset { _ = source.start(at: offset) }
      }
    }
  }

  func fetch(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int,
    look: ((UnsafePointer<rd_kafka_message_t>) -> Void)?
  ) throws(LogError) -> RecordBatch {
    try demand(partition, "read")
    let patience = patience(settings.readSeconds)
    try consumer().source(partition, topic: physical(partition.topic)).trouble = nil
    while true {
      guard offset >= .first else { throw gone(partition, offset, try freshBounds(partition, "read")) }
      let connection = try consumer()
      let source = try connection.source(partition, topic: physical(partition.topic))
      if look == nil, let single = source.single, single.records[0].offset == offset, source.expected != offset {
        return single
      }
      do {
        let batch = try connection.read(
          source, .init(offset: offset, maximumBytes: maximumBytes, look: look), patience)
        if let record = batch.records.last {
          // One hash for each read, so that the anchor that is asked for next costs nothing.
          source.last = (batch.nextOffset ?? record.offset, RecordDigest.proof(of: record, in: batch))
          source.single = batch.records.count == 1 ? batch : nil
        }
        return batch
      } catch {
        switch error {
        case .error(let error):
          if error.kind == .unavailable { dropConsumer() }
          throw error
        case .outOfRange:
          let bounds = try freshBounds(partition, "read")
          // A leader that has just taken over may not know yet how far the log reaches.
          guard bounds.earliest <= offset, offset <= bounds.next, !patience.isOver else {
            throw gone(partition, offset, bounds)
          }
          source.stop()
          patience.pause()
        }
      }
    }
  }

  private func gone(_ partition: TopicPartition, _ offset: Offset, _ bounds: LogBounds) -> LogError {
    let hint =
      if offset > bounds.next {
        "the reader is ahead of the log: the topic lost its tail or was made anew; rebuild the mart, or restore the topic"
      } else if offset >= .first {
        "\(offset.distance(to: bounds.earliest)) offsets are gone, most likely by the topic's retention; rebuild from a copy that "
          + "has them (`millrace log copy`), or accept a rebuild from offset \(bounds.earliest)"
      } else {
        "offsets begin at 0"
      }
    return LogError(
      .positionGone, operation: "read", partition: partition, offset: offset,
      cause: "the topic holds offsets from \(bounds.earliest) up to \(bounds.next)", hint: hint)
  }

  // MARK: Anchors

  /// A digest of the record before `nextOffset`; nil at the log's start, and where that record is gone. Blocks for one
  /// read where the record was not the last one read.
  package func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try inTurn { () throws(LogError) in
      guard nextOffset > .first else { return nil }
      try demand(partition, "find an anchor in")
      let source = try consumer().source(partition, topic: physical(partition.topic))
      if let last = source.last, last.nextOffset == nextOffset {
        return LogAnchor(nextOffset: nextOffset, proof: last.proof)
      }
      let bounds = try freshBounds(partition, "find an anchor in")
      guard nextOffset > bounds.earliest, nextOffset <= bounds.next else { return nil }
      return try lastRecord(of: partition, before: nextOffset, bounds).map { last in
        LogAnchor(nextOffset: nextOffset, proof: last.proof)
      }
    }
  }

  /// Compares digests of records; the embedded log's chain hashes are `.unknown` here. Blocks for one read.
  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try inTurn { () throws(LogError) in
      if let record = try recordAtOnce(before: anchor, of: partition) {
        return record.proof == anchor.proof ? .holds : .differs
      }
      let bounds = try freshBounds(partition, "check an anchor of")
      guard anchor.nextOffset <= bounds.next else { return .differs }
      // Kafka has no chain to compare with.
      guard RecordDigest.isDigest(anchor.proof), anchor.nextOffset > bounds.earliest else { return .unknown }
      guard let last = try lastRecord(of: partition, before: anchor.nextOffset, bounds) else { return .unknown }
      return last.proof == anchor.proof ? .holds : .differs
    }
  }

  /// The record right before an anchor, without asking for the bounds first: behind a fetch that the broker holds that
  /// takes as long as the holding. nil: it is not there, or must be looked for.
  private func recordAtOnce(
    before anchor: LogAnchor, of partition: TopicPartition
  ) throws(LogError) -> FoundRecord? {
    guard RecordDigest.isDigest(anchor.proof), anchor.nextOffset > .first else { return nil }
    try demand(partition, "check an anchor of")
    // Otherwise the read would not wait for the record.
    guard try consumer().source(partition, topic: physical(partition.topic)).knownEnd >= anchor.nextOffset else {
      return nil
    }
    do throws(LogError) {
      let record = try firstRecord(of: partition, from: anchor.nextOffset - 1)
      return record?.offset.next == anchor.nextOffset ? record : nil
    } catch {
      guard error.kind == .positionGone else { throw error }
      return nil
    }
  }

  /// What is known of one record.
  struct FoundRecord: Sendable {
    var offset: Offset
    var proof: [UInt8]
    /// Its offset in the log that it was copied from.
    var original: Offset?
  }

  /// The last record before an offset inside the bounds; nil: only holes.
  func lastRecord(
    of partition: TopicPartition, before nextOffset: Offset, _ bounds: LogBounds
  ) throws(LogError) -> FoundRecord? {
    for step in KafkaLimits.holeSteps {
      let start = max(bounds.earliest, nextOffset - step)
      var offset = start
      var found: FoundRecord?
      while offset < nextOffset {
        guard let record = try firstRecord(of: partition, from: offset) else { break }
        guard record.offset < nextOffset else { break }
        found = record
        offset = record.offset.next
      }
      if let found { return found }
      if start == bounds.earliest { return nil }
    }
    return nil
  }

  /// The first record at or after an offset; nil: there is none.
  func firstRecord(of partition: TopicPartition, from offset: Offset) throws(LogError) -> FoundRecord? {
    var next = offset
    while true {
      var original: Offset?
      let batch = try fetch(partition, from: next, maximumBytes: 0) {
        original = RecordBatch.originalOffset(of: $0)
      }
      if let record = batch.records.first {
        return FoundRecord(
          offset: record.offset, proof: RecordDigest.proof(of: record, in: batch), original: original)
      }
      guard let hole = batch.nextOffset else { return nil }
      next = hole
    }
  }
}
