internal import CKafka
internal import Concurrency
internal import EventLog
internal import Files
internal import Foundation
internal import Glibc
internal import Telemetry

/// One librdkafka client: made from settings, with its callbacks, ended on a thread of its own.
// Unchecked: librdkafka's handles may be used from any thread; `isClosed` is guarded.
final class KafkaClient: @unchecked Sendable {
  enum Role: Sendable {
    /// Group offsets are committed under `group`, when there is one.
    case consumer(group: String?)
    case producer
  }

  let raw: OpaquePointer
  let context: ClientContext
  private let isClosed = Lock(false)

  init(
    _ settings: KafkaSettings, _ role: Role, logger: Logger, counters: KafkaCounters
  ) throws(LogError) {
    let operation = "make a Kafka client"
    if let refusal = settings.refusals().first {
      throw LogError(
        .connection, operation: operation, cause: "the property \(refusal.property) is refused: \(refusal.reason)",
        hint: "change millrace.yaml")
    }
    let conf: OpaquePointer = rd_kafka_conf_new()
    // Owned by the client once it is made.
    var isOwned = false
    defer { if !isOwned { rd_kafka_conf_destroy(conf) } }
    let secrets = try KafkaClient.configure(conf, settings, role)
    let context = ClientContext(logger: logger, counters: counters, secrets: secrets)
    let opaque = Unmanaged.passRetained(context)
    rd_kafka_conf_set_opaque(conf, opaque.toOpaque())
    KafkaClient.setCallbacks(conf, role)
    var reason = [CChar](repeating: 0, count: 512)
    let type = if case .producer = role { RD_KAFKA_PRODUCER } else { RD_KAFKA_CONSUMER }
    guard let raw = rd_kafka_new(type, conf, &reason, reason.count) else {
      opaque.release()
      throw LogError(
        .connection, operation: operation, cause: KafkaClient.text(reason),
        hint: "check the properties under log in millrace.yaml")
    }
    isOwned = true
    self.raw = raw
    self.context = context
  }

  deinit { _ = close() }

  /// Sets all properties: ours, the user's, and secrets from their files. Returns the secrets' texts, which must never
  /// be shown.
  private static func configure(
    _ conf: OpaquePointer, _ settings: KafkaSettings, _ role: Role
  ) throws(LogError) -> [String] {
    func set(_ name: String, _ value: String) throws(LogError) {
      try KafkaClient.set(conf, name, Array(value.utf8), isSecret: false)
    }
    try set("bootstrap.servers", settings.bootstrap)
    try set("client.id", String("millrace".prefix(KafkaLimits.clientNameBytes)))
    for (name, value) in KafkaClient.defaults { try set(name, value) }
    switch role {
    case .consumer(let group):
      for (name, value) in KafkaClient.consumerDefaults { try set(name, value) }
      if let group { try set("group.id", group) }
    case .producer:
      for (name, value) in KafkaClient.producerDefaults { try set(name, value) }
    }
    for (name, value) in settings.properties.sorted(by: { $0.key < $1.key }) { try set(name, value) }
    var secrets: [String] = []
    for (name, path) in settings.secretFiles.sorted(by: { $0.key < $1.key }) {
      var secret = try KafkaClient.secret(path)
      defer { for index in secret.indices { secret[index] = 0 } }
      try KafkaClient.set(conf, name, secret, isSecret: true)
      secrets.append(String(decoding: secret, as: UTF8.self))
    }
    return secrets
  }

