internal import CKafka
internal import Concurrency
internal import EventLog
internal import Telemetry

/// What the cluster says about a topic.
struct TopicFacts: Sendable {
  var partitions: Int32
  /// Copies of the partition that has the fewest.
  var replicas: Int
  /// Every partition has a leader now.
  var isReady: Bool
}

extension KafkaClient {
  /// All topics of the cluster. Asking for a single one would make it on clusters that create topics by themselves.
  func topics(_ operation: String, _ patience: Patience) throws(LogError) -> [String: TopicFacts] {
    let began = Monotonic.millis
    while true {
      serve()
      // A refused password does not mend itself.
      if let trouble = context.trouble(since: began),
        !LogError.isPassing(rd_kafka_resp_err_t(trouble.code)),
        trouble.code != RD_KAFKA_RESP_ERR__SSL.rawValue || patience.isOver
      {
        throw LogError(rd_kafka_resp_err_t(trouble.code), operation, detail: trouble.text)
      }
      guard !patience.isOver else { throw unreachable(operation, since: began) }
      var metadata: UnsafePointer<rd_kafka_metadata>?
      let code = rd_kafka_metadata(raw, 1, nil, &metadata, Int32(min(patience.remainingMillis, 1_000)))
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
        // What this client believes of the broker passes only with the client.
        if LogError.isPassing(code), code != RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE {
          patience.pause()
          continue
        }
        throw LogError(code, operation)
      }
      defer { rd_kafka_metadata_destroy(metadata) }
      return facts(metadata.pointee)
    }
  }

  private func facts(_ metadata: rd_kafka_metadata) -> [String: TopicFacts] {
    var found: [String: TopicFacts] = [:]
    for topic in UnsafeBufferPointer(start: metadata.topics, count: Int(metadata.topic_cnt)) {
      guard let name = topic.topic, topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART else { continue }
      var facts = TopicFacts(partitions: topic.partition_cnt, replicas: .max, isReady: topic.partition_cnt > 0)
      for partition in UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)) {
        facts.replicas = min(facts.replicas, Int(partition.replica_cnt))
        if partition.leader < 0 { facts.isReady = false }
      }
      found[String(cString: name)] = facts
    }
    return found
  }

  /// Earliest and next offset of a partition that exists. On a thread of its own: this call of librdkafka 2.0.2 ignores
  /// its timeout (issue 4460).
  func watermarks(_ topic: String, _ partition: TopicPartition, _ operation: String, _ patience: Patience)
    throws(LogError) -> LogBounds
  {
    let began = Monotonic.millis
    while true {
      let client = self
      let answer = BlockingCall.run("kafka bounds", patience) { () -> (code: Int32, low: Int64, high: Int64) in
        var low: Int64 = 0
        var high: Int64 = 0
        let code = rd_kafka_query_watermark_offsets(client.raw, topic, partition.partition, &low, &high, 3_000)
        return (code.rawValue, low, high)
      }
      guard let answer else { throw unreachable(operation, partition, since: began) }
      let code = rd_kafka_resp_err_t(answer.code)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR {
        return LogBounds(earliest: Offset(answer.low), next: Offset(answer.high))
      }
      // A topic made a moment ago is not known to every broker yet.
      let mayPass = LogError.isPassing(code) || LogError.isNotYetKnown(code)
      guard mayPass, !patience.isOver else { throw LogError(code, operation, partition) }
      patience.pause()
    }
  }
}

extension LogError {
  /// The topic may be new, or its leader just moved.
  static func isNotYetKnown(_ code: rd_kafka_resp_err_t) -> Bool {
    switch code {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      true
    default: false
    }
  }
}
