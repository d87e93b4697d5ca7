package import EventLog
internal import Foundation

/// When the broker may remove a partition's beginning.
extension KafkaLog: RetainingLog {
  /// By the topic's own `retention.ms` and the earliest record's time, which Kafka goes by; 0 where it is due. The
  /// topic's other reason to remove records, `retention.bytes`, is refused when the topic is made.
  package func secondsUntilRemoval(in partition: TopicPartition) throws(LogError) -> Int64? {
    try inTurn { () throws(LogError) in
      let operation = "find the retention of"
      try demand(partition, operation)
      let settings = try administration().settings(of: physical(partition.topic))
      guard let text = settings["retention.ms"], let retention = Int64(text), retention >= 0 else { return nil }
      let bounds = try freshBounds(partition, operation)
      guard bounds.next > bounds.earliest else { return nil }
      let batch = try fetch(partition, from: bounds.earliest, maximumBytes: 1, look: nil)
      guard let earliest = batch.records.first else { return nil }
      let now = Int64(Date().timeIntervalSince1970 * 1_000)
      let (end, overflow) = max(earliest.timestampMillis, 0).addingReportingOverflow(retention)
      return overflow ? nil : max(0, (end - now) / 1_000)
    }
  }
}
