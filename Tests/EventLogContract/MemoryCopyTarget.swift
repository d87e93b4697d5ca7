import Concurrency
package import EventLog

/// A copy target in memory that gives offsets of its own, with holes between them, as Kafka does; and fails when asked to.
package final class MemoryCopyTarget: LogCopyTarget {
  private let log: MemoryLog
  /// The original offset of each record.
  private let originals = Lock<[TopicPartition: [Offset]]>([:])
  /// Called before and after each append's records are there; what it throws, the append throws.
  private let atAppend: @Sendable (_ isDone: Bool) throws(LogError) -> Void

  package var logID: String { log.logID }

  package init(lineage: String, atAppend: @escaping @Sendable (_ isDone: Bool) throws(LogError) -> Void = { _ in }) {
    log = MemoryLog(logID: lineage)
    self.atAppend = atAppend
  }

  package func entries(_ partition: TopicPartition) -> [MemoryLog.Entry] { log.entries(partition) }

  package func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    let existing = try log.partitions(of: topic)
    if existing.isEmpty {
      for number in 0..<partitions { log.change(TopicPartition(topic, number)) { _ in } }
    } else if existing.count != Int(partitions) {
      throw LogError(.configuration, operation: "create", cause: "another number of partitions", hint: "none")
    }
  }

  package func copiedUpTo(_ partition: TopicPartition) throws(LogError) -> Offset? {
    originals.withLock { $0[partition]?.last.map { $0 + 1 } }
  }

  package func appendCopy(_ batches: [RecordBatch]) throws(LogError) {
    try atAppend(false)
    for batch in batches {
      for record in batch.records {
        log.change(batch.partition) { content in
          var entry = MemoryLog.Entry(offset: content.next + 2, 0)
          entry.key = Array(batch.bytes[record.key])
          entry.value = record.value.map { Array(batch.bytes[$0]) }
          entry.origin = record.origin.map { Array(batch.bytes[$0]) }
          entry.timestampMillis = record.timestampMillis
          content.entries.append(entry)
          content.next += 3
        }
        originals.withLock { $0[batch.partition, default: []].append(record.offset) }
      }
    }
    try atAppend(true)
  }

  package func translate(_ originalOffset: Offset, of partition: TopicPartition) throws(LogError) -> Offset {
    let next = try log.bounds(of: partition).next
    let index = originals.withLock { $0[partition]?.firstIndex { $0 >= originalOffset } }
    return index.map { log.entries(partition)[$0].offset } ?? next
  }

  package func topics() throws(LogError) -> [String] { try log.topics() }
  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try log.partitions(of: topic) }
  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try log.bounds(of: partition) }

  package func read(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    try log.read(partition, from: offset, maximumBytes: maximumBytes)
  }

  package func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try log.anchor(of: partition, at: nextOffset)
  }

  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try log.check(anchor, of: partition)
  }
}
