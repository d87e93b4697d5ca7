/// One ordered sequence of records: a topic's partition.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Letters, digits, ".", "_" and "-"; at most `EventLogLimits.topicNameBytes`.
  package var topic: String
  /// 0 up to the topic's partition count.
  package var partition: Int32

  package init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  /// By topic, then by number.
  package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
    (left.topic, left.partition) < (right.topic, right.partition)
  }

  package var description: String { "\(topic)/\(partition)" }
}
