internal import Wire

/// What an event is about, with clear personal data: what a source hands over, and capture seals straight into the
/// log's bytes. Those who describe a company's entities conform theirs; the engine's own are `Heartbeat` and
/// `Rejected`.
package protocol ClearContent: Sendable {
  /// Name of the entity in the contract: "order_line".
  var entity: String { get }

  /// Appends the whole event under this envelope and in its format, in ascending order of the field numbers; every
  /// personal value goes through `seal`, in a fixed order. `key`: of the row; nil for what happens once, and not
  /// written in format 1. Rethrows what `seal` throws; the buffer is then as long as it was.
  func encode(
    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) throws
}

extension Heartbeat: ClearContent {
  /// "heartbeat".
  package var entity: String { EngineEntity.heartbeat }

  /// Seals and writes in the envelope's format; see `ClearContent`.
  package func encode(
    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) {
    WireWriter.append(to: &buffer, expecting: 128) { writer in
      let start = envelope.begin(entity, EventField.heartbeat.rawValue, &writer)
      write(&writer)
      envelope.end(start, nil, &writer)
    }
  }
}

extension Rejected: ClearContent where P == Person {
  /// "rejected".
  package var entity: String { EngineEntity.rejected }

  /// Seals and writes in the envelope's format; see `ClearContent`.
  package func encode(
    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) throws {
    let sealed: Rejected<SealedPerson> = try mapPersonal(seal)
    WireWriter.append(to: &buffer, expecting: 768) { writer in
      let start = envelope.begin(entity, EventField.rejected.rawValue, &writer)
      sealed.write(&writer)
      envelope.end(start, nil, &writer)
    }
  }
}

// What the engine reads of its own, of either format.

extension Heartbeat {
  /// The heartbeat in a record, out of the bytes that it was read from; nil: the record is about something else.
  package init?(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    guard record.entity == EngineEntity.heartbeat else { return nil }
    self = .blank
    do throws(WireError) {
      let content = bytes.extracting(record.range)
      var reader = try WireReader(content)
      try read(&reader, content)
    } catch {
      throw EventError(error)
    }
  }
}

extension Rejected where P == SealedPerson {
  /// The rejected source record in a record, out of the bytes that it was read from; nil: the record is about something
  /// else.
  package init?(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    guard record.entity == EngineEntity.rejected else { return nil }
    self = .blank
    do throws(WireError) {
      let content = bytes.extracting(record.range)
      var reader = try WireReader(content)
      try read(&reader, content)
    } catch {
      throw EventError(error)
    }
  }
}
