extension LogCopy {
  /// What a comparison went through without finding a difference.
  package struct Comparison: Sendable, Equatable {
    /// Records whose digests were compared.
    package var records: Int64 = 0
    /// Partitions that were looked at.
    package var partitions = 0
  }

  /// Reads both sides and compares the digest of every record that both should hold: from where the source begins now
  /// up to where the copy ends. Also that the copy finds each stretch of it under its original offset. Reports records
  /// compared.
  ///
  /// Throws `.damaged` with the partition and the original offset of the first difference.
  package func compare(progress: (Int64) -> Void = { _ in }) throws(LogError) -> Comparison {
    var result = Comparison()
    for topic in try topics() {
      for partition in try source.partitions(of: topic) {
        let compared = result.records
        result.records &+= try compare(partition) { progress(compared &+ $0) }
        result.partitions += 1
      }
    }
    return result
  }

  private func compare(_ partition: TopicPartition, _ progress: (Int64) -> Void) throws(LogError) -> Int64 {
    let bounds = try source.bounds(of: partition)
    guard let end = try target.copiedUpTo(partition) else {
      // Nothing was copied yet, so there is nothing to compare.
      return 0
    }
    guard end <= bounds.next else {
      throw difference(partition, bounds.next, "the source ends here, before its copy")
    }
    if end <= bounds.earliest { return 0 }
    let originals = Digests(source, partition, from: bounds.earliest, to: end)
    let copies = Digests(
      target, partition, from: try target.translate(bounds.earliest, of: partition),
      to: try target.translate(end, of: partition))
    var count: Int64 = 0
    while let original = try originals.next() {
      guard let copy = try copies.next() else { throw difference(partition, original.offset, "the copy lacks it") }
      guard copy.proof == original.proof else { throw difference(partition, original.offset, "the copy differs") }
      if original.isFirstRead {
        guard try target.translate(original.offset, of: partition) == copy.offset else {
          throw difference(partition, original.offset, "the copy has it under another offset")
        }
        progress(count)
      }
      count &+= 1
    }
    if try copies.next() != nil { throw difference(partition, end, "the copy holds more records up to here") }
    progress(count)
    return count
  }

  private func difference(_ partition: TopicPartition, _ offset: Offset, _ cause: String) -> LogError {
    LogError(
      .damaged, operation: "compare the copy", partition: partition, offset: offset, cause: cause,
      hint: "begin a new copy in another place, and keep this one until it is done")
  }

  /// The digests of a stretch of records, read in steps.
  private final class Digests {
    struct Item {
      var offset: Offset
      var proof: [UInt8]
      /// The first of a read.
      var isFirstRead: Bool
    }

    private let log: any LogReader
    private let partition: TopicPartition
    private let end: Offset
    private var offset: Offset
    private var batch: RecordBatch
    private var index = 0

    init(_ log: any LogReader, _ partition: TopicPartition, from start: Offset, to end: Offset) {
      self.log = log
      self.partition = partition
      self.end = end
      offset = start
      batch = RecordBatch(partition: partition, bytes: [], records: [])
    }

    func next() throws(LogError) -> Item? {
      while index >= batch.records.count {
        guard offset < end else { return nil }
        batch = try log.read(partition, from: offset, maximumBytes: EventLogLimits.copyBytes)
        index = 0
        guard let after = batch.nextOffset, after > offset else { return nil }
        offset = after
      }
      let record = batch.records[index]
      guard record.offset < end else { return nil }
      index += 1
      return Item(
        offset: record.offset, proof: RecordDigest.proof(of: record, in: batch), isFirstRead: index == 1)
    }
  }
}
