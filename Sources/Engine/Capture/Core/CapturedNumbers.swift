internal import Entity
package import EventLog
internal import Files
internal import SQLite

/// What copies of capture's own files say of the log, so that its end at the moment of the copy can be found in a log
/// that nobody can hold still: before the first record whose number these files do not know.
///
/// Such an end is what a crash at that moment leaves: everything acknowledged lies before it, and what was numbered and
/// lies behind it, or nowhere, waits in the files and is sent again.
package struct CapturedNumbers: Sendable {
  private struct Stream: Hashable {
    var source: String
    var partition: TopicPartition
  }

  private var epochs: [String: UInt64] = [:]
  private var numbers: [Stream: UInt64] = [:]
  private var anchors: [TopicPartition: LogAnchor] = [:]

  /// `files`: copies of capture.sqlite and operator.sqlite that nobody has open. Throws `CaptureError` or
  /// `SQLiteError`.
  package init(files: [String]) throws {
    for file in files {
      let database = try Database(file, .readOnly)
      guard try database.applicationID == Int64(Outbox.applicationID),
        try database.userVersion == Int64(Outbox.version)
      else {
        throw CaptureError(
          .storage, operation: "read \(file)", cause: "capture of this version did not write it",
          hint: "use the version of Millrace that wrote it")
      }
      try database.query("SELECT name, epoch FROM sources") { epochs[$0.text(0)] = UInt64(clamping: $0.int64(1)) }
      try database.query("SELECT source, topic, partition, last_number FROM numbers") {
        let partition = TopicPartition($0.text(1), Int32(clamping: $0.int64(2)))
        numbers[Stream(source: $0.text(0), partition: partition)] = UInt64(clamping: $0.int64(3))
      }
      try database.query("SELECT topic, partition, next_offset, chain_hash FROM anchors ORDER BY 1, 2, 3") {
        anchors[TopicPartition($0.text(0), Int32(clamping: $0.int64(1)))] =
          LogAnchor(nextOffset: Offset($0.int64(2)), proof: $0.blob(3))
      }
    }
  }

  /// The offset of the first record in the log that these files do not know, or the log's end.
  ///
  /// Reads what was appended since they were copied. Throws `.damaged` where the log lacks what they say was
  /// acknowledged.
  package func end(of partition: TopicPartition, in log: any LogReader) throws(LogError) -> Offset {
    let bounds = try log.bounds(of: partition)
    var next = bounds.earliest
    if let anchor = anchors[partition] {
      guard anchor.nextOffset <= bounds.next, try log.check(anchor, of: partition) != .differs else {
        throw LogError(
          .damaged, operation: "find what was captured in", partition: partition, offset: anchor.nextOffset,
          cause: "the log no longer holds what was appended up to here",
          hint: "the log lost its tail or was exchanged: run `millrace log verify`; keep the backups that you have")
      }
      next = max(next, anchor.nextOffset)
    }
    while next < bounds.next {
      let batch = try log.read(partition, from: next, maximumBytes: EventLogLimits.copyBytes)
      if let unknown = batch.records.first(where: { !knows($0, in: batch) }) { return unknown.offset }
      guard let after = batch.nextOffset, after > next else { break }
      next = after
    }
    return next
  }

  private func knows(_ record: RecordBatch.Record, in batch: RecordBatch) -> Bool {
    // What others wrote has no number; capture passes it by, too.
    guard let range = record.origin, let origin = try? EventOrigin(decoding: batch.bytes.span.extracting(range)) else {
      return true
    }
    // A source whose first record came after the copy.
    guard let epoch = epochs[origin.source] else { return false }
    let last = numbers[Stream(source: origin.source, partition: batch.partition)] ?? 0
    return (origin.epoch, origin.number) <= (epoch, last)
  }
}