  /// Callbacks get at a client's context by the opaque pointer that the configuration holds.
  private static func setCallbacks(_ conf: OpaquePointer, _ role: Role) {
    rd_kafka_conf_set_log_cb(conf) { client, level, facility, text in
      guard let client, let context = ClientContext.of(client), let facility, let text else { return }
      context.line(level: level, facility: String(cString: facility), text: String(cString: text))
    }
    rd_kafka_conf_set_error_cb(conf) { _, code, text, opaque in
      guard let opaque, let text else { return }
      Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue()
        .note(code: rd_kafka_resp_err_t(code), text: String(cString: text))
    }
    rd_kafka_conf_set_stats_cb(conf) { _, json, length, opaque in
      if let opaque, let json,
        let statistics = ClientStatistics(json: Array(UnsafeRawBufferPointer(start: json, count: length)))
      {
        Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue().report(statistics)
      }
      // The text stays librdkafka's.
      return 0
    }
    switch role {
    case .consumer:
      rd_kafka_conf_set_offset_commit_cb(conf) { _, code, _, opaque in
        guard let opaque, code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue().commitFailed(code)
      }
    case .producer:
      rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
        guard let opaque, let message else { return }
        Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue().deliveries.take(message.pointee)
      }
    }
  }

  /// Both roles. Shorter than librdkafka's own where a client would otherwise sit behind a dead connection.
  private static let defaults: [(String, String)] = [
    ("socket.nagle.disable", "true"), ("socket.keepalive.enable", "true"),
    ("socket.connection.setup.timeout.ms", "5000"), ("reconnect.backoff.ms", "50"),
    ("reconnect.backoff.max.ms", "2000"), ("log.connection.close", "false"),
    ("receive.message.max.bytes", "\(KafkaLimits.answerBytes)"),
    ("topic.metadata.refresh.interval.ms", "60000"),
  ]

  private static let consumerDefaults: [(String, String)] = [
    ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "error"), ("enable.partition.eof", "true"), ("check.crcs", "true"),
    ("allow.auto.create.topics", "false"), ("fetch.wait.max.ms", "\(KafkaLimits.fetchWaitMillis)"),
    ("fetch.error.backoff.ms", "50"), ("fetch.max.bytes", "\(KafkaLimits.fetchBytes)"),
    ("max.partition.fetch.bytes", "\(KafkaLimits.partitionFetchBytes)"),
    ("queued.max.messages.kbytes", "\(KafkaLimits.prefetchKilobytes)"),
  ]

  private static let producerDefaults: [(String, String)] = [
    ("enable.idempotence", "true"), ("acks", "all"), ("message.timeout.ms", "0"),
    ("message.max.bytes", "\(KafkaLimits.batchBytes)"), ("batch.size", "\(KafkaLimits.writerBatchBytes)"),
    ("queue.buffering.max.messages", "\(KafkaLimits.queuedRecords)"),
    ("queue.buffering.max.kbytes", "\(KafkaLimits.queuedKilobytes)"), ("compression.codec", "zstd"),
    ("linger.ms", "5"),
  ]

  private static func set(
    _ conf: OpaquePointer, _ name: String, _ value: [UInt8], isSecret: Bool
  ) throws(LogError) {
    var reason = [CChar](repeating: 0, count: 512)
    var terminated = value + [0]
    defer { if isSecret { for index in terminated.indices { terminated[index] = 0 } } }
    let result = terminated.withUnsafeBytes { bytes in
      rd_kafka_conf_set(conf, name, bytes.bindMemory(to: CChar.self).baseAddress, &reason, reason.count)
    }
    guard result == RD_KAFKA_CONF_OK else {
      throw LogError(
        .connection, operation: "set the property \(name)",
        // The library's sentence repeats the value.
        cause: isSecret ? "librdkafka does not take the content of its file" : text(reason),
        hint: "see librdkafka's CONFIGURATION.md for its properties")
    }
  }

  /// The content of a file that its owner alone may read, without a last line end.
  private static func secret(_ path: String) throws(LogError) -> [UInt8] {
    let operation = "read the secret file \(path)"
    do {
      var (bytes, status) = try Files.read(path, limit: KafkaLimits.secretBytes)
      guard status.owner == geteuid() || status.owner == 0, status.mode & 0o077 == 0 else {
        throw LogError(
          .connection, operation: operation, cause: "others may read it, or it is not yours",
          hint: "chown it to the user that runs millrace and chmod 600 it")
      }
      while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
      guard !bytes.isEmpty, !bytes.contains(0) else {
        throw LogError(
          .connection, operation: operation, cause: "it is empty or holds a zero byte",
          hint: "write the secret into it as text")
      }
      return bytes
    } catch let error as LogError {
      throw error
    } catch {
      throw LogError(
        .connection, operation: operation, cause: "\(error)", hint: "name an existing file of your own, mode 0600")
    }
  }

  static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Serves callbacks; does not block.
  func serve() { rd_kafka_poll(raw, 0) }

  /// The error to throw when no broker answered in time: its reason where librdkafka gave one.
  func unreachable(_ operation: String, _ partition: TopicPartition? = nil, offset: Offset? = nil, since: Int64)
    -> LogError
  {
    serve()
    if let trouble = context.trouble(since: since) {
      return LogError(
        rd_kafka_resp_err_t(trouble.code), operation, partition, offset: offset, detail: trouble.text)
    }
    return LogError(RD_KAFKA_RESP_ERR__TIMED_OUT, operation, partition, offset: offset, detail: "no broker answered")
  }

  /// Ends the client on a thread of its own, `before` first. False: it did not end in time and is left behind.
  @discardableResult
  func close(before: @escaping @Sendable () -> Void = {}) -> Bool {
    let first = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    guard first else { return true }
    nonisolated(unsafe) let raw = raw
    let context = context
    let patience = Patience(seconds: KafkaLimits.closeSeconds, stop: StopGrace(StopFlag()))
    return BlockingCall.run("kafka close", patience) {
      before()
      if rd_kafka_type(raw) == RD_KAFKA_PRODUCER {
        // Nobody waits for these any more; their senders send them again.
        rd_kafka_purge(raw, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
      }
      rd_kafka_destroy(raw)
      Unmanaged.passUnretained(context).release()
      return true
    } ?? false
  }
}

extension ClientContext {
  static func of(_ client: OpaquePointer) -> ClientContext? {
    rd_kafka_opaque(client).map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
  }
}
