internal import CKafka
internal import Concurrency
internal import EventLog
internal import Telemetry

/// The reading side: one client, and a source for each partition that was read. One thread at a time.
final class ConsumerConnection {
  let client: KafkaClient
  private let counters: KafkaCounters
  private var sources: [TopicPartition: PartitionSource] = [:]

  init(_ settings: KafkaSettings, group: String?, logger: Logger, counters: KafkaCounters) throws(LogError) {
    client = try KafkaClient(settings, .consumer(group: group), logger: logger, counters: counters)
    self.counters = counters
  }

  /// Frees what hangs on the client, then ends it. False: it is left behind.
  @discardableResult
  func close() -> Bool {
    let ending = Sources(values: Array(sources.values))
    sources = [:]
    return client.close {
      // A client with a group does not end while a partition is fetched. Their handles must go before the client does.
      for source in ending.values { source.stop() }
      ending.values = []
    }
  }

  /// Hands the sources to the thread that ends the client.
  // Unchecked: the connection has let go of them, so that thread alone has them.
  private final class Sources: @unchecked Sendable {
    var values: [PartitionSource]
    init(values: [PartitionSource]) { self.values = values }
  }

  deinit { close() }

  /// The partition must exist.
  func source(_ name: TopicPartition, topic: String) throws(LogError) -> PartitionSource {
    if let known = sources[name] { return known }
    guard let made = PartitionSource(name, topic: topic, client) else {
      throw LogError(rd_kafka_last_error(), "read", name)
    }
    sources[name] = made
    return made
  }

  /// Keeps a fetch under way that finds nothing. Where all partitions have their prefetch buffers full, librdkafka
  /// 2.0.2 asks for nothing, and looks again only after a second, however soon its reader has emptied them; a broker's
  /// answer to a fetch, if only that there is nothing, makes it look at once. Wakes the broker that leads this
  /// partition.
  func stayAwake(_ name: TopicPartition, topic: String) {
    guard let source = try? source(name, topic: topic), source.expected == nil else { return }
    _ = source.start(at: Offset(Int64(RD_KAFKA_OFFSET_END)))
  }

  /// Where to read, and how much.
  struct Request {
    var offset: Offset
    var maximumBytes: Int
    /// Told of each message, after it was taken.
    var look: ((UnsafePointer<rd_kafka_message_t>) -> Void)?
  }

  /// Why a read could not go on.
  enum Obstacle: Error {
    /// The broker does not have this offset, it says.
    case outOfRange
    case error(LogError)
  }

  /// The records at or after the offset that are here now; waits for the first as long as the log must have one.
  func read(
    _ source: PartitionSource, _ request: Request, _ patience: Patience
  ) throws(Obstacle) -> RecordBatch {
    var batch = RecordBatch(partition: source.name, bytes: [], records: [])
    if source.expected != request.offset { try start(source, at: request.offset) }
    let began = Monotonic.millis
    var timeout: Int32 = 0
    while true {
      guard let message = source.next(timeout) else {
        if !batch.records.isEmpty { break }
        client.serve()
        if source.isEnd(request.offset) { break }
        guard !patience.isOver else {
          throw .error(
            source.trouble ?? client.unreachable("read", source.name, offset: request.offset, since: began))
        }
        timeout = patience.slice
        continue
      }
      defer { rd_kafka_message_destroy(message) }
      timeout = 0
      let isDone: Bool
      switch message.pointee.err {
      case RD_KAFKA_RESP_ERR_NO_ERROR: isDone = take(message, source, request, into: &batch)
      case RD_KAFKA_RESP_ERR__PARTITION_EOF: isDone = noteEnd(Offset(message.pointee.offset), source, &batch)
      default:
        // Behind a report of an error librdkafka goes on fetching, beyond what it could not give: begin again at the
        // very offset, or stop. What came before it is good.
        isDone = !batch.records.isEmpty
        if isDone { source.stop() } else { try beginAgain(after: message.pointee, source, request, patience, began) }
      }
      if isDone { break }
    }
    source.trouble = nil
    return batch
  }

  /// Appends a record that the reader has not passed yet. True: the batch is as large as was asked for.
  @inline(__always)
  private func take(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ source: PartitionSource, _ request: Request,
    into batch: inout RecordBatch
  ) -> Bool {
    let offset = Offset(message.pointee.offset)
    guard let expected = source.expected, offset >= expected else {
      counters.stale.add()
      return false
    }
    batch.append(message.pointee, at: message)
    source.advance(to: offset.next)
    request.look?(message)
    return batch.bytes.count >= request.maximumBytes
  }

  /// The broker has nothing more now. True: a hole was passed on the way to the end, which ends the batch.
  private func noteEnd(_ end: Offset, _ source: PartitionSource, _ batch: inout RecordBatch) -> Bool {
    guard let expected = source.expected, end >= expected else { return false }
    source.reachedEnd(end)
    guard end > expected else { return false }
    // Transactions' markers, or records of an aborted one.
    batch.holeEnd = end
    source.advance(to: end)
    source.reachedEnd(end)
    return true
  }

  /// Starts anew where the read began, after a rest; throws what will not pass, or when patience is over.
  private func beginAgain(
    after message: rd_kafka_message_t, _ source: PartitionSource, _ request: Request, _ patience: Patience,
    _ began: Int64
  ) throws(Obstacle) {
    if let error = try judge(message, source, request.offset) { source.trouble = error }
    source.stop()
    guard !patience.isOver else {
      throw .error(source.trouble ?? client.unreachable("read", source.name, since: began))
    }
    patience.pause()
    counters.restarts.add()
    try start(source, at: request.offset)
  }

  /// The error to show if it lasts; throws what will not pass.
  private func judge(
    _ message: rd_kafka_message_t, _ source: PartitionSource, _ offset: Offset
  ) throws(Obstacle) -> LogError? {
    if message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE {
      // It may stem from an earlier position.
      if message.offset == offset.rawValue || message.offset < 0 { throw .outOfRange }
      return nil
    }
    let detail = message.payload.map {
      String(decoding: UnsafeRawBufferPointer(start: $0, count: message.len), as: UTF8.self)
    }
    let error = LogError(message.err, "read", source.name, offset: offset, detail: detail)
    switch error.kind {
    // Bits flip on the line too, and topics are unknown to a broker that just became leader: worth another look.
    case .unavailable, .damaged: return error
    case .configuration where LogError.isNotYetKnown(message.err): return error
    default: throw .error(error)
    }
  }

  private func start(_ source: PartitionSource, at offset: Offset) throws(Obstacle) {
    guard source.start(at: offset) else {
      throw .error(LogError(rd_kafka_last_error(), "read", source.name, offset: offset))
    }
  }
}
