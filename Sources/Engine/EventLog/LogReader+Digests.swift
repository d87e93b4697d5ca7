extension LogReader {
  /// An anchor for a position, made of the last record before it, however large the hole between. nil: no record before
  /// it is left, or the position lies beyond the log's end.
  package func digest(before nextOffset: Int64, of partition: TopicPartition) throws(LogError) -> LogAnchor? {
    let bounds = try bounds(of: partition)
    guard nextOffset <= bounds.next else { return nil }
    var reach: Int64 = 1
    while true {
      let start = max(bounds.earliest, nextOffset - min(reach, nextOffset))
      guard start < nextOffset else { return nil }
      if let proof = try lastDigest(of: partition, from: start, before: nextOffset) {
        return LogAnchor(nextOffset: nextOffset, proof: proof)
      }
      if start == bounds.earliest { return nil }
      reach = reach.multipliedReportingOverflow(by: 4).overflow ? Int64.max : reach * 4
    }
  }

  private func lastDigest(
    of partition: TopicPartition, from start: Int64, before end: Int64
  ) throws(LogError) -> [UInt8]? {
    var proof: [UInt8]?
    var next = start
    while next < end {
      let batch = try read(partition, from: next, maximumBytes: 1)
      if let record = batch.records.last(where: { $0.offset < end }) {
        proof = RecordDigest.proof(of: record, in: batch)
      }
      guard let after = batch.nextOffset else { break }
      next = after
    }
    return proof
  }
}
