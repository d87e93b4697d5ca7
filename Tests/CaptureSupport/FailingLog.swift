package import EmbeddedLog
package import EventLog

/// A log whose appends fail on demand, before or after the bytes are in it.
///
/// Unchecked: the one delivery line of a capture appends, and a test sets what fails while none runs.
package final class FailingLog: LogReader, LogWriter, @unchecked Sendable {
  package enum Failure: Equatable {
    case none
    case before
    case after
  }
  package let base: EmbeddedLog
  /// What happens at each append, in turn.
  package var plan: [Failure]
  package private(set) var attempts: [[EncodedBatch]] = []

  private let kind: LogError.Kind

  package init(_ base: EmbeddedLog, _ plan: [Failure], kind: LogError.Kind = .storage) {
    self.base = base
    self.plan = plan
    self.kind = kind
  }

  package var logID: String { base.logID }
  package func topics() throws(LogError) -> [String] { try base.topics() }
  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try base.partitions(of: topic) }
  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try base.bounds(of: partition) }
  package func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch
  {
    try base.read(partition, from: offset, maximumBytes: maximumBytes)
  }
  package func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try base.anchor(of: partition, at: nextOffset)
  }
  package func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try base.check(anchor, of: partition)
  }
  package func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    try base.ensureTopic(topic, partitions: partitions)
  }
  package func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange] {
    attempts.append(batches)
    let failure = plan.isEmpty ? .none : plan.removeFirst()
    let error = LogError(kind, operation: "append", cause: "planned by the test", hint: "none")
    if failure == .before { throw error }
    let ranges = try base.append(batches)
    if failure == .after { throw error }
    return ranges
  }
}
