internal import Crypto
internal import EventLog
internal import Marts
internal import Projections

/// The folding half of a pipeline: duplicate check → fold → one transaction per batch. One thread at a time.
final class Projector {
  private let writer: MartWriter
  private let projections: [any Projection]
  private let topics: [[String]]
  private let slot: TrapGuard.Slot?
  private(set) var ledger: MartLedger
  /// Events folded since the last flush.
  private(set) var pendingEvents = 0

  init(writer: MartWriter, projections: [any Projection], slot: TrapGuard.Slot?) throws(MartError) {
    self.writer = writer
    self.projections = projections
    topics = projections.map { type(of: $0).topics }
    self.slot = slot
    ledger = try writer.ledger()
  }

  /// What of each topic's events the projections take.
  var interest: MartInterest { MartInterest(projections.map { type(of: $0) }) }

  private func readers(of topic: String) -> [any Projection] {
    projections.indices.filter { topics[$0].contains(topic) }.map { projections[$0] }
  }

  /// Entries that the projections hold in memory.
  var pendingEntries: Int { projections.reduce(0) { $0 + $1.pendingCount } }

  /// What the next flush writes into the quarantine, in the order in which stages and reasons were met.
  var quarantined: [QuarantineCount] {
    var groups: [QuarantineCount] = []
    var places: [[String]: Int] = [:]
    for entry in ledger.quarantine {
      if let known = places[[entry.stage, entry.reason]] {
        groups[known].count += 1
      } else {
        places[[entry.stage, entry.reason]] = groups.count
        groups.append(QuarantineCount(stage: entry.stage, reason: entry.reason, count: 1))
      }
    }
    return groups
  }

  func know(_ partitions: [TopicPartition]) { for partition in partitions { ledger.know(partition) } }

  func fold(_ chunk: PreparedChunk) {
    let partition = chunk.partition
    let streams = chunk.origins.map {
      ledger.stream(StreamKey(source: $0.source, epoch: $0.epoch, partition: partition))
    }
    let interested = readers(of: partition.topic)
    var readUpTo = [Int64](repeating: .min, count: chunk.origins.count)
    slot?.enter(partition)
    defer { slot?.release() }
    // Inputs are read where they lie: a copy would retain a dozen strings for each event, and for each web request what
    // its agent says, whose references the preparing threads count at the same time.
    chunk.inputs.lend(to: interested) { fold in foldRecords(of: chunk, streams, into: &ledger, &readUpTo, fold) }
    for (origin, moment) in zip(chunk.origins, readUpTo) where moment > .min {
      ledger.sourceRead(origin.source, partition, upTo: moment)
    }
    ledger.move(partition, to: chunk.end)
    pendingEvents += chunk.records.count
  }

  /// `fold` gives an input to the projections. One that refuses stays unchanged, and refuses by what the event says
  /// alone, so that a replay comes to the same. The ledger is lent for the whole chunk: each use of the class's
  /// property is checked for exclusivity.
  private func foldRecords(
    of chunk: PreparedChunk, _ streams: [Int], into ledger: inout MartLedger, _ readUpTo: inout [Int64],
    _ fold: (Int) -> QuarantineReason?
  ) {
    for (index, record) in chunk.records.enumerated() {
      slot?.hold(record.offset)
      let stream = streams[record.origin]
      if record.number == 0 {
        ledger.acceptUnnumbered(in: stream)
      } else if !ledger.accept(number: UInt64(record.number), in: stream) {
        continue
      }
      let refusal: QuarantineReason?
      switch record.outcome {
      case .fold(let input): refusal = fold(input)
      // Nothing else tells the age: an event that was captured now may be hours old while a backlog drains.
      case .heartbeat(let moment):
        refusal = nil
        readUpTo[record.origin] = max(readUpTo[record.origin], moment)
      case .reject(let rejection):
        quarantine(chunk.rejections[rejection], record, at: index, of: chunk, stream, &ledger)
        continue
      }
      if let refusal {
        quarantine(
          .init(stage: .fold, reason: refusal.code, detail: refusal.detail), record, at: index, of: chunk, stream,
          &ledger)
      } else {
        ledger.applied(in: stream)
      }
    }
  }

  private func quarantine(
    _ rejection: PreparedChunk.Rejection, _ record: PreparedChunk.Record, at index: Int, of chunk: PreparedChunk,
    _ stream: Int, _ ledger: inout MartLedger
  ) {
    let origin = chunk.origins[record.origin]
    let hash = chunk.values.ranges[index].map { range in
      chunk.values.bytes.withUnsafeBytes { SHA256.hash(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
    ledger.quarantine(
      QuarantineEntry(
        partition: chunk.partition, offset: record.offset, source: origin.source, epoch: origin.epoch,
        number: record.number, stage: rejection.stage.rawValue, reason: rejection.reason, detail: rejection.detail,
        capturedAt: record.capturedAt, valueHash: hash ?? []),
      in: stream)
  }

  /// Writes what was folded since the last flush, in one transaction with positions and numbers. After an error nothing
  /// of it is in the mart nor in memory, and the ledger is the file's again.
  func flush() throws(MartError) {
    guard ledger.hasChanges else { return }
    do {
      try writer.absorb(&ledger) { transaction in
        for projection in projections { try projection.flush(into: transaction) }
      }
    } catch {
      for projection in projections { projection.discard() }
      throw error
    }
    pendingEvents = 0
  }
}
