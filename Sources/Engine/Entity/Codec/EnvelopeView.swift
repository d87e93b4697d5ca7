package import Money
package import Wire

/// An envelope where it lies in its record: numbers by value, texts as ranges of the record's bytes.
///
/// Reading an event this way costs a tenth of decoding it. Only what is plain in every respect is read (ASCII text, no
/// flags, no fields of a later version); for everything else `init` answers nil, and the caller decodes the record,
/// which also knows what is wrong with it.
package struct EnvelopeView: Sendable {
  /// Of the contract: 1 or 2.
  package private(set) var format: UInt32 = 0
  /// Where the source's name stands.
  package private(set) var source = 0..<0
  /// From 1.
  package private(set) var epoch: UInt64 = 0
  /// From 1.
  package private(set) var number: UInt64 = 0
  /// When it happened, as the source says; from 1970 to 9999.
  package private(set) var occurredAt = Timestamp(millis: 0)
  /// Where the content lies.
  package private(set) var content = 0..<0
  /// Name of what the event is about.
  package let entity: StaticString

  /// nil: the record is not about `entity`, or the envelope is not plain. What this accepts, `SealedRecord` accepts
  /// with the same values. `number`: of the entity's payload in format 1.
  package init?(decoding record: borrowing Span<UInt8>, _ entity: StaticString, _ number: UInt32) {
    self.entity = entity
    do throws(WireError) {
      var reader = try WireReader(record)
      guard try read(number, &reader, record) else { return nil }
    } catch {
      return nil
    }
    guard !source.isEmpty, epoch != 0, number != 0, EventLimits.holds(occurredAt) else { return nil }
  }

  /// Whether the header of the record names this event.
  package func isNamed(by header: borrowing Span<UInt8>, in record: borrowing Span<UInt8>) -> Bool {
    var source = 0..<0
    var epoch: UInt64 = 0
    var number: UInt64 = 0
    do throws(WireError) {
      var reader = try WireReader(header)
      while let tag = try reader.next(header) {
        switch EventOriginField(rawValue: tag.field) {
        case .source: source = try reader.field(tag, header)
        case .epoch: try reader.uint64(&epoch, tag, header)
        case .number: try reader.uint64(&number, tag, header)
        // Whether the writer was right to write it is no question of its name.
        case .owner, .vault: try reader.ignoreVarint(tag, header)
        case nil: return false
        }
      }
    } catch {
      return false
    }
    guard epoch == self.epoch, number == self.number, source.count == self.source.count else { return false }
    for index in 0..<source.count
    where header[source.lowerBound &+ index] != record[self.source.lowerBound &+ index] { return false }
    return true
  }

  // MARK: Reading

  /// False: not plain.
  private mutating func read(
    _ payload: UInt32, _ reader: inout WireReader, _ record: borrowing Span<UInt8>
  ) throws(WireError) -> Bool {
    var sawPosition = false
    var sawVersion = false
    var sawPayload = false
    var sawEntity = false
    var sawContent = false
    while let tag = try reader.next(record) {
      switch EventField(rawValue: tag.field) {
      case .format: try reader.uint32(&format, tag, record)
      case .source: guard try reader.plain(&source, tag, record) else { return false }
      case .epoch: try reader.uint64(&epoch, tag, record)
      case .number: try reader.uint64(&number, tag, record)
      case .position:
        if sawPosition { return false }
        sawPosition = true
        guard try Self.skipPosition(&reader, tag, record) else { return false }
      case .operation: try reader.ignoreVarint(tag, record)
      case .version:
        if sawVersion { return false }
        sawVersion = true
        guard try Self.skipVersion(&reader, tag, record) else { return false }
      case .occurredAt: try reader.int64(&occurredAt.millis, tag, record)
      case .capturedAt: try reader.ignoreVarint(tag, record)
      case .entity:
        // Whatever writes plain events writes the name before the content, and once.
        guard !sawEntity, try isEntity(reader.field(tag, record), record) else { return false }
        sawEntity = true
      case .content:
        guard !sawContent else { return false }
        sawContent = true
        content = try reader.content(tag, record)
      case .flags, .key, .encoding, .heartbeat, .rejected: return false
      case nil:
        guard tag.field == payload, !sawPayload else { return false }
        sawPayload = true
        content = try reader.content(tag, record)
      }
    }
    guard sawPosition && sawVersion else { return false }
    switch format {
    case EventFormat.first: return sawPayload && !sawEntity && !sawContent
    case EventFormat.second: return !sawPayload && sawEntity && sawContent
    default: return false
    }
  }

  private func isEntity(_ range: Range<Int>, _ record: borrowing Span<UInt8>) -> Bool {
    guard range.count == entity.utf8CodeUnitCount else { return false }
    for index in 0..<range.count where record[range.lowerBound &+ index] != entity.utf8Start[index] { return false }
    return true
  }

  private static func skipPosition(
    _ reader: inout WireReader, _ tag: WireTag, _ record: borrowing Span<UInt8>
  ) throws(WireError) -> Bool {
    let outer = try reader.enter(tag, record)
    var stream = 0..<0
    while let tag = try reader.next(record) {
      switch SourcePositionField(rawValue: tag.field) {
      case .stream: guard try reader.plain(&stream, tag, record) else { return false }
      case .record, .index: try reader.ignoreVarint(tag, record)
      case nil: return false
      }
    }
    reader.leave(outer)
    return true
  }

  private static func skipVersion(
    _ reader: inout WireReader, _ tag: WireTag, _ record: borrowing Span<UInt8>
  ) throws(WireError) -> Bool {
    let outer = try reader.enter(tag, record)
    while let tag = try reader.next(record) {
      guard StateVersionField(rawValue: tag.field) != nil else { return false }
      try reader.ignoreVarint(tag, record)
    }
    reader.leave(outer)
    return true
  }
}

