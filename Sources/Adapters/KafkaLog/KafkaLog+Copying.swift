package import EventLog

/// The log as a copy of another: Kafka gives its own offsets, so the original ones travel in a header.
extension KafkaLog: LogCopyTarget {
  /// By the header of the copy's last record. Throws `.configuration` for a topic that holds records of its own. Blocks
  /// for one read.
  package func copiedUpTo(_ partition: TopicPartition) throws(LogError) -> Offset? {
    try inTurn { () throws(LogError) in
      let bounds = try freshBounds(partition, "find the end of the copy of")
      guard bounds.next > bounds.earliest else { return nil }
      guard let last = try lastRecord(of: partition, before: bounds.next, bounds) else { return nil }
      guard let original = last.original else { throw notACopy(partition, last.offset) }
      return original.next
    }
  }

  /// The original offsets go into a header. When it throws, some records may be there: ask `copiedUpTo`, and go on from
  /// there. Blocks until all are acknowledged.
  package func appendCopy(_ batches: [RecordBatch]) throws(LogError) {
    try inTurn { () throws(LogError) in
      let shipments = batches.filter { !$0.records.isEmpty }.map {
        ProducerConnection.Shipment(topic: physical($0.partition.topic), batch: $0, keepsOffsets: true)
      }
      // What a client that failed has left behind is unknown: `copiedUpTo` tells, so nothing is sent twice here.
      _ = try send(shipments, mayResend: false)
    }
  }

  /// By bisection over the header: about twenty reads of one record for a million.
  package func translate(_ originalOffset: Offset, of partition: TopicPartition) throws(LogError) -> Offset {
    try inTurn { () throws(LogError) in
      let bounds = try freshBounds(partition, "translate an offset of")
      // All records below `low` have smaller original offsets; the one at `high`, if there is one, does not.
      var low = bounds.earliest
      var high = bounds.next
      while low < high {
        let middle = low + low.distance(to: high) / 2
        guard let record = try firstRecord(of: partition, from: middle), record.offset < high else {
          high = middle
          continue
        }
        guard let original = record.original else { throw notACopy(partition, record.offset) }
        if original >= originalOffset {
          high = middle
        } else {
          low = record.offset.next
        }
      }
      // In a hole: the record behind it has the same place for every reader.
      guard low < bounds.next else { return bounds.next }
      return try firstRecord(of: partition, from: low)?.offset ?? bounds.next
    }
  }

  private func notACopy(_ partition: TopicPartition, _ offset: Offset) -> LogError {
    LogError(
      .configuration, operation: "copy into", partition: partition, offset: offset,
      cause: "a record there was not copied: it has no \(Header.offset) header",
      hint: "copy into topics of their own (another topic_prefix)")
  }
}
