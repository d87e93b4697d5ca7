internal import EventLog

/// What stands in the topics of a source, read once from their beginning to where they end now: for a source that did
/// not keep what it delivered. Records of other sources are among them. One thread at a time.
///
/// Unchecked: the session asks its source, and so this, from one thread at a time; a log takes calls of several
/// threads.
package final class DeliveredRecords: @unchecked Sendable {
  /// One record of the log.
  package struct Record: Sendable {
    /// Its key: the bytes of the token that the event was routed by.
    package var route: [UInt8]
    /// The event, encoded.
    package var value: [UInt8]
  }

  private let log: any LogReader
  private let topics: [String]
  /// Partitions that are still to be read; nil: nothing was asked yet.
  private var rest: [(partition: TopicPartition, next: Offset, end: Offset)]?

  private static let bytesPerRead = 1 << 20

  init(_ log: any LogReader, topics: [String]) {
    self.log = log
    self.topics = topics
  }

  /// Those that follow, about a megabyte; nil: there are no more. Blocks; throws `LogError`.
  package func next() throws -> [Record]? {
    if rest == nil {
      rest = try topics.flatMap { try log.partitions(of: $0) }.map { partition in
        let bounds = try log.bounds(of: partition)
        return (partition, bounds.earliest, bounds.next)
      }
    }
    while let current = rest?.last, current.next >= current.end { rest?.removeLast() }
    guard let current = rest?.last, let place = rest?.indices.last else { return nil }
    let batch = try log.read(current.partition, from: current.next, maximumBytes: Self.bytesPerRead)
    rest?[place].next = batch.nextOffset ?? current.end
    return batch.records.compactMap { record in
      record.value.map { Record(route: Array(batch.bytes[record.key]), value: Array(batch.bytes[$0])) }
    }
  }
}
