/// Reads an ordered, append-only, partitioned log. Implementations: the embedded log, Kafka.
///
/// Calls block; call them from a thread of your own. A reader is used by one thread at a time, `noteProgress` excepted.
/// Only durable records are seen.
package protocol LogReader: AnyObject, Sendable {
  /// Identity of the log itself, which its copies share: a mart fed from one log must not be fed from another.
  var logID: String { get }
  /// All topics, sorted.
  func topics() throws(LogError) -> [String]
  /// The topic's partitions in order; empty when the topic does not exist yet.
  func partitions(of topic: String) throws(LogError) -> [TopicPartition]
  /// The earliest offset still there and the offset that the next record will get (the high-water mark).
  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds
  /// The first records at or after `offset`, whole stored batches up to about `maximumBytes` (at least one batch when
  /// there is one). Offsets rise, and some may be missing: transactions and compaction leave holes in Kafka's. At the
  /// end of the log the batch is empty and its `nextOffset` nil. An offset below the earliest or above the high-water
  /// mark throws `.positionGone`: the caller must stop and explain, never jump.
  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch
  /// Proof of what stands before `nextOffset`, to be kept beside a position and compared later (`check`). nil where the
  /// log has none: at its start, and in the middle of an embedded log's batch.
  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor?
  /// Whether the log still holds what an anchor was taken from.
  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck
  /// Tells the log what is read next, so that one behind a network can fetch it all at once instead of one partition
  /// after the other. For speed only: it never fails, and what is told need not be read. Most logs have nothing to do.
  func willRead(_ offsets: [TopicPartition: Offset])
  /// Tells the log how far its reader has come for good, so that tools beside Millrace can show the lag. For
  /// information only, and cheap; safe from any thread. Most logs have nobody to tell.
  func noteProgress(_ nextOffsets: [TopicPartition: Offset])
}

extension LogReader {
  /// Nothing to do, unless a log says otherwise.
  package func willRead(_ offsets: [TopicPartition: Offset]) {}
  /// Nothing to do, unless a log says otherwise.
  package func noteProgress(_ nextOffsets: [TopicPartition: Offset]) {}
}

/// What a log says of an anchor that was taken from it, or from its original, before.
package enum AnchorCheck: Sendable {
  case holds
  /// Other records stand there: the log lost its tail, was exchanged, or its topic was made anew.
  case differs
  /// The records that would tell are no longer kept.
  case unknown
}

/// A log that can take the records of another one and keep everything about them.
///
/// Copies are idempotent: who goes on from `copiedUpTo` after a crash at any moment leaves nothing out and copies
/// nothing twice.
package protocol LogCopyTarget: LogReader {
  /// Creates the topic when it is missing; an existing one with another partition count throws `.configuration`.
  func ensureTopic(_ topic: String, partitions: Int32) throws(LogError)
  /// Whether the copy's offsets are the original's.
  var keepsOffsets: Bool { get }
  /// Says where the original begins, before anything of a partition is copied: what lies below is in no copy.
  /// Logs that give offsets themselves need not know.
  func beginCopy(of partition: TopicPartition, at originalOffset: Offset) throws(LogError)
  /// The original's offset after the last record copied; nil: nothing was copied yet.
  func copiedUpTo(_ partition: TopicPartition) throws(LogError) -> Offset?
  /// Appends records durably, in order, under their own keys, timestamps and origin headers. Where the target gives
  /// offsets itself, the original ones go into a header; otherwise they are kept, holes included.
  func appendCopy(_ batches: [RecordBatch]) throws(LogError)
  /// This log's offset for a position of the original: of the first record whose original offset is not below it.
  func translate(_ originalOffset: Offset, of partition: TopicPartition) throws(LogError) -> Offset
  /// Makes the copy an ordinary log, where it was marked as a copy: capture may append to it now.
  func adopt() throws(LogError)
}

extension LogCopyTarget {
  /// False unless the target says otherwise: it gives offsets itself.
  package var keepsOffsets: Bool { false }
  /// Nothing to do for a target that gives offsets itself.
  package func beginCopy(of partition: TopicPartition, at originalOffset: Offset) throws(LogError) {}
  /// Nothing to do for a target that never marks itself as a copy.
  package func adopt() throws(LogError) {}
}

/// Appends to the log. One call is one durable commit over all its partitions.
package protocol LogWriter: AnyObject, Sendable {
  /// Creates the topic when it is missing; an existing one with another partition count throws `.configuration`.
  func ensureTopic(_ topic: String, partitions: Int32) throws(LogError)
  /// Appends the batches in order. When this returns, all of them survive power loss; when it throws, none or (Kafka)
  /// some may be there, and the caller sends exactly the same bytes again.
  func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange]
}

/// Which offsets of a partition are there: `earliest..<next`; the same twice where there are none.
package struct LogBounds: Equatable, Sendable {
  /// Offset of the first record that the log still has.
  package var earliest: Offset
  /// Offset of the next record to be appended.
  package var next: Offset
  package init(earliest: Offset, next: Offset) {
    self.earliest = earliest
    self.next = next
  }

  /// Offsets from the earliest up to before the next: records, and holes where the log has such.
  package var count: Int64 { earliest.distance(to: next) }
}

/// A place in a partition: an offset, and the proof of what stands before it.
package struct LogAnchor: Equatable, Sendable {
  /// The offset: the first that the proof says nothing of.
  package var nextOffset: Offset
  /// 32 bytes: SHA-256 chained over all batches of the partition up to here (the embedded log). 33 bytes, the first of
  /// them `RecordDigest.mark`: SHA-256 of the last record before here (any log). Empty: the log gave none.
  package var proof: [UInt8]
  package init(nextOffset: Offset, proof: [UInt8] = []) {
    self.nextOffset = nextOffset
    self.proof = proof
  }
}

/// Where a batch came to stand.
package struct AppendedRange: Equatable, Sendable {
  /// Of the batch.
  package var partition: TopicPartition
  /// Of its first record.
  package var baseOffset: Offset
  /// Behind its last record.
  package var nextOffset: Offset
  /// Proof of the log up to `nextOffset`; nil where the log gives none for an append.
  package var anchor: LogAnchor?
  package init(partition: TopicPartition, baseOffset: Offset, nextOffset: Offset, anchor: LogAnchor?) {
    self.partition = partition
    self.baseOffset = baseOffset
    self.nextOffset = nextOffset
    self.anchor = anchor
  }
}
