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

  /// Whether a topic may be called so, in whichever log: Kafka's own rule, so that every name works on both.
  package static func isTopicName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard !bytes.isEmpty, bytes.count <= EventLogLimits.topicNameBytes, name != ".", name != ".." else { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  /// By topic, then by number.
  package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
    (left.topic, left.partition) < (right.topic, right.partition)
  }

  package var description: String { "\(topic)/\(partition)" }
}
