/// A log that removes its oldest records by itself, and can say when.
package protocol RetainingLog: LogReader {
  /// Seconds until the earliest record that is there now may be removed; nil: it stays.
  func secondsUntilRemoval(in partition: TopicPartition) throws(LogError) -> Int64?
}

extension LogReader {
  /// Asks a log that removes records by itself; nil: it does not, or cannot tell.
  package func secondsLeft(in partition: TopicPartition) throws(LogError) -> Int64? {
    try (self as? any RetainingLog)?.secondsUntilRemoval(in: partition)
  }
}
