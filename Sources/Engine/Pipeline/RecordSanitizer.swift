internal import Crypto
internal import Entity
internal import EventLog
internal import Privacy

/// Turns records with sealed events into records with tokenized ones as JSON: one out for one in, same key, timestamp,
/// header and offset. One thread at a time.
///
/// The key stays: it is a routing token, keyed like every other, and tells nothing that the record's own tokens and ids
/// do not tell within one token version. It keeps an entity's records together and joins the copy with its original.
final class RecordSanitizer {
  private let tokenizer: Tokenizer
  private let copier: any ContentCopier
  private var json: EventJSON
  /// The value being written, kept from record to record.
  private var value: [UInt8] = []

  /// `copier` uses the same tokenizer.
  init(tokenizer: Tokenizer, copier: any ContentCopier, tokenVersion: Int) {
    self.tokenizer = tokenizer
    self.copier = copier
    json = EventJSON(tokenVersion: tokenVersion)
  }

  /// Forgets the keys of persons, so that those destroyed meanwhile are seen as destroyed.
  func forgetCached() { tokenizer.forgetCached() }

  /// The records from `offset` on, in batches that any log takes. Holes are kept. Only keys and the vault can stop
  /// this.
  func sanitize(_ batch: RecordBatch, from offset: Offset) throws(PrivacyError) -> [RecordBatch] {
    var batches: [RecordBatch] = []
    var current = RecordBatch(partition: batch.partition, bytes: [], records: [])
    // JSON is two to three times as long as the sealed event.
    current.bytes.reserveCapacity(min(batch.bytes.count &* 3, PipelineLimits.sanitizedBytes))
    for record in batch.records where record.offset >= offset {
      value.removeAll(keepingCapacity: true)
      try write(record, of: batch)
      if !fits(record) { writeTooLong(record, of: batch) }
      add(record, of: batch, to: &current)
      if current.bytes.count >= PipelineLimits.sanitizedBytes {
        batches.append(current)
        current = RecordBatch(partition: batch.partition, bytes: [], records: [])
      }
    }
    current.holeEnd = batch.holeEnd
    if !current.records.isEmpty || current.holeEnd != nil { batches.append(current) }
    return batches
  }

  private func fits(_ record: RecordBatch.Record) -> Bool {
    BatchBuilder.fits(
      keyBytes: record.key.count, valueBytes: value.count, originBytes: record.origin?.count ?? 0)
  }

  private func add(_ record: RecordBatch.Record, of batch: RecordBatch, to target: inout RecordBatch) {
    func put(_ part: some Collection<UInt8>) -> Range<Int> {
      let start = target.bytes.count
      target.bytes.append(contentsOf: part)
      return start..<target.bytes.count
    }
    let key = put(batch.bytes[record.key])
    let text = put(value)
    let origin = record.origin.map { put(batch.bytes[$0]) }
    target.records.append(
      RecordBatch.Record(
        offset: record.offset, timestampMillis: record.timestampMillis, key: key, value: text, origin: origin))
  }

  // MARK: One record

  private func write(_ record: RecordBatch.Record, of batch: RecordBatch) throws(PrivacyError) {
    let sealed: ReadRecord
    do throws(UnreadableRecord) {
      sealed = try batch.read(record, named: batch.origin(of: record), by: copier)
    } catch {
      return writeUnreadable(record, of: batch, error.origin, error.reason, error.detail)
    }
    let place = place(of: record, in: batch)
    func refuse(_ stage: Stage, _ reason: String, _ detail: String, rawBytes: Int? = nil) {
      let rejection = EventJSON.Rejection(
        stage: stage.rawValue, reason: reason, detail: detail, rawBytes: rawBytes, valueBytes: record.value?.count)
      json.append(rejection, of: sealed.envelope, at: place, to: &value)
    }
    switch sealed.content {
    case .heartbeat(let heartbeat): json.append(heartbeat, of: sealed.envelope, at: place, to: &value)
    case .rejected(let rejected):
      // The raw record stays sealed; even its token would be of no use to anybody.
      let rawBytes = rejected.raw.map { max(0, $0.box.count &- AESGCM.overhead) }
      refuse(.capture, rejected.reason, rejected.detail, rawBytes: rawBytes)
    case .domain:
      do throws(PrivacyError) {
        if let failure = try copier.append(to: &value, &json, at: place) {
          refuse(.validate, failure.code, failure.detail)
        }
      } catch {
        guard try tokenizer.proves(error, foreign: batch.origin(of: record)?.vault ?? 0) else { throw error }
        let (reason, detail) = Reason.ofSeal(error)
        refuse(.open, reason, detail)
      }
    }
  }

  /// Writes what stands for a record of which at most the header can be told.
  private func writeUnreadable(
    _ record: RecordBatch.Record, of batch: RecordBatch, stage: Stage = .decode, _ origin: EventOrigin?,
    _ reason: String, _ detail: String
  ) {
    json.append(
      EventJSON.Rejection(
        stage: stage.rawValue, reason: reason, detail: detail, valueBytes: record.value?.count),
      of: origin, at: place(of: record, in: batch), to: &value)
  }

  /// In place of an object that no log would take: its name only, and where even that is too long, nothing.
  private func writeTooLong(_ record: RecordBatch.Record, of batch: RecordBatch) {
    let origin = batch.origin(of: record) ?? (try? batch.read(record, named: nil, by: copier))?.envelope.origin
    for origin in [origin, nil] {
      value.removeAll(keepingCapacity: true)
      writeUnreadable(
        record, of: batch, stage: .copy, origin, Reason.tooLarge, "its JSON object is longer than a record may be")
      if fits(record) { return }
    }
  }

  private func place(of record: RecordBatch.Record, in batch: RecordBatch) -> EventJSON.Place {
    EventJSON.Place(topic: batch.partition.topic, partition: batch.partition.partition, offset: record.offset.rawValue)
  }
}
