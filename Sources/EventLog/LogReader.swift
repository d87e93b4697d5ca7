/// Reads an ordered, append-only, partitioned log. Implementations: the embedded log, Kafka.
///
/// Calls block; call them from a thread of your own. A reader is used by one thread at a time. Only durable records are seen.
package protocol LogReader: AnyObject, Sendable {
  /// Identity of the log itself: a mart fed from one log must not be fed from another.
  var logID: String { get }
  /// All topics, sorted.
  func topics() throws(LogError) -> [String]
  /// The topic's partitions in order; empty when the topic does not exist yet.
  func partitions(of topic: String) throws(LogError) -> [TopicPartition]
  /// The earliest offset still there and the offset that the next record will get (the high-water mark).
  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds
  /// The records from exactly `offset` on, whole stored batches up to about `maximumBytes` (at least one batch when there
  /// is one); empty at the end of the log. An offset below the earliest or above the high-water mark throws
  /// `.positionGone`: the caller must stop and explain, never jump.
  func read(_ partition: TopicPartition, from offset: Int64, maximumBytes: Int) throws(LogError) -> RecordBatch
  /// The chain's hash after the stored batch that ends just before `nextOffset`, or nil where no batch ends there
  /// (and always nil for a log without a chain). Kept beside positions as proof against cut or exchanged tails.
  func anchor(of partition: TopicPartition, at nextOffset: Int64) throws(LogError) -> LogAnchor?
}

/// Appends to the log. One call is one durable commit over all its partitions.
package protocol LogWriter: AnyObject, Sendable {
  /// Creates the topic when it is missing; an existing one with another partition count throws `.configuration`.
  func ensureTopic(_ topic: String, partitions: Int32) throws(LogError)
  /// Appends the batches in order. When this returns, all of them survive power loss; when it throws, none or (Kafka) some
  /// may be there, and the caller sends exactly the same bytes again.
  func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange]
}

package struct LogBounds: Equatable, Sendable {
  package var earliest: Int64
  /// Offset of the next record to be appended.
  package var next: Int64
  package init(earliest: Int64, next: Int64) {
    self.earliest = earliest
    self.next = next
  }
}

package struct LogAnchor: Equatable, Sendable {
  package var nextOffset: Int64
  /// SHA-256 chained over all batches of the partition up to here; 32 bytes.
  package var chainHash: [UInt8]
  package init(nextOffset: Int64, chainHash: [UInt8]) {
    self.nextOffset = nextOffset
    self.chainHash = chainHash
  }
}

package struct AppendedRange: Equatable, Sendable {
  package var partition: TopicPartition
  package var baseOffset: Int64
  package var nextOffset: Int64
  package var anchor: LogAnchor?
  package init(partition: TopicPartition, baseOffset: Int64, nextOffset: Int64, anchor: LogAnchor?) {
    self.partition = partition
    self.baseOffset = baseOffset
    self.nextOffset = nextOffset
    self.anchor = anchor
  }
}
