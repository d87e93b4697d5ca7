internal import CKafka
internal import EventLog

/// One partition as a consumer fetches it: librdkafka's own queue for it, and where its reader stands.
///
/// The queue is librdkafka's prefetch buffer; nothing is buffered twice. Messages are taken one by one: the batch calls
/// of librdkafka 2.0.2 lose messages around a change of position (its issue 4208).
final class PartitionSource {
  let name: TopicPartition
  /// The topic's name in the cluster.
  let topic: String
  private let client: KafkaClient
  private let handle: OpaquePointer
  private let queue: OpaquePointer
  /// Offset that the next record must not be below; nil: not fetching.
  private(set) var expected: Offset?
  /// The broker has answered since the fetch began.
  private(set) var hasHeard = false
  /// Where the log ended when the broker last had nothing more.
  private(set) var endOffset: Offset?
  /// The log reaches at least here: a read below must not answer "nothing".
  var knownEnd = Offset.first
  /// Why the read under way got nothing so far. Damage stays the word: behind a damaged batch librdkafka 2.0.2 takes
  /// the bytes inside it for batches, and asks for offsets that never were.
  var trouble: LogError? {
    didSet { if oldValue?.kind == .damaged, trouble != nil { trouble = oldValue } }
  }
  /// The newest read that gave a single record. Who looks at a record to compare it often reads it next.
  var single: RecordBatch?
  /// Proof of the last record read, and the offset that its batch led to.
  var last: (nextOffset: Offset, proof: [UInt8])?

  init?(_ name: TopicPartition, topic: String, _ client: KafkaClient) {
    guard let handle = rd_kafka_topic_new(client.raw, topic, nil) else { return nil }
    guard let queue = rd_kafka_queue_get_partition(client.raw, topic, name.partition) else {
      rd_kafka_topic_destroy(handle)
      return nil
    }
    self.name = name
    self.topic = topic
    self.client = client
    self.handle = handle
    self.queue = queue
  }

  deinit {
    rd_kafka_queue_destroy(queue)
    rd_kafka_topic_destroy(handle)
  }

  /// Begins to fetch at an offset; what was fetched from elsewhere is dropped. False: librdkafka refused.
  func start(at offset: Offset) -> Bool {
    stop()
    guard rd_kafka_consume_start(handle, name.partition, offset.rawValue) == 0 else { return false }
    expected = offset
    return true
  }

  func stop() {
    guard expected != nil else { return }
    _ = rd_kafka_consume_stop(handle, name.partition)
    expected = nil
    hasHeard = false
    endOffset = nil
  }

  /// The next message or report, or nil when none comes within `timeoutMillis`. The caller destroys it.
  @inline(__always) func next(_ timeoutMillis: Int32) -> UnsafeMutablePointer<rd_kafka_message_t>? {
    rd_kafka_consume_queue(queue, timeoutMillis)
  }

  @inline(__always) func advance(to offset: Offset) {
    expected = offset
    hasHeard = true
  }

  /// The broker had nothing more at this offset.
  func reachedEnd(_ offset: Offset) {
    endOffset = offset
    hasHeard = true
  }

  /// Whether the log ended at `offset` when the broker answered last.
  func isEnd(_ offset: Offset) -> Bool {
    guard offset >= knownEnd, hasHeard else { return false }
    if endOffset == offset { return true }
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_get_watermark_offsets(client.raw, topic, name.partition, &low, &high)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR && Offset(high) == offset
  }
}
