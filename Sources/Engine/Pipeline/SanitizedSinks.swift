internal import Entity
package import EventLog

/// Tokenized records as lines of JSON, one object a line; for pipes.
package final class SanitizedLines: SanitizedSink {
  private let write: ([UInt8]) -> Void
  private var remaining: Int?
  /// Where each partition goes on.
  private var next: [TopicPartition: Offset]

  /// `starts`: where to begin; a partition that is left out begins at its earliest record. `limit`: how many lines at
  /// most.
  package init(
    from starts: [TopicPartition: Offset] = [:], limit: Int? = nil, write: @escaping ([UInt8]) -> Void
  ) {
    self.write = write
    remaining = limit
    next = starts
  }

  /// Where the caller said. Throws `SanitizerError.positionGone` for an offset that the log does not have.
  package func begin(_ partitions: [TopicPartition], of log: any LogReader) throws -> [TopicPartition: Offset] {
    var starts: [TopicPartition: Offset] = [:]
    for partition in partitions {
      guard let start = next[partition] else { continue }
      let bounds = try log.bounds(of: partition)
      guard start >= bounds.earliest, start <= bounds.next else {
        throw SanitizerError(
          .positionGone, partition,
          cause: "offset \(start) is not in the log, which has \(bounds.earliest) to \(bounds.next)",
          hint: "`millrace log topics` lists the offsets that are there")
      }
      starts[partition] = start
    }
    return starts
  }

  /// Writes each record as a line. False: the limit is reached.
  package func take(_ batches: [RecordBatch]) -> Bool {
    for batch in batches {
      var lines: [UInt8] = []
      for record in batch.records {
        if remaining == 0 { break }
        remaining? -= 1
        if let value = record.value { lines += batch.bytes[value] }
        lines.append(UInt8(ascii: "\n"))
        next[batch.partition] = record.offset.next
      }
      write(lines)
      if remaining == 0 { return false }
      if let end = batch.nextOffset { next[batch.partition] = end }
    }
    return true
  }
}

/// Tokenized records in topics of their own, "orders.tokenized" for "orders", in the same log or in another.
///
/// How far the copy has come stands in the copy itself, in the original's offsets; so a run that died at any moment is
/// gone on with exactly. Before that it is proved that the copy's last record was made from this log, under this token
/// version.
package final class SanitizedCopy: SanitizedSink {
  private let target: any LogCopyTarget
  private let tokenVersion: Int

  /// `tokenVersion`: of the tokens that will be written; a copy of another version is refused.
  package init(target: any LogCopyTarget, tokenVersion: Int) {
    self.target = target
    self.tokenVersion = tokenVersion
  }

  /// Makes the copies' topics where they are missing, and answers where each copy ends. Throws `SanitizerError` for a
  /// copy of another log or version.
  package func begin(_ partitions: [TopicPartition], of log: any LogReader) throws -> [TopicPartition: Offset] {
    guard let topic = partitions.first?.topic else { return [:] }
    try target.ensureTopic(topic + Sanitizer.suffix, partitions: Int32(clamping: partitions.count))
    var starts: [TopicPartition: Offset] = [:]
    for partition in partitions {
      if let next = try target.copiedUpTo(copy(of: partition)) {
        try prove(partition, upTo: next, of: log)
        starts[partition] = next
      } else {
        try target.beginCopy(of: copy(of: partition), at: log.bounds(of: partition).earliest)
      }
    }
    return starts
  }

  /// Appends durably; always wants more. Blocks.
  package func take(_ batches: [RecordBatch]) throws -> Bool {
    try target.appendCopy(
      batches.map { batch in
        var renamed = batch
        renamed.partition = copy(of: batch.partition)
        return renamed
      })
    return true
  }

  private func copy(of partition: TopicPartition) -> TopicPartition {
    TopicPartition(partition.topic + Sanitizer.suffix, partition.partition)
  }

  // MARK: Proof

  private func prove(_ original: TopicPartition, upTo next: Offset, of log: any LogReader) throws {
    let copy = copy(of: original)
    let bounds = try log.bounds(of: original)
    switch try log.check(LogAnchor(nextOffset: next, proof: []), of: original, within: bounds) {
    // What was copied stands under other bytes, so the log has no proof of it; it is compared below.
    case .holds, .differs: break
    case .beyondEnd:
      throw SanitizerError(
        .notThisLog, copy, cause: "it has come to offset \(next), ahead of the original's end at \(bounds.next)",
        hint: "the log lost its tail or is another one: restore it, or \(startAnew)")
    case .gone:
      throw SanitizerError(
        .positionGone, copy,
        cause: "it needs offset \(next) of \(original), the log begins at \(bounds.earliest)",
        hint: "the gap cannot be closed from this log; \(startAnew)")
    }
    guard let (record, batch) = try target.lastRecord(before: target.bounds(of: copy).next, of: copy) else { return }
    guard let value = record.value, let header = EventJSON.Header(batch.bytes[value]), header.topic == original.topic,
      header.partition == original.partition, Offset(header.offset) < next
    else {
      throw SanitizerError(
        .otherCopy, copy, cause: "its last record is no tokenized event of \(original)",
        hint: "something else writes there: \(startAnew)")
    }
    guard header.format == EventJSON.format, header.tokenVersion == tokenVersion else {
      throw SanitizerError(
        .otherCopy, copy,
        cause: "it holds format \(header.format) and tokens of version \(header.tokenVersion), "
          + "not format \(EventJSON.format) and version \(tokenVersion)",
        hint: "tokens of two versions never match, so they must not stand in one topic: \(startAnew)")
    }
    // Below the original's earliest there is nothing left to compare with.
    let offset = Offset(header.offset)
    guard offset >= bounds.earliest else { return }
    let source = try log.read(original, from: offset, maximumBytes: 1)
    guard let first = source.records.first, first.offset == offset,
      source.bytes[first.key] == batch.bytes[record.key],
      first.origin.map({ Array(source.bytes[$0]) }) == record.origin.map({ Array(batch.bytes[$0]) })
    else {
      throw SanitizerError(
        .notThisLog, copy,
        cause: "its last record was made from another one than offset \(offset) of \(original)",
        hint: "the log was exchanged or rewritten: restore it, or \(startAnew)")
    }
  }

  private var startAnew: String { "delete the copy's topic, or name another folder, and copy from the beginning" }
}
