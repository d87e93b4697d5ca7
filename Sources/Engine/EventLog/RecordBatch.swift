/// Records of one partition as read: one buffer, and where in it each record's parts lie. Cheap to make, no copy per
/// record.
package struct RecordBatch: Sendable {
  /// One record: its place, its moment, and where its parts lie in the batch's buffer.
  package struct Record: Sendable {
    /// The record's place in its partition.
    package var offset: Offset
    /// Milliseconds since 1970-01-01 UTC; the moment of capture, as its writer said.
    package var timestampMillis: Int64
    /// Ranges into `bytes`.
    package var key: Range<Int>
    /// nil: a tombstone, an ordinary record without a value.
    package var value: Range<Int>?
    /// The bytes of the `millrace-origin` header (source, epoch, number); nil where the record has none.
    package var origin: Range<Int>?
    package init(offset: Offset, timestampMillis: Int64, key: Range<Int>, value: Range<Int>?, origin: Range<Int>?) {
      self.offset = offset
      self.timestampMillis = timestampMillis
      self.key = key
      self.value = value
      self.origin = origin
    }
  }

  /// Of all its records.
  package var partition: TopicPartition
  /// Keys, values and origins of all records, as the ranges say.
  package var bytes: [UInt8]
  /// Offsets rise; a hole is possible before, between and behind them.
  package var records: [Record]
  /// Where a hole behind the last record ends.
  package var holeEnd: Offset?

  package init(partition: TopicPartition, bytes: [UInt8], records: [Record], holeEnd: Offset? = nil) {
    self.partition = partition
    self.bytes = bytes
    self.records = records
    self.holeEnd = holeEnd
  }

  /// Offset to read from next; nil: the log ends where this read began.
  package var nextOffset: Offset? { holeEnd ?? records.last?.offset.next }

  /// The batch without the records at and behind an offset. Where it reached further, it leads to that offset.
  func cut(before end: Offset) -> RecordBatch {
    guard let next = nextOffset, next > end else { return self }
    var batch = self
    batch.records.removeAll { $0.offset >= end }
    batch.holeEnd = end
    return batch
  }
}

/// A batch of finished records in the stored form, ready to append: capture keeps these bytes in its outbox, the
/// embedded log stores them as they are, the Kafka log takes them apart. Made by `BatchBuilder`, read by
/// `RecordBatch.init(decoding:)`.
package struct EncodedBatch: Sendable, Equatable {
  /// Where it is to be appended.
  package var partition: TopicPartition
  /// Records in it; at least 1.
  package var count: Int
  /// The smallest timestamp of its records, milliseconds since 1970.
  package var firstTimestampMillis: Int64
  /// The largest timestamp of its records, milliseconds since 1970.
  package var lastTimestampMillis: Int64
  /// The stored form, checksum included.
  package var bytes: [UInt8]
  package init(
    partition: TopicPartition, count: Int, firstTimestampMillis: Int64, lastTimestampMillis: Int64, bytes: [UInt8]
  ) {
    self.partition = partition
    self.count = count
    self.firstTimestampMillis = firstTimestampMillis
    self.lastTimestampMillis = lastTimestampMillis
    self.bytes = bytes
  }
}
