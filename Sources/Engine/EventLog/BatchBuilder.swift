/// Collects records of one partition into an `EncodedBatch`.
package struct BatchBuilder: Sendable {
  package let partition: TopicPartition
  /// Records collected so far.
  package private(set) var count = 0
  private var bytes: [UInt8] = []
  private var firstTimestamp: Int64 = 0
  private var previousTimestamp: Int64 = 0
  private var smallestTimestamp = Int64.max
  private var largestTimestamp = Int64.min

  package init(partition: TopicPartition) { self.partition = partition }

  /// Bytes collected so far.
  package var byteCount: Int { bytes.count }

  /// Whether a record of these sizes may be stored at all.
  package static func fits(keyBytes: Int, valueBytes: Int, originBytes: Int) -> Bool {
    let limit = EventLogLimits.recordBytes
    guard keyBytes <= limit, valueBytes <= limit, originBytes <= limit else { return false }
    return keyBytes + valueBytes + originBytes <= limit
  }

  /// Adds a record. False, and nothing is added: the record is above `EventLogLimits.recordBytes` (ask `fits` first), or the
  /// batch is full (finish it and add the record to the next).
  package mutating func append(key: [UInt8], value: [UInt8]?, origin: [UInt8]?, timestampMillis: Int64) -> Bool {
    let valueBytes = value?.count ?? 0
    let originBytes = origin?.count ?? 0
    guard BatchBuilder.fits(keyBytes: key.count, valueBytes: valueBytes, originBytes: originBytes) else { return false }
    // 10 for the timestamp and 9 for the lengths: the most that the record's own frame can take.
    let needed = key.count + valueBytes + originBytes + 19
    guard count < EventLogLimits.batchRecords,
      max(bytes.count, StoredBatch.headerBytes) + needed <= EventLogLimits.batchBytes
    else { return false }

    if count == 0 {
      bytes = [UInt8](repeating: 0, count: StoredBatch.headerBytes)
      firstTimestamp = timestampMillis
      previousTimestamp = timestampMillis
    }
    let delta = timestampMillis &- previousTimestamp
    appendVarint(UInt64(bitPattern: (delta &<< 1) ^ (delta &>> 63)))
    appendVarint(UInt64(key.count))
    bytes.append(contentsOf: key)
    appendOptional(value)
    appendOptional(origin)
    previousTimestamp = timestampMillis
    smallestTimestamp = min(smallestTimestamp, timestampMillis)
    largestTimestamp = max(largestTimestamp, timestampMillis)
    count += 1
    return true
  }

  /// The finished batch; the builder is empty again. nil when nothing was collected.
  package mutating func finish() -> EncodedBatch? {
    guard count > 0 else { return nil }
    let count = count
    let firstTimestamp = firstTimestamp
    bytes.withUnsafeMutableBytes { raw in
      raw[0] = StoredBatch.version
      raw.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 9, as: UInt32.self)
      raw.storeBytes(of: firstTimestamp.littleEndian, toByteOffset: 13, as: Int64.self)
      let checksum = StoredBatch.checksum(of: UnsafeRawBufferPointer(raw), version: StoredBatch.version)
      raw.storeBytes(of: checksum.littleEndian, toByteOffset: 1, as: UInt64.self)
    }
    let batch = EncodedBatch(
      partition: partition, count: count, firstTimestampMillis: smallestTimestamp,
      lastTimestampMillis: largestTimestamp,
      bytes: bytes)
    self = BatchBuilder(partition: partition)
    return batch
  }

  private mutating func appendOptional(_ part: [UInt8]?) {
    guard let part else { return bytes.append(0) }
    appendVarint(UInt64(part.count) + 1)
    bytes.append(contentsOf: part)
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
