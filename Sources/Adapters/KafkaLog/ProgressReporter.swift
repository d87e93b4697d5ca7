internal import CKafka
internal import Concurrency
internal import EventLog

/// Commits group offsets, for people who look at lag with Kafka's own tools; nothing in Millrace reads them. From any
/// thread.
final class ProgressReporter: Sendable {
  private struct State: Sendable {
    var client: KafkaClient?
    var latest: [TopicPartition: Offset] = [:]
    var isDirty = false
    var committedAt: Int64 = 0
  }

  private let state = Lock(State())
  private let prefix: String

  init(prefix: String) { self.prefix = prefix }

  /// The client that commits from now on; nil: none.
  func use(_ client: KafkaClient?) { state.withLock { $0.client = client } }

  func note(_ offsets: [TopicPartition: Offset]) {
    state.withLock { state in
      for (partition, offset) in offsets where state.latest[partition] != offset {
        state.latest[partition] = offset
        state.isDirty = true
      }
    }
    commitWhenDue()
  }

  /// Commits at most once a second, without waiting for the answer.
  func commitWhenDue(now: Bool = false) {
    state.withLock { state in
      guard state.isDirty, let client = state.client else { return }
      let millis = Monotonic.millis
      guard now || millis - state.committedAt >= KafkaLimits.progressMillis else { return }
      state.committedAt = millis
      state.isDirty = false
      let list = rd_kafka_topic_partition_list_new(Int32(state.latest.count))
      defer { rd_kafka_topic_partition_list_destroy(list) }
      for (partition, offset) in state.latest {
        rd_kafka_topic_partition_list_add(list, prefix + partition.topic, partition.partition).pointee.offset =
          offset.rawValue
      }
      // A failure shows in the commit callback and is counted there.
      _ = rd_kafka_commit(client.raw, list, 1)
    }
  }
}
