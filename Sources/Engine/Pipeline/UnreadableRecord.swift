internal import Entity
internal import EventLog
internal import Events

/// Why a record is no event that a reader could take: what the marts and the tokenized copies agree on.
struct UnreadableRecord: Error {
  var reason: String
  /// Never content.
  var detail: String
  /// Whose number it keeps; nil: nobody knows.
  var origin: EventOrigin?
}

extension RecordBatch {
  /// What a record's header says; nil: there is none, or it cannot be read.
  func origin(of record: Record) -> EventOrigin? {
    guard let range = record.origin else { return nil }
    return try? EventOrigin(decoding: bytes.span.extracting(range))
  }

  /// The event in a record, whose number and epoch then fit Int64 and are at least 1. `origin`: what the header says.
  func event(of record: Record, named origin: EventOrigin?) throws(UnreadableRecord) -> Event<SealedPerson> {
    guard let value = record.value else {
      throw UnreadableRecord(reason: Reason.undecodable, detail: "the record has no value", origin: origin)
    }
    let event: Event<SealedPerson>
    do throws(EventError) {
      event = try Event(decoding: bytes.span.extracting(value))
    } catch {
      throw UnreadableRecord(reason: Reason.undecodable, detail: error.description, origin: origin)
    }
    // A header that is there and differs, or cannot be read, leaves in doubt which event this is. A producer without
    // headers is believed: its numbers stand in the event.
    if record.origin != nil,
      origin?.number != event.number || origin?.epoch != event.epoch || origin?.source != event.source
    {
      throw UnreadableRecord(
        reason: Reason.originMismatch, detail: "header and event name different numbers", origin: origin)
    }
    guard let number = Int64(exactly: event.number), number >= 1, let epoch = Int64(exactly: event.epoch), epoch >= 1
    else {
      throw UnreadableRecord(reason: Reason.originMismatch, detail: "number or epoch out of range", origin: nil)
    }
    return event
  }
}
