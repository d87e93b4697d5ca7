internal import Entity
internal import EventLog
internal import Wire

/// Why a record is no event that a reader could take: what the marts and the tokenized copies agree on.
struct UnreadableRecord: Error {
  var reason: String
  /// Never content.
  var detail: String
  /// Whose number it keeps; nil: nobody knows.
  var origin: EventOrigin?
}

/// A record that could be read.
struct ReadRecord {
  /// What an event is about, as far as the engine knows it.
  enum Content {
    case heartbeat(Heartbeat)
    case rejected(Rejected<SealedPerson>)
    /// The domain's own: its decoder has it.
    case domain
  }

  /// Number and epoch fit Int64 and are at least 1.
  var envelope: Envelope
  var content: Content
}

extension RecordBatch {
  /// What a record's header says; nil: there is none, or it cannot be read.
  func origin(of record: Record) -> EventOrigin? {
    guard let range = record.origin else { return nil }
    return try? EventOrigin(decoding: bytes.span.extracting(range))
  }

  /// The event in a record. `origin`: what the header says.
  func read(
    _ record: Record, named origin: EventOrigin?, by decoder: any ContentDecoder
  ) throws(UnreadableRecord) -> ReadRecord {
    guard let value = record.value else {
      throw UnreadableRecord(reason: Reason.undecodable, detail: "the record has no value", origin: origin)
    }
    let read: ReadRecord
    do throws(EventError) {
      read = try ReadRecord(decoding: bytes.span.extracting(value), by: decoder)
    } catch {
      throw UnreadableRecord(reason: Reason.undecodable, detail: error.description, origin: origin)
    }
    let envelope = read.envelope
    // A header that is there and differs, or cannot be read, leaves in doubt which event this is. A producer without
    // headers is believed: its numbers stand in the event.
    if record.origin != nil,
      origin?.number != envelope.number || origin?.epoch != envelope.epoch || origin?.source != envelope.source
    {
      throw UnreadableRecord(
        reason: Reason.originMismatch, detail: "header and event name different numbers", origin: origin)
    }
    guard let number = Int64(exactly: envelope.number), number >= 1, let epoch = Int64(exactly: envelope.epoch),
      epoch >= 1
    else {
      throw UnreadableRecord(reason: Reason.originMismatch, detail: "number or epoch out of range", origin: nil)
    }
    return read
  }
}

extension ReadRecord {
  init(decoding bytes: borrowing Span<UInt8>, by decoder: any ContentDecoder) throws(EventError) {
    let record = try SealedRecord(decoding: bytes, decoder.entities)
    // The names are compared here first: each initializer takes a copy of the record, and nearly all are the domain's.
    if record.entity == EngineEntity.heartbeat, let heartbeat = try Heartbeat(record, bytes) {
      content = .heartbeat(heartbeat)
    } else if record.entity == EngineEntity.rejected, let rejected = try Rejected(record, bytes) {
      content = .rejected(rejected)
    } else {
      try decoder.decode(record, bytes)
      content = .domain
    }
    envelope = record.envelope
  }
}