/// A seal where it lies in its record.
package struct SealView: Sendable {
  /// Name of the data key.
  package var key = PersonKeyID(high: 0, low: 0)
  /// Nonce, ciphertext, tag.
  package var box = 0..<0
  /// As in `SealedData`.
  package var tokenVersion: UInt32 = 1
  /// Nothing read yet.
  package init() {}
}

extension WireReader {
  /// Moves past a number. Throws for any other type of field.
  package mutating func ignoreVarint(_ tag: WireTag, _ record: borrowing Span<UInt8>) throws(WireError) {
    var ignored: UInt64 = 0
    try uint64(&ignored, tag, record)
  }

  /// Where a text lies; false when it is not ASCII.
  package mutating func plain(
    _ range: inout Range<Int>, _ tag: WireTag, _ record: borrowing Span<UInt8>
  ) throws(WireError) -> Bool {
    range = try field(tag, record)
    var index = range.lowerBound
    var union: UInt64 = 0
    // The loads are bounds-checked; UInt64 has no invalid bit patterns.
    if range.count >= 8 {
      while index &+ 8 <= range.upperBound {
        union |= record.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        index &+= 8
      }
      // The last eight once more, some of them a second time.
      union |= record.bytes.unsafeLoadUnaligned(fromByteOffset: range.upperBound &- 8, as: UInt64.self)
    } else {
      while index < range.upperBound {
        union |= UInt64(record[index])
        index &+= 1
      }
    }
    return union & 0x8080_8080_8080_8080 == 0
  }

  /// Where a seal stands. Throws as the reader of `SealedData` does.
  package mutating func seal(
    _ seal: inout SealView, _ tag: WireTag, _ record: borrowing Span<UInt8>
  ) throws(WireError) {
    let outer = try enter(tag, record)
    var sawKey = false
    while let tag = try next(record) {
      switch SealedField(rawValue: tag.field) {
      case .key:
        let range = try field(tag, record)
        guard range.count == 16 else { throw .outOfRange("Sealed.key") }
        let raw = record.bytes
        // Both loads are bounds-checked; the key is two big-endian halves.
        seal.key = PersonKeyID(
          high: UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)),
          low: UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound &+ 8, as: UInt64.self)))
        sawKey = true
      case .box: seal.box = try field(tag, record)
      case .tokenVersion:
        try uint32(&seal.tokenVersion, tag, record)
        if seal.tokenVersion == 0 { seal.tokenVersion = 1 }
      case nil: try skip(tag, record)
      }
    }
    if !sawKey { throw .missingField("Sealed.key") }
    leave(outer)
  }
}
