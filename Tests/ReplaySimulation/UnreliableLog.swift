import EmbeddedLog
import EventLog

/// The log as capture sees it over a bad line: appends fail before or after they are stored, are stored twice, or late.
/// What is under way outlives the capture that sent it.
final class UnreliableLog: LogReader, LogWriter, @unchecked Sendable {
  let base: EmbeddedLog
  /// What happens to the next appends, in turn.
  var plan: [Fault] = []
  private(set) var suffered: FaultCounts = [:]
  /// Told of every append that is acknowledged.
  var acknowledged: ([AppendedRange]) -> Void = { _ in }
  private var underWay: [EncodedBatch] = []

  init(_ base: EmbeddedLog) { self.base = base }

  var logID: String { base.logID }
  func topics() throws(LogError) -> [String] { try base.topics() }
  func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try base.partitions(of: topic) }
  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try base.bounds(of: partition) }
  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
    try base.read(partition, from: offset, maximumBytes: maximumBytes)
  }
  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try base.anchor(of: partition, at: nextOffset)
  }
  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try base.check(anchor, of: partition)
  }
  func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    try base.ensureTopic(topic, partitions: partitions)
  }

  func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange] {
    let fault = plan.isEmpty ? nil : plan.removeFirst()
    if let fault { suffered[fault, default: 0] += 1 }
    switch fault {
    case .crashBeforeAppend: throw UnreliableLog.crash
    case .crashAfterAppend:
      _ = try base.append(batches)
      throw UnreliableLog.crash
    case .duplicateAppend:
      let ranges = try base.append(batches)
      _ = try base.append(batches)
      return ranges
    case .lateBatch:
      underWay += batches
      // Acknowledged by whoever carries it; nobody can prove where it stands.
      return batches.map { AppendedRange(partition: $0.partition, baseOffset: 0, nextOffset: 0, anchor: nil) }
    default:
      let ranges = try base.append(batches)
      acknowledged(ranges)
      return ranges
    }
  }

  /// All that is under way arrives.
  func deliver() throws(LogError) {
    if !underWay.isEmpty { _ = try base.append(underWay) }
    underWay = []
  }

  private static let crash = LogError(.storage, operation: "append", cause: "planned", hint: "none")
}
