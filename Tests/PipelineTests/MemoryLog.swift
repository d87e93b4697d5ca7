import EventLog
import Foundation

/// A log in memory that takes copies and keeps the original's offsets. It can fail in the middle of an append, as a process
/// that is killed there leaves it.
final class MemoryLog: LogReader, LogCopyTarget, @unchecked Sendable {
  struct Stored: Equatable {
    var offset: Offset
    var timestampMillis: Int64
    var key: [UInt8]
    var value: [UInt8]?
    var origin: [UInt8]?
  }

  struct Killed: Error {}

  let logID: String
  private var partitions: [TopicPartition: [Stored]] = [:]
  private var ends: [TopicPartition: Offset] = [:]
  private var counts: [String: Int32] = [:]
  /// Records that may still be appended; nil: no end.
  var budget: Int?
  /// Reads that fail with `.unavailable` before one succeeds.
  var failingReads = 0
  /// What retention has taken.
  var earliest: [TopicPartition: Offset] = [:]

  init(logID: String = "memory") { self.logID = logID }

  func records(_ partition: TopicPartition) -> [Stored] { partitions[partition] ?? [] }
  var all: [TopicPartition: [Stored]] { partitions.filter { !$0.value.isEmpty } }

  /// Puts a record at an offset of its own; holes are welcome.
  func put(_ stored: Stored, in partition: TopicPartition) {
    partitions[partition, default: []].append(stored)
    ends[partition] = stored.offset + 1
  }

  /// What lies between the last record and here was never a record.
  func endHole(at offset: Offset, of partition: TopicPartition) { ends[partition] = offset }

  // MARK: LogReader

  func topics() throws(LogError) -> [String] { counts.keys.sorted() }

  func partitions(of topic: String) throws(LogError) -> [TopicPartition] {
    (0..<(counts[topic] ?? 0)).map { TopicPartition(topic, $0) }
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    let next = ends[partition] ?? 0
    return LogBounds(earliest: earliest[partition] ?? partitions[partition]?.first?.offset ?? next, next: next)
  }

  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
    if failingReads > 0 {
      failingReads -= 1
      throw LogError(.unavailable, operation: "read", partition: partition, cause: "planted", hint: "")
    }
    let bounds = try bounds(of: partition)
    guard offset >= bounds.earliest, offset <= bounds.next else {
      throw LogError(.positionGone, operation: "read", partition: partition, offset: offset, cause: "gone", hint: "")
    }
    var batch = RecordBatch(partition: partition, bytes: [], records: [])
    func put(_ part: [UInt8]) -> Range<Int> {
      let start = batch.bytes.count
      batch.bytes += part
      return start..<batch.bytes.count
    }
    let rest = records(partition).filter { $0.offset >= offset }
    for stored in rest {
      if batch.bytes.count >= maximumBytes { return batch }
      let key = put(stored.key)
      let value = stored.value.map { put($0) }
      let origin = stored.origin.map { put($0) }
      batch.records.append(
        RecordBatch.Record(
          offset: stored.offset, timestampMillis: stored.timestampMillis, key: key, value: value, origin: origin))
    }
    if bounds.next > (rest.last?.offset ?? (offset - 1)) + 1 { batch.holeEnd = bounds.next }
    return batch
  }

  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? { nil }
  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck { .unknown }

  // MARK: LogCopyTarget

  func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    guard counts[topic] ?? partitions == partitions else {
      throw LogError(.configuration, operation: "create", cause: "another partition count", hint: "")
    }
    counts[topic] = partitions
  }

  func copiedUpTo(_ partition: TopicPartition) throws(LogError) -> Offset? {
    records(partition).isEmpty ? nil : ends[partition]
  }

  func appendCopy(_ batches: [RecordBatch]) throws(LogError) {
    for batch in batches {
      for record in batch.records {
        if budget == 0 {
          throw LogError(.storage, operation: "append", partition: batch.partition, cause: "killed", hint: "")
        }
        budget? -= 1
        guard record.offset >= ends[batch.partition] ?? 0 else {
          throw LogError(
            .configuration, operation: "append", partition: batch.partition, cause: "copied already", hint: "")
        }
        put(
          Stored(
            offset: record.offset, timestampMillis: record.timestampMillis, key: Array(batch.bytes[record.key]),
            value: record.value.map { Array(batch.bytes[$0]) }, origin: record.origin.map { Array(batch.bytes[$0]) }),
          in: batch.partition)
      }
      if let end = batch.nextOffset, end > ends[batch.partition] ?? 0 { ends[batch.partition] = end }
    }
  }

  func translate(_ originalOffset: Offset, of partition: TopicPartition) throws(LogError) -> Offset { originalOffset }
}
