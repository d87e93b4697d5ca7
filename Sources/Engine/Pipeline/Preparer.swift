internal import Enrichment
internal import Entity
internal import EventLog
internal import Events
internal import Money
internal import Privacy
internal import Projections
internal import ShopDomain

/// Everything that needs no mart: decode → origin check → open and tokenize → validate → enrich. One thread at a time.
///
/// Whatever a record holds ends in an input, a heartbeat or a rejection; only keys and the vault can stop the work.
final class Preparer {
  private let tokenizer: Tokenizer
  private let enricher: Enricher?
  private let poisoned: [TopicPartition: Set<Int64>]
  private let slot: TrapGuard.Slot?
  private let takesFigures: Bool
  private let personalFields: [String: PersonalFields]

  /// `takesFigures`: whoever folds web requests needs their figures only. `personalFields`: what the projections read of each
  /// topic's personal data. `poisoned`: offsets to leave out unparsed, since they trapped before.
  init(
    tokenizer: Tokenizer, enricher: Enricher?, poisoned: [TopicPartition: Set<Int64>] = [:],
    slot: TrapGuard.Slot? = nil, takesFigures: Bool, personalFields: [String: PersonalFields]
  ) {
    self.tokenizer = tokenizer
    self.enricher = enricher
    self.poisoned = poisoned
    self.slot = slot
    self.takesFigures = takesFigures
    self.personalFields = personalFields
  }

  /// Prepares the records from `offset` on; earlier ones were absorbed before and are skipped.
  func prepare(_ batch: RecordBatch, slot index: Int, from offset: Int64) throws(PrivacyError) -> PreparedChunk {
    var chunk = PreparedChunk(
      partition: batch.partition, slot: index, nextOffset: batch.nextOffset ?? offset, anchor: [],
      values: ValueBytes(bytes: batch.bytes, ranges: []))
    chunk.records.reserveCapacity(batch.records.count)
    let isRequests = takesFigures && batch.partition.topic == Topic.weblog
    if isRequests {
      chunk.requests.reserveCapacity(batch.records.count)
    } else {
      chunk.inputs.reserveCapacity(batch.records.count)
    }
    chunk.values.ranges.reserveCapacity(batch.records.count)
    let poison = poisoned[batch.partition]
    let scope = PersonalScope.newest(personalFields[batch.partition.topic] ?? [])
    slot?.enter(batch.partition)
    defer { slot?.release() }
    try tokenizer.batch { () throws(PrivacyError) in
      for record in batch.records where record.offset >= offset {
        slot?.hold(record.offset)
        chunk.values.ranges.append(record.value)
        if let poison, poison.contains(record.offset) {
          chunk.reject(
            record, batch.origin(of: record), .decode, Reason.trapped, "its processing ended the program twice")
          continue
        }
        if isRequests, try prepareRequest(record, batch, into: &chunk) { continue }
        try prepare(record, batch.origin(of: record), batch, scope, into: &chunk)
      }
    }
    return chunk
  }

  /// The short road of a web request without anything odd about it: from the bytes to its figures, without an event in
  /// between. False: nothing was done, and the long road says what becomes of the record. Both come to the same.
  private func prepareRequest(
    _ record: RecordBatch.Record, _ batch: RecordBatch, into chunk: inout PreparedChunk
  ) throws(PrivacyError) -> Bool {
    guard let enricher, let range = record.value else { return false }
    let value = batch.bytes.span.extracting(range)
    guard let request = WebRequestView(decoding: value), let number = Int64(exactly: request.envelope.number),
      let epoch = Int64(exactly: request.envelope.epoch)
    else { return false }
    if let header = record.origin, !request.envelope.isNamed(by: batch.bytes.span.extracting(header), in: value) {
      return false
    }
    let (topic, partition) = (batch.partition.topic, batch.partition.partition)
    // The error is returned: the lending call would take its type away. The figures go into the chunk from in here, since
    // each copy of them counts a reference.
    let failure = value.withUnsafeBufferPointer { bytes -> PrivacyError? in
      func text(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[range]) }
      do throws(PrivacyError) {
        let raw = UnsafeRawBufferPointer(bytes)
        tokenizer.begin(request.envelope, in: raw, topic: topic, partition: partition)
        let ip = try tokenizer.token(of: request.ip, in: raw, WebRequestView.ipPlace)
        var user: Token?
        if let seal = request.user { user = try tokenizer.token(of: seal, in: raw, WebRequestView.userPlace) }
        let facts = enricher.facts(
          userAgent: text(request.userAgent), path: text(request.path), status: request.status,
          referrer: text(request.referrer), utmSource: text(request.utmSource), utmMedium: text(request.utmMedium),
          utmCampaign: text(request.utmCampaign))
        chunk.requests.append(
          RequestFigures(
            millis: request.envelope.occurredAt.millis, bytes: request.bytes, ip: ip, user: user,
            status: request.status, userAgent: text(request.userAgent), country: text(request.country), facts: facts))
        return nil
      } catch {
        return error
      }
    }
    if let failure {
      switch failure.kind {
      case .authenticationFailed, .unknownVersion: return false
      case .keyFile, .keyMissing, .vault, .locked, .randomness, .cryptography: throw failure
      }
    }
    let place = value.extracting(request.envelope.source).withUnsafeBufferPointer { chunk.place(of: $0, epoch) }
    chunk.add(record, place, number, .request(chunk.requests.count - 1))
    return true
  }

  private func prepare(
    _ record: RecordBatch.Record, _ origin: EventOrigin?, _ batch: RecordBatch, _ scope: PersonalScope,
    into chunk: inout PreparedChunk
  ) throws(PrivacyError) {
    let sealed: Event<SealedPerson>
    do throws(UnreadableRecord) {
      sealed = try batch.event(of: record, named: origin)
    } catch {
      return chunk.reject(record, error.origin, .decode, error.reason, error.detail)
    }
    // Held by `event(of:named:)`.
    let (number, epoch) = (Int64(clamping: sealed.number), Int64(clamping: sealed.epoch))
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
      event = try tokenizer.tokenize(
        sealed, topic: batch.partition.topic, partition: batch.partition.partition, scope: scope)
    } catch {
      switch error.kind {
      case .authenticationFailed, .unknownVersion:
        return chunk.reject(record, place, number, .open, Reason.sealBroken, Reason.sealBrokenDetail)
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

  fileprivate mutating func place(of source: UnsafeBufferPointer<UInt8>, _ epoch: Int64) -> Int {
    if let last = origins.last, last.epoch == epoch, last.source.utf8.elementsEqual(source) { return origins.count - 1 }
    return place(of: String(decoding: source, as: UTF8.self), epoch)
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
