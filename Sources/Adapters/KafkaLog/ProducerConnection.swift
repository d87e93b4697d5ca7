internal import CKafka
internal import Concurrency
internal import EventLog
internal import Telemetry

/// The writing side: one idempotent client. One thread at a time; it also gets the delivery reports.
final class ProducerConnection {
  /// Records to send to one partition of a topic.
  struct Shipment {
    var topic: String
    var batch: RecordBatch
    /// Whether their offsets go into a header: they come from another log.
    var keepsOffsets: Bool
  }

  /// Why sending stopped.
  enum Obstacle: Error {
    /// This client is of no more use; another one may go on with what is not acknowledged.
    case client(LogError)
    case error(LogError)
  }

  private let client: KafkaClient
  private var handles: [String: OpaquePointer] = [:]

  init(_ settings: KafkaSettings, logger: Logger, counters: KafkaCounters) throws(LogError) {
    client = try KafkaClient(settings, .producer, logger: logger, counters: counters)
  }

  deinit { close() }

  @discardableResult
  func close() -> Bool {
    for handle in handles.values { rd_kafka_topic_destroy(handle) }
    handles = [:]
    return client.close()
  }

  var board: DeliveryBoard { client.context.deliveries }

  /// Sends all records that are not acknowledged yet, in order, and waits for their acknowledgement.
  func send(_ shipments: [Shipment], _ patience: Patience) throws(Obstacle) {
    let began = Monotonic.millis
    var index = 0
    for shipment in shipments {
      let topic = try handle(shipment.topic, patience)
      var code = RD_KAFKA_RESP_ERR_NO_ERROR
      let first = index
      index += shipment.batch.records.count
      code = shipment.batch.bytes.withUnsafeBytes { bytes in
        for (number, record) in shipment.batch.records.enumerated() where !board.isAcknowledged(first + number) {
          while true {
            let code = produce(record, bytes, shipment, topic, first + number)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { break }
            // The queue is full: back-pressure. Reports make room.
            guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL, !patience.isOver else { return code }
            rd_kafka_poll(client.raw, patience.slice)
          }
          if board.refusal != nil { break }
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR
      }
      if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw obstacle(code, shipment.batch.partition, began) }
      client.serve()
    }
    while board.outstanding > 0, !patience.isOver, board.refusal == nil || !isFatal {
      // Flushing does without the pause that gathers batches.
      rd_kafka_flush(client.raw, patience.slice)
    }
    if let refusal = board.refusal { throw obstacle(refusal.code, partition(of: refusal.index, shipments), began) }
    guard board.outstanding == 0 else {
      throw .client(client.unreachable("append", shipments.first?.batch.partition, since: began))
    }
  }

  private var isFatal: Bool { rd_kafka_fatal_error(client.raw, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR }

  private func produce(
    _ record: RecordBatch.Record, _ bytes: UnsafeRawBufferPointer, _ shipment: Shipment, _ topic: OpaquePointer,
    _ index: Int
  ) -> rd_kafka_resp_err_t {
    // A pointer tells an empty part from an absent one.
    @inline(__always) func start(_ range: Range<Int>) -> UnsafeRawPointer? {
      bytes.baseAddress.map { $0 + range.lowerBound }
    }
    var headers: OpaquePointer?
    // To librdkafka a time of 0 is the current one, and brokers refuse times before 1970.
    let isHeld = record.timestampMillis > 0
    if record.origin != nil || shipment.keepsOffsets || !isHeld {
      headers = rd_kafka_headers_new(2)
      if let origin = record.origin { rd_kafka_header_add(headers, Header.origin, -1, start(origin), origin.count) }
      if shipment.keepsOffsets { add(Header.offset, record.offset.rawValue, headers) }
      if !isHeld { add(Header.timestamp, record.timestampMillis, headers) }
    }
    let code = millrace_kafka_produce(
      client.raw, topic, shipment.batch.partition.partition, start(record.key), record.key.count,
      record.value.flatMap { start($0) }, record.value?.count ?? 0, headers, isHeld ? record.timestampMillis : 1,
      board.ticket(index))
    if code == RD_KAFKA_RESP_ERR_NO_ERROR {
      board.handedOver()
    } else if let headers {
      rd_kafka_headers_destroy(headers)
    }
    return code
  }

  private func add(_ name: String, _ number: Int64, _ headers: OpaquePointer?) {
    withUnsafeBytes(of: number.littleEndian) { _ = rd_kafka_header_add(headers, name, -1, $0.baseAddress, 8) }
  }

  private func handle(_ topic: String, _ patience: Patience) throws(Obstacle) -> OpaquePointer {
    if let known = handles[topic] { return known }
    guard let made = rd_kafka_topic_new(client.raw, topic, nil) else {
      throw .error(LogError(rd_kafka_last_error(), "append"))
    }
    handles[topic] = made
    // The first record to a topic that the client does not know yet may lie there for a second (issue 5032).
    var metadata: UnsafePointer<rd_kafka_metadata>?
    if rd_kafka_metadata(client.raw, 0, made, &metadata, Int32(min(patience.remainingMillis, 1_000)))
      == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata
    {
      rd_kafka_metadata_destroy(metadata)
    }
    return made
  }

  private func partition(of index: Int, _ shipments: [Shipment]) -> TopicPartition? {
    var first = 0
    for shipment in shipments {
      first += shipment.batch.records.count
      if index < first { return shipment.batch.partition }
    }
    return nil
  }

  private func obstacle(_ code: rd_kafka_resp_err_t, _ partition: TopicPartition?, _ began: Int64) -> Obstacle {
    if isFatal || code == RD_KAFKA_RESP_ERR__FATAL {
      var reason = [CChar](repeating: 0, count: 512)
      let cause = rd_kafka_fatal_error(client.raw, &reason, reason.count)
      let error = LogError(cause, "append", partition, detail: KafkaClient.text(reason))
      // Missing rights are fatal to the idempotent producer too.
      return switch error.kind {
      case .configuration, .connection, .refused: .error(error)
      default: .client(error)
      }
    }
    if code == RD_KAFKA_RESP_ERR__QUEUE_FULL {
      return .client(client.unreachable("append", partition, since: began))
    }
    let error = LogError(code, "append", partition)
    switch error.kind {
    // Whatever the broker could not do now, a fresh client may be granted.
    case .unavailable, .damaged, .positionGone, .storage: return .client(error)
    case .configuration, .connection, .refused, .tooLarge: return .error(error)
    }
  }
}
