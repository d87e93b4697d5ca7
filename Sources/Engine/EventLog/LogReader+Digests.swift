extension LogReader {
  /// An anchor for a position, made of the last record before it, however large the hole between. nil: no record before
  /// it is left, or the position lies beyond the log's end.
  package func digest(before nextOffset: Offset, of partition: TopicPartition) throws(LogError) -> LogAnchor? {
    guard let (record, batch) = try lastRecord(before: nextOffset, of: partition) else { return nil }
    return LogAnchor(nextOffset: nextOffset, proof: RecordDigest.proof(of: record, in: batch))
  }

  /// The last record before a position, and the batch that it stands in. Looked for further and further back, since
  /// offsets may have holes. nil: none is left, or the position lies beyond the log's end. Blocks for some reads.
  package func lastRecord(
    before nextOffset: Offset, of partition: TopicPartition
  ) throws(LogError) -> (record: RecordBatch.Record, batch: RecordBatch)? {
    let bounds = try bounds(of: partition)
    guard nextOffset <= bounds.next else { return nil }
    var reach: Int64 = 1
    while true {
      let start = max(bounds.earliest, nextOffset - min(reach, nextOffset.rawValue))
      guard start < nextOffset else { return nil }
      if let found = try lastRecord(of: partition, from: start, before: nextOffset) { return found }
      if start == bounds.earliest { return nil }
      reach = reach.multipliedReportingOverflow(by: 4).overflow ? Int64.max : reach * 4
    }
  }

  private func lastRecord(
    of partition: TopicPartition, from start: Offset, before end: Offset
  ) throws(LogError) -> (record: RecordBatch.Record, batch: RecordBatch)? {
    var found: (record: RecordBatch.Record, batch: RecordBatch)?
    var next = start
    while next < end {
      let batch = try read(partition, from: next, maximumBytes: 1)
      if let record = batch.records.last(where: { $0.offset < end }) { found = (record, batch) }
      guard let after = batch.nextOffset else { break }
      next = after
    }
    return found
  }
}
