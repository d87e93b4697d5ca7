package import EventLog

/// The log on SQLite.
package final class EmbeddedLog: LogReader, LogWriter, @unchecked Sendable {
  /// Opens or creates the log in `folder`. `readOnly` never creates and never appends.
  package init(folder: String, readOnly: Bool = false) throws(LogError) { fatalError("contract") }
  package var logID: String { fatalError("contract") }
  package func topics() throws(LogError) -> [String] { fatalError("contract") }
  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] { fatalError("contract") }
  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { fatalError("contract") }
  package func read(_ partition: TopicPartition, from offset: Int64, maximumBytes: Int) throws(LogError) -> RecordBatch
  { fatalError("contract") }
  package func anchor(of partition: TopicPartition, at nextOffset: Int64) throws(LogError) -> LogAnchor? {
    fatalError("contract")
  }
  package func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) { fatalError("contract") }
  package func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange] { fatalError("contract") }
  /// Recomputes every chain from the stored bytes and compares it with `anchors`. Reports progress in bytes.
  package func verify(anchors: [TopicPartition: [LogAnchor]], progress: (_ done: Int64, _ total: Int64) -> Void)
    throws(LogError) -> LogVerification
  { fatalError("contract") }
}
package struct LogVerification: Sendable, Equatable {
  package var records: Int64
  package var bytes: Int64
  package var anchorsChecked: Int
  package init(records: Int64, bytes: Int64, anchorsChecked: Int) {
    self.records = records
    self.bytes = bytes
    self.anchorsChecked = anchorsChecked
  }
}
