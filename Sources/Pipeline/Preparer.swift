internal import Enrichment
internal import EventLog
internal import Events
internal import Money
internal import Privacy
internal import Projections

/// Everything that needs no mart: decode → origin check → open and tokenize → validate → enrich. One thread at a time.
///
/// Whatever a record holds ends in an input, a heartbeat or a rejection; only keys and the vault can stop the work.
final class Preparer {
  private let tokenizer: Tokenizer
  private let enricher: Enricher?
  private let poisoned: [TopicPartition: Set<Int64>]
  private let slot: TrapGuard.Slot?

  /// `poisoned`: offsets to leave out unparsed, since they trapped before.
  init(
    tokenizer: Tokenizer, enricher: Enricher?, poisoned: [TopicPartition: Set<Int64>] = [:],
    slot: TrapGuard.Slot? = nil
  ) {
    self.tokenizer = tokenizer
    self.enricher = enricher
    self.poisoned = poisoned
    self.slot = slot
  }

  /// Prepares the records from `offset` on; earlier ones were absorbed before and are skipped.
  func prepare(_ batch: RecordBatch, slot index: Int, from offset: Int64) throws(PrivacyError) -> PreparedChunk {
    var chunk = PreparedChunk(
      partition: batch.partition, slot: index, nextOffset: batch.nextOffset ?? offset, anchor: [],
      values: ValueBytes(bytes: batch.bytes, ranges: []))
    chunk.records.reserveCapacity(batch.records.count)
    chunk.inputs.reserveCapacity(batch.records.count)
    chunk.values.ranges.reserveCapacity(batch.records.count)
    let poison = poisoned[batch.partition]
    slot?.enter(batch.partition)
    defer { slot?.release() }
    for record in batch.records where record.offset >= offset {
      slot?.hold(record.offset)
      chunk.values.ranges.append(record.value)
      let origin = origin(of: record, in: batch)
      if let poison, poison.contains(record.offset) {
        chunk.reject(record, origin, .decode, Reason.trapped, "its processing ended the program twice")
      } else {
        try prepare(record, origin, batch, into: &chunk)
      }
    }
    return chunk
  }

  /// What the header says; nil: there is none, or it cannot be read.
  private func origin(of record: RecordBatch.Record, in batch: RecordBatch) -> EventOrigin? {
    guard let range = record.origin else { return nil }
    return try? EventOrigin(decoding: batch.bytes.span.extracting(range))
  }

  private func prepare(
    _ record: RecordBatch.Record, _ origin: EventOrigin?, _ batch: RecordBatch, into chunk: inout PreparedChunk
  ) throws(PrivacyError) {
    guard let value = record.value else {
      return chunk.reject(record, origin, .decode, Reason.undecodable, "the record has no value")
    }
    let sealed: Event<SealedPerson>
    do throws(EventError) {
      sealed = try Event(decoding: batch.bytes.span.extracting(value))
    } catch {
      return chunk.reject(record, origin, .decode, Reason.undecodable, error.description)
    }
    // A header that is there and differs, or cannot be read, leaves in doubt which event this is. A producer without
    // headers is believed: its numbers stand in the event.
    if record.origin != nil,
      origin?.number != sealed.number || origin?.epoch != sealed.epoch || origin?.source != sealed.source
    {
      return chunk.reject(record, origin, .decode, Reason.originMismatch, "header and event name different numbers")
    }
    let number = Int64(exactly: sealed.number) ?? 0
    guard number >= 1, let epoch = Int64(exactly: sealed.epoch), epoch >= 1 else {
      return chunk.reject(record, nil, .decode, Reason.originMismatch, "number or epoch out of range")
    }
    let place = chunk.place(of: sealed.source, epoch)
    switch sealed.payload {
    case .heartbeat(let heartbeat):
      return chunk.add(record, place, number, .heartbeat(heartbeat.readUpTo.millis))
    case .rejected(let rejected):
      return chunk.reject(record, place, number, .capture, rejected.reason, rejected.detail)
    default: break
    }
    let event: Event<PersonToken>
    do throws(PrivacyError) {
      event = try tokenizer.tokenize(sealed, topic: batch.partition.topic, partition: batch.partition.partition)
    } catch {
      switch error.kind {
      case .authenticationFailed, .unknownVersion:
        return chunk.reject(record, place, number, .open, Reason.sealBroken, "a sealed field does not open")
      // The keys or the vault are at fault, not this event: every other one would fail as well.
      case .keyFile, .keyMissing, .vault, .locked, .randomness, .cryptography: throw error
      }
    }
    do throws(ValidationFailure) {
      try event.validate()
    } catch {
      return chunk.reject(record, place, number, .validate, error.code, error.detail)
    }
    var facts: RequestFacts?
    if case .webRequest(let request) = event.payload, let enricher {
      facts = enricher.facts(
        userAgent: request.userAgent, method: request.method, path: request.path, status: request.status,
        referrer: request.referrer, utmSource: request.utmSource, utmMedium: request.utmMedium,
        utmCampaign: request.utmCampaign)
    }
    chunk.inputs.append(ProjectionInput(event: event, facts: facts))
    chunk.add(record, place, number, .fold(chunk.inputs.count - 1))
  }
}

extension PreparedChunk {
  /// Index of an origin; compared with the last one first, since a chunk hardly ever holds two.
  fileprivate mutating func place(of source: String, _ epoch: Int64) -> Int {
    if let last = origins.last, last.epoch == epoch, last.source == source { return origins.count - 1 }
    let origin = Origin(source: source, epoch: epoch)
    if let known = origins.firstIndex(of: origin) { return known }
    origins.append(origin)
    return origins.count - 1
  }

  fileprivate mutating func add(_ record: RecordBatch.Record, _ origin: Int, _ number: Int64, _ outcome: Outcome) {
    records.append(
      Record(
        offset: record.offset, capturedAt: record.timestampMillis, origin: origin, number: number, outcome: outcome))
  }

  fileprivate mutating func reject(
    _ record: RecordBatch.Record, _ origin: Int, _ number: Int64, _ stage: Stage, _ reason: String, _ detail: String
  ) {
    rejections.append(Rejection(stage: stage, reason: reason, detail: detail))
    add(record, origin, number, .reject(rejections.count - 1))
  }

  /// For a record of which at most the header could be read.
  fileprivate mutating func reject(
    _ record: RecordBatch.Record, _ origin: EventOrigin?, _ stage: Stage, _ reason: String, _ detail: String
  ) {
    if let origin, let number = Int64(exactly: origin.number), number >= 1,
      let epoch = Int64(exactly: origin.epoch), epoch >= 1
    {
      reject(record, place(of: origin.source, epoch), number, stage, reason, detail)
    } else {
      reject(record, place(of: Origin.unreadable.source, Origin.unreadable.epoch), 0, stage, reason, detail)
    }
  }
}
