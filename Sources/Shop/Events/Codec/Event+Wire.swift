package import Entity
internal import Money
internal import Wire

extension Event where P == SealedPerson {
  /// The format that `encode` writes and the newest that `init(decoding:)` reads.
  package static var format: UInt32 { SealedRecord.format }

  /// Decodes envelope and payload. Hostile bytes end in a typed error, never a trap; unknown fields are skipped.
  package init(decoding bytes: borrowing Span<UInt8>) throws(EventError) {
    let record = try SealedRecord(decoding: bytes) { PayloadField(rawValue: $0) != nil }
    try self.init(record, bytes)
  }

  /// The event of a record whose envelope has been read already, out of the same bytes.
  package init(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    self.init(record.envelope, try Payload(record, bytes))
  }

  /// Appends the protobuf bytes, in ascending order of the field numbers.
  package func encode(into buffer: inout [UInt8]) {
    WireWriter.append(to: &buffer, expecting: expectedBytes) { writer in write(&writer) }
  }

  /// As `encode(into:)`, but leaves the buffer as it was and throws `tooLong` when the event is above what readers take.
  package func encodeWithinLimits(into buffer: inout [UInt8]) throws(EventError) {
    let start = buffer.count
    var hasOverlongField = false
    WireWriter.append(to: &buffer, expecting: expectedBytes) { writer in
      write(&writer)
      hasOverlongField = writer.hasOverlongField
    }
    if hasOverlongField || buffer.count - start > EventLimits.encodedBytes {
      buffer.removeSubrange(start...)
      throw .tooLong
    }
  }

  /// Room that nearly every event of its kind fits in; a larger one is written twice.
  private var expectedBytes: Int {
    if case .customer = payload { return 2048 }
    return 768
  }

  private func write(_ writer: inout WireWriter) {
    envelope.write(&writer)
    payload.write(&writer)
  }
}

extension Payload where P == SealedPerson {
  /// The content of a record, out of the bytes that it was read from.
  package init(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    guard let field = PayloadField(rawValue: record.content) else { throw .unknownPayload }
    self = .heartbeat(.blank)
    do throws(WireError) {
      let content = bytes.extracting(record.range)
      var reader = try WireReader(content)
      try read(field, &reader, content)
    } catch {
      throw EventError(error)
    }
  }
}

extension Event where P == Person {
  /// Appends what `sealingPersonal` and `encode` together make, byte for byte.
  package func encode(
    into buffer: inout [UInt8], sealing seal: (PersonalData, PersonalField) throws -> SealedData
  ) throws {
    try payload.encode(envelope, into: &buffer, sealing: seal)
  }
}
