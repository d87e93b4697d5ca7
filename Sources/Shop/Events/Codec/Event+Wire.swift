package import Entity
internal import Money
internal import Wire

extension Event where P == SealedPerson {
  /// Decodes envelope and content of either format. Hostile bytes end in a typed error, never a trap; unknown fields
  /// are skipped.
  package init(decoding bytes: borrowing Span<UInt8>) throws(EventError) {
    try self.init(SealedRecord(decoding: bytes, PayloadField.entities), bytes)
  }

  /// The event of a record whose envelope has been read already, out of the same bytes.
  package init(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    let content = try SealedContent(record, bytes)
    self.init(record.envelope, content.payload, key: content.key)
  }

  /// Appends the protobuf bytes in the envelope's format, in ascending order of the field numbers. Format 1 has the key
  /// in the rows, where only an integer has a place.
  package func encode(into buffer: inout [UInt8]) {
    WireWriter.append(to: &buffer, expecting: expectedBytes) { writer in write(&writer) }
  }

  /// Room that nearly every event of its kind fits in; a larger one is written twice.
  private var expectedBytes: Int {
    if case .customer = payload { return 2048 }
    return 768
  }

  private func write(_ writer: inout WireWriter) {
    let start = envelope.begin(payload.kind, payload.number, &writer)
    payload.write(&writer, envelope.format == EventFormat.first ? key : nil)
    envelope.end(start, key, &writer)
  }
}

extension SealedContent {
  /// The content of a record, out of the bytes that it was read from. The record is shared, since a copy counts half a
  /// dozen references.
  package init(_ record: __shared SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    let read: Payload<SealedPerson>?
    let moved: Int64
    do throws(WireError) {
      let content = bytes.extracting(record.range)
      var reader = try WireReader(content)
      read = try Payload(entity: record.entity, mayLackRows: record.mayLackRows, &reader, content)
      moved = reader.aside
    } catch {
      throw EventError(error)
    }
    guard let read else { throw .unknownPayload }
    payload = read
    if let recorded = record.key {
      key = recorded
    } else if record.envelope.format == EventFormat.first {
      // Format 1 has the key in the row: from here on there is one place for it.
      key = read.formatOneKey(moved: moved)
    } else if read.isRow {
      throw .missingField("Event.key")
    } else {
      key = nil
    }
  }
}

extension Event where P == Person {
  /// Appends what `sealingPersonal` and `encode` together make, byte for byte.
  package func encode(
    into buffer: inout [UInt8], sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) throws {
    try payload.encode(envelope, key, into: &buffer, sealing: seal)
  }
}
