package import EventLog

/// A log whose beginning is read from an archive, a copy made earlier, and whose rest from the log itself. Both are the
/// same log: they have one identity, and where they overlap they hold the same records.
package final class ArchivedLog: LogReader, Sendable {
  private let archive: any LogReader
  private let log: any LogReader

  /// Throws `.configuration` where the archive is of another log.
  package init(archive: any LogReader, log: any LogReader) throws(LogError) {
    guard archive.logID == log.logID else {
      throw LogError(
        .configuration, operation: "read the archive",
        cause: "it is a copy of log \(archive.logID), not of log \(log.logID)",
        hint: "name the folder of a copy of this very log")
    }
    self.archive = archive
    self.log = log
  }

  /// The log's id; the archive has the same.
  package var logID: String { log.logID }
  /// The log's topics; what only the archive has is not read.
  package func topics() throws(LogError) -> [String] { try log.topics() }
  /// The log's partitions of the topic.
  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try log.partitions(of: topic) }

  /// From the archive's beginning, where it has the partition, to the log's end. Throws `.positionGone` where the two
  /// leave a gap, `.damaged` where they hold different records.
  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    let live = try log.bounds(of: partition)
    guard live.earliest > .first, let old = try archiveBounds(partition), old.earliest < live.earliest else {
      return live
    }
    guard old.next >= live.earliest else {
      throw LogError(
        .positionGone, operation: "join the archive", partition: partition, offset: old.next,
        cause: "the archive ends at \(old.next), the log begins at \(live.earliest)",
        hint: "\(old.next.distance(to: live.earliest)) offsets lie between them; name a later copy of the log")
    }
    try refuseOther(partition, at: min(old.next, live.next))
    return LogBounds(earliest: old.earliest, next: live.next)
  }

  /// The archive need not know topics that were made later.
  private func archiveBounds(_ partition: TopicPartition) throws(LogError) -> LogBounds? {
    try archive.partitions(of: partition.topic).contains(partition) ? try archive.bounds(of: partition) : nil
  }

  private func refuseOther(_ partition: TopicPartition, at offset: Offset) throws(LogError) {
    guard let anchor = try archive.anchor(of: partition, at: offset) else { return }
    guard try log.check(anchor, of: partition) == .differs else { return }
    throw LogError(
      .damaged, operation: "join the archive", partition: partition, offset: offset,
      cause: "archive and log hold different records there",
      hint: "one of them was exchanged or rewritten: run `millrace log verify`")
  }

  /// From the archive below the log's beginning, from the log above it.
  package func read(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    let isLive = try offset >= log.bounds(of: partition).earliest
    return try (isLive ? log : archive).read(partition, from: offset, maximumBytes: maximumBytes)
  }

  /// Of whichever of the two holds the record before the offset.
  package func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    let isLive = try nextOffset > log.bounds(of: partition).earliest
    return try (isLive ? log : archive).anchor(of: partition, at: nextOffset)
  }

  /// Asks the log for what it still holds, the archive for what lies before.
  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    let isLive = try anchor.nextOffset > log.bounds(of: partition).earliest
    return try (isLive ? log : archive).check(anchor, of: partition)
  }
}
