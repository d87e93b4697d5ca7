extension RecordBatch {
  /// Takes a stored batch apart. Hostile bytes end in `.damaged` (an unknown format version in `.configuration`);
  /// memory taken is bounded by `EventLogLimits`.
  package init(decoding bytes: [UInt8], partition: TopicPartition, baseOffset: Offset) throws(LogError) {
    var records: [Record] = []
    do throws(StoredBatch.Damage) {
      let outcome = bytes.withUnsafeBytes { raw in
        Result { () throws(StoredBatch.Damage) in
          try StoredBatch.decode(raw, baseOffset: baseOffset, from: baseOffset, shift: 0, into: &records)
        }
      }
      _ = try outcome.get()
    } catch {
      throw error.logError(operation: "decode a batch", partition: partition, offset: baseOffset)
    }
    self.init(partition: partition, bytes: bytes, records: records)
  }

  /// Makes room for so many bytes of stored batches like the first one, so that nothing is copied while they come.
  package mutating func reserve(bytes: Int, batchBytes: Int, batchRecords: Int64) {
    self.bytes.reserveCapacity(bytes)
    let inFirst = min(Int(clamping: batchRecords), batchBytes / StoredBatch.smallestRecordBytes)
    records.reserveCapacity(max(0, inFirst) * (bytes / max(1, batchBytes)))
  }

  /// Adds a stored batch behind the ones already here, without its records below `first`: one buffer for a whole read.
  /// `count` is how many records the log believes in. When this throws, nothing was added.
  package mutating func append(
    stored raw: UnsafeRawBufferPointer, baseOffset: Offset, count: Int64, from first: Offset
  ) throws(LogError) {
    let recordsBefore = records.count
    do throws(StoredBatch.Damage) {
      guard
        try StoredBatch.decode(raw, baseOffset: baseOffset, from: first, shift: bytes.count, into: &records) == count
      else { throw .offsets }
    } catch {
      records.removeLast(records.count - recordsBefore)
      throw error.logError(operation: "read", partition: partition, offset: baseOffset)
    }
    let needed = bytes.count + raw.count
    if needed > bytes.capacity { bytes.reserveCapacity(max(needed, bytes.capacity * 2)) }
    bytes.append(contentsOf: raw)
  }
}
