internal import EventLog
internal import Synchronization

/// A log as it was when it ended at the given offsets: partitions that are not named are not there, and a batch that
/// goes beyond the end is cut. A pipeline that runs to the end of this log stops exactly there, so a replay needs no
/// stop rule of its own. Also counts what was read.
final class LogPrefix: LogReader, Sendable {
  private let log: any LogReader
  private let ends: [TopicPartition: Offset]
  /// Called after every read with the partition, the offset read from, and the one to read from next.
  private let wasRead: @Sendable (TopicPartition, Offset, Offset) -> Void

  init(
    _ log: any LogReader, ends: [TopicPartition: Offset],
    wasRead: @escaping @Sendable (TopicPartition, Offset, Offset) -> Void = { _, _, _ in }
  ) {
    self.log = log
    self.ends = ends
    self.wasRead = wasRead
  }

  var logID: String { log.logID }
  func topics() throws(LogError) -> [String] { Set(ends.keys.map(\.topic)).sorted() }

  func partitions(of topic: String) throws(LogError) -> [TopicPartition] {
    try log.partitions(of: topic).filter { ends[$0] != nil }
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    let bounds = try log.bounds(of: partition)
    return LogBounds(earliest: bounds.earliest, next: min(bounds.next, ends[partition] ?? .first))
  }

  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
    let end = ends[partition] ?? .first
    if offset >= end { return RecordBatch(partition: partition, bytes: [], records: []) }
    var batch = try log.read(partition, from: offset, maximumBytes: maximumBytes)
    if let next = batch.nextOffset, next > end {
      batch.records.removeLast(batch.records.reversed().prefix { $0.offset >= end }.count)
      // Nothing stands between the last record that is left and the end.
      batch.holeEnd = end
    }
    if let next = batch.nextOffset { wasRead(partition, offset, next) }
    return batch
  }

  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try log.anchor(of: partition, at: nextOffset)
  }

  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try log.check(anchor, of: partition)
  }
}
