/// The stored form of a batch. All integers little-endian; a varint is base 128, lowest group first.
///
///     0       format version, 1
///     1..<9   XXH64 of everything from byte 9 on, with the version as its seed
///     9..<13  number of records
///     13..<21 timestamp of the first record, milliseconds
///     then per record:
///       zigzag varint    timestamp less the one before it (0 for the first)
///       varint, bytes    key
///       varint, bytes    value: length + 1, or 0 for a tombstone
///       varint, bytes    `millrace-origin` header: length + 1, or 0 for none
///
/// Nothing follows the last record. Offsets are not in here: the bytes are finished before the log gives them.
package enum StoredBatch {
  static let version: UInt8 = 1
  static let headerBytes = 21
  static let checksummedFrom = 9
  /// The smallest record: four varints of one byte.
  static let smallestRecordBytes = 4

  struct Header {
    var count: Int
    var firstTimestampMillis: Int64
  }

  /// Why stored bytes cannot be read. Carries no content.
  enum Damage: String, Error {
    case tooShort = "the batch is shorter than its header"
    case tooLong = "the batch is longer than the limit"
    case version = "the batch has a format version that this program does not know"
    case checksum = "the checksum does not fit the bytes"
    case count = "the number of records is impossible"
    case offsets = "the offsets do not fit the number of records"
    case truncated = "a record ends beyond the batch"
    case varint = "a length is malformed"
    case recordTooLong = "a record is longer than the limit"
    case trailing = "bytes follow the last record"
  }

  /// Checks version, checksum and record count without taking the records apart.
  package static func check(
    _ bytes: [UInt8], count: Int, partition: TopicPartition, operation: String
  ) throws(LogError) {
    do throws(Damage) {
      let found = bytes.withUnsafeBytes { raw in Result { () throws(Damage) in try header(of: raw).count } }
      guard try found.get() == count else { throw .count }
    } catch {
      throw error.logError(operation: operation, partition: partition, offset: nil)
    }
  }

  static func checksum(of raw: UnsafeRawBufferPointer, version: UInt8) -> UInt64 {
    Checksum.xxh64(UnsafeRawBufferPointer(rebasing: raw[checksummedFrom...]), seed: UInt64(version))
  }

  static func header(of raw: UnsafeRawBufferPointer) throws(Damage) -> Header {
    guard raw.count >= headerBytes else { throw .tooShort }
    guard raw.count <= EventLogLimits.batchBytes else { throw .tooLong }
    // Checksum first: a flipped bit in the version is damage, not a newer program.
    let stored = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    guard stored == checksum(of: raw, version: raw[0]) else { throw .checksum }
    guard raw[0] == version else { throw .version }
    let count = Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 9, as: UInt32.self)))
    guard count >= 1, count <= EventLogLimits.batchRecords,
      count &* smallestRecordBytes <= raw.count &- headerBytes
    else { throw .count }
    return Header(
      count: count,
      firstTimestampMillis: Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 13, as: Int64.self)))
  }

  /// Adds the records from `first` on to `records`; their ranges are moved by `shift`. Returns how many the batch
  /// holds.
  static func decode(
    _ raw: UnsafeRawBufferPointer, baseOffset: Offset, from first: Offset, shift: Int,
    into records: inout [RecordBatch.Record]
  ) throws(Damage) -> Int64 {
    let header = try header(of: raw)
    guard baseOffset >= .first, baseOffset <= .max - Int64(header.count) else { throw .offsets }
    let needed = records.count + header.count
    if needed > records.capacity { records.reserveCapacity(max(needed, records.capacity * 2)) }
    var cursor = Cursor(raw: raw, position: headerBytes)
    var timestamp = header.firstTimestampMillis
    var offset = baseOffset
    for _ in 0..<header.count {
      let delta = try cursor.varint()
      timestamp &+= Int64(bitPattern: (delta &>> 1) ^ (0 &- (delta & 1)))
      let recordStart = cursor.position
      let key = try cursor.bytes(shift: shift)
      let value = try cursor.optionalBytes(shift: shift)
      let origin = try cursor.optionalBytes(shift: shift)
      guard cursor.position &- recordStart <= EventLogLimits.recordBytes &+ Cursor.lengthBytes else {
        throw .recordTooLong
      }
      if offset >= first {
        records.append(
          RecordBatch.Record(offset: offset, timestampMillis: timestamp, key: key, value: value, origin: origin))
      }
      offset = offset.next
    }
    guard cursor.position == raw.count else { throw .trailing }
    return Int64(header.count)
  }

  /// Reads forward, and never beyond the end.
  private struct Cursor {
    /// Most bytes that a record's three lengths take: 1 MiB fits three bytes of seven bits.
    static let lengthBytes = 9
    let raw: UnsafeRawBufferPointer
    var position: Int

    @inline(__always) mutating func varint() throws(Damage) -> UInt64 {
      guard position < raw.count else { throw .truncated }
      let first = raw[position]
      position &+= 1
      if first < 0x80 { return UInt64(first) }
      return try longVarint(first)
    }

    private mutating func longVarint(_ first: UInt8) throws(Damage) -> UInt64 {
      var value = UInt64(first & 0x7f)
      var shift: UInt64 = 7
      while true {
        guard position < raw.count else { throw .truncated }
        let byte = raw[position]
        position &+= 1
        // The tenth byte holds the 64th bit alone.
        guard shift < 63 || byte <= 1 else { throw .varint }
        value |= UInt64(byte & 0x7f) &<< shift
        if byte < 0x80 { return value }
        shift &+= 7
      }
    }

    @inline(__always) mutating func bytes(shift: Int) throws(Damage) -> Range<Int> {
      try take(try varint(), shift)
    }

    @inline(__always) mutating func optionalBytes(shift: Int) throws(Damage) -> Range<Int>? {
      let length = try varint()
      return length == 0 ? nil : try take(length &- 1, shift)
    }

    @inline(__always) private mutating func take(_ length: UInt64, _ shift: Int) throws(Damage) -> Range<Int> {
      guard length <= UInt64(raw.count &- position) else { throw .truncated }
      let start = position &+ shift
      position &+= Int(length)
      return Range(uncheckedBounds: (start, position &+ shift))
    }
  }
}

extension StoredBatch.Damage {
  func logError(operation: String, partition: TopicPartition, offset: Offset?) -> LogError {
    switch self {
    case .version:
      LogError(
        .configuration, operation: operation, partition: partition, offset: offset, cause: rawValue,
        hint: "it was probably written by a newer Millrace; use that one")
    default:
      LogError(
        .damaged, operation: operation, partition: partition, offset: offset, cause: rawValue,
        hint: "run `millrace log verify`, then restore the log from a backup")
    }
  }
}
