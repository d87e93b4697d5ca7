package import Concurrency
package import EventLog

/// A log in memory for tests of copies: it can have holes, lose its beginning (retention) or its tail, and fail.
package final class MemoryLog: LogReader {
  package struct Entry: Sendable, Equatable {
    package var offset: Offset
    package var key: [UInt8]
    package var value: [UInt8]?
    package var origin: [UInt8]?
    package var timestampMillis: Int64

    package init(offset: Offset, _ number: Int) {
      let sample = Sample(number)
      self.offset = offset
      key = sample.key
      value = number % 7 == 3 ? nil : sample.value
      origin = number % 5 == 4 ? nil : sample.origin
      // Clocks go back at times.
      timestampMillis = sample.timestampMillis - Int64(number % 3 * 50)
    }
  }

  package struct Content: Sendable {
    package var entries: [Entry] = []
    package var earliest = Offset.first
    package var next = Offset.first

    /// Appends records numbered as given, behind a hole of `skipping` offsets.
    package mutating func append(_ numbers: Range<Int>, skipping: Int64 = 0) {
      next += skipping
      for number in numbers {
        entries.append(Entry(offset: next, number))
        next += 1
      }
    }
  }

  package let logID: String
  package let content = Lock<[TopicPartition: Content]>([:])
  /// Called before every read; what it throws, the read throws.
  private let beforeRead: @Sendable () throws(LogError) -> Void

  package init(logID: String, beforeRead: @escaping @Sendable () throws(LogError) -> Void = {}) {
    self.logID = logID
    self.beforeRead = beforeRead
  }

  package func change(_ partition: TopicPartition, _ body: (inout Content) -> Void) {
    content.withLock { body(&$0[partition, default: Content()]) }
  }

  package func entries(_ partition: TopicPartition) -> [Entry] {
    content.withLock { $0[partition]?.entries ?? [] }
  }

  package func topics() throws(LogError) -> [String] {
    content.withLock { Set($0.keys.map(\.topic)) }.sorted()
  }

  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] {
    content.withLock { $0.keys.filter { $0.topic == topic } }.sorted()
  }

  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    let found = try find(partition)
    return LogBounds(earliest: found.earliest, next: found.next)
  }

  package func read(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    try beforeRead()
    let found = try find(partition)
    guard offset >= found.earliest, offset <= found.next else {
      throw LogError(
        .positionGone, operation: "read", partition: partition, offset: offset, cause: "gone", hint: "none")
    }
    var batch = RecordBatch(partition: partition, bytes: [], records: [])
    func add(_ bytes: [UInt8]) -> Range<Int> {
      batch.bytes += bytes
      return batch.bytes.count - bytes.count..<batch.bytes.count
    }
    for entry in found.entries where entry.offset >= offset {
      // A batch of this log is one record; few enough that copies take several reads.
      if !batch.records.isEmpty, batch.bytes.count >= min(maximumBytes, 600) { return batch }
      let key = add(entry.key)
      let value = entry.value.map(add)
      let origin = entry.origin.map(add)
      batch.records.append(
        RecordBatch.Record(
          offset: entry.offset, timestampMillis: entry.timestampMillis, key: key, value: value, origin: origin))
    }
    if (batch.records.last?.offset ?? offset - 1) < found.next - 1 { batch.holeEnd = found.next }
    return batch
  }

  package func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try digest(before: nextOffset, of: partition)
  }

  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    let bounds = try bounds(of: partition)
    guard anchor.nextOffset > bounds.earliest else { return .unknown }
    guard let found = try digest(before: anchor.nextOffset, of: partition) else { return .differs }
    return found == anchor ? .holds : .differs
  }

  private func find(_ partition: TopicPartition) throws(LogError) -> Content {
    guard let found = content.withLock({ $0[partition] }) else {
      throw LogError(.configuration, operation: "find", partition: partition, cause: "not there", hint: "none")
    }
    return found
  }
}
