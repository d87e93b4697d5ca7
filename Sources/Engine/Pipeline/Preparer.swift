internal import Entity
internal import EventLog
internal import Money
internal import Privacy
internal import Wire

/// Everything that needs no mart: decode → origin check → open and tokenize → validate → enrich. One thread at a time.
///
/// Whatever a record holds ends in an input, a heartbeat or a rejection; only keys and the vault can stop the work.
final class Preparer {
  private let tokenizer: Tokenizer
  private let reader: any RecordReader
  private let poisoned: [TopicPartition: Set<Offset>]
  private let slot: TrapGuard.Slot?

  /// `reader` uses the same tokenizer. `poisoned`: offsets to leave out unparsed, since they trapped before.
  init(
    tokenizer: Tokenizer, reader: any RecordReader, poisoned: [TopicPartition: Set<Offset>] = [:],
    slot: TrapGuard.Slot? = nil
  ) {
    self.tokenizer = tokenizer
    self.reader = reader
    self.poisoned = poisoned
    self.slot = slot
  }

  /// Prepares the records from `offset` on; earlier ones were absorbed before and are skipped.
  func prepare(_ batch: RecordBatch, slot index: Int, from offset: Offset) throws(PrivacyError) -> PreparedChunk {
    var chunk = PreparedChunk(
      partition: batch.partition, slot: index, end: LogAnchor(nextOffset: batch.nextOffset ?? offset),
      values: ValueBytes(bytes: batch.bytes, ranges: []))
    chunk.records.reserveCapacity(batch.records.count)
    chunk.values.ranges.reserveCapacity(batch.records.count)
    let poison = poisoned[batch.partition]
    slot?.enter(batch.partition)
    defer { slot?.release() }
    let hasShortRoad = reader.begin(batch.partition, records: batch.records.count)
    try tokenizer.batch { () throws(PrivacyError) in
      for record in batch.records where record.offset >= offset {
        slot?.hold(record.offset)
        chunk.values.ranges.append(record.value)
        if let poison, poison.contains(record.offset) {
          chunk.reject(
            record, batch.origin(of: record), .decode, Reason.trapped, "its processing ended the program twice")
          continue
        }
        if hasShortRoad, try prepareInPlace(record, batch, into: &chunk) { continue }
        try prepare(record, batch.origin(of: record), batch, into: &chunk)
      }
    }
    chunk.inputs = reader.takeInputs()
    return chunk
  }

  /// The short road (see `RecordReader.readInPlace`). False: nothing was done.
  private func prepareInPlace(
    _ record: RecordBatch.Record, _ batch: RecordBatch, into chunk: inout PreparedChunk
  ) throws(PrivacyError) -> Bool {
    guard let range = record.value else { return false }
    return try batch.bytes.withUnsafeBufferPointer { (bytes) throws(PrivacyError) in
      let value = UnsafeBufferPointer(rebasing: bytes[range])
      let header = record.origin.map { UnsafeBufferPointer(rebasing: bytes[$0]) }
      guard let short = try reader.readInPlace(value, named: header) else { return false }
      let place = chunk.place(of: UnsafeBufferPointer(rebasing: value[short.source]), short.epoch)
      chunk.add(record, place, short.number, .fold(short.input))
      return true
    }
  }

  private func prepare(
    _ record: RecordBatch.Record, _ origin: EventOrigin?, _ batch: RecordBatch, into chunk: inout PreparedChunk
  ) throws(PrivacyError) {
    let sealed: ReadRecord
    do throws(UnreadableRecord) {
      sealed = try batch.read(record, named: origin, by: reader)
    } catch {
      return chunk.reject(record, error.origin, .decode, error.reason, error.detail)
    }
    // Held by `read(_:named:by:)`.
    let (number, epoch) = (Int64(clamping: sealed.envelope.number), Int64(clamping: sealed.envelope.epoch))
    let place = chunk.place(of: sealed.envelope.source, epoch)
    switch sealed.content {
    case .heartbeat(let heartbeat):
      return chunk.add(record, place, number, .heartbeat(heartbeat.readUpTo.millis))
    case .rejected(let rejected):
      return chunk.reject(record, place, number, .capture, rejected.reason, rejected.detail)
    case .domain: break
    }
    do throws(PrivacyError) {
      switch try reader.makeInput(sealed.envelope) {
      case .input(let input): chunk.add(record, place, number, .fold(input))
      case .refused(let failure):
        chunk.reject(record, place, number, .validate, failure.code, failure.detail)
      }
    } catch {
      // Else the keys or the vault are at fault, not this event: every other one would fail as well.
      guard try tokenizer.proves(error, foreign: origin?.vault ?? 0) else { throw error }
      // Its number proves nothing: whoever wrote it could name any. A good record with this number is still taken.
      let (reason, detail) = Reason.ofSeal(error)
      chunk.reject(record, place, 0, .open, reason, detail)
    }
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
    if let last = origins.last, last.epoch == epoch, last.source.hasBytes(source) { return origins.count - 1 }
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
