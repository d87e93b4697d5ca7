internal import CKafka
internal import EventLog

/// Names of the headers that Millrace writes; all others are ignored.
enum Header {
  static let origin = "millrace-origin"
  /// The record's offset in the log that it was copied from: 8 bytes, little-endian.
  static let offset = "millrace-offset"
  /// The record's time where Kafka cannot hold it (before 1970, or 1970 itself): 8 bytes, little-endian.
  static let timestamp = "millrace-timestamp"
}

extension RecordBatch {
  /// Copies a message behind the records already here. Its bytes are copied once.
  @inline(__always) mutating func append(
    _ message: borrowing rd_kafka_message_t, at pointer: UnsafePointer<rd_kafka_message_t>
  ) {
    var place = bytes.count
    @inline(__always) func take(_ start: UnsafeRawPointer?, _ count: Int) -> Range<Int> {
      guard count > 0, let start else { return place..<place }
      bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
      defer { place &+= count }
      return Range(uncheckedBounds: (place, place &+ count))
    }
    let key = take(message.key, message.key_len)
    // A tombstone has no payload at all; an empty value has one of no length.
    let value: Range<Int>? = message.payload == nil ? nil : take(message.payload, message.len)
    var timestamp = rd_kafka_message_timestamp(pointer, nil)
    var origin: Range<Int>?
    var headers: OpaquePointer?
    if rd_kafka_message_headers(pointer, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers {
      var start: UnsafeRawPointer?
      var count = 0
      if rd_kafka_header_get_last(headers, Header.origin, &start, &count) == RD_KAFKA_RESP_ERR_NO_ERROR {
        origin = take(start, count)
      }
      if timestamp <= 1, let number = RecordBatch.number(Header.timestamp, in: headers) { timestamp = number }
    }
    records.append(
      Record(offset: Offset(message.offset), timestampMillis: timestamp, key: key, value: value, origin: origin))
  }

  /// A header of eight bytes, or nil.
  static func number(_ name: String, in headers: OpaquePointer) -> Int64? {
    var start: UnsafeRawPointer?
    var count = 0
    guard rd_kafka_header_get_last(headers, name, &start, &count) == RD_KAFKA_RESP_ERR_NO_ERROR, count == 8, let start
    else { return nil }
    return Int64(littleEndian: start.loadUnaligned(as: Int64.self))
  }

  /// The offset in the log that a message was copied from; nil: it was not copied.
  static func originalOffset(of message: UnsafePointer<rd_kafka_message_t>) -> Offset? {
    var headers: OpaquePointer?
    guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return nil }
    return number(Header.offset, in: headers).map { Offset($0) }
  }
}
