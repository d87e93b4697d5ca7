package import Concurrency
package import EventLog
internal import Foundation
package import Telemetry

/// What makes some topics of a cluster one log: the first record of the topic `millrace.log`. Copies of a log carry its
/// id.
struct LogIdentity: Codable, Sendable {
  static let topic = "millrace.log"

  /// The log's id.
  var log: String
  /// When it was made, ISO 8601.
  var madeAt: String

  enum CodingKeys: String, CodingKey {
    case log
    case madeAt = "made_at"
  }

  /// A consumer, and what it finds; clients that met a broker in the middle of its start are replaced while patience
  /// lasts: librdkafka 2.0.2 then takes the broker for one of version 0.10, and goes on refusing what such a one cannot
  /// do.
  static func connect(
    _ settings: KafkaSettings, group: String?, _ logger: Logger, _ counters: KafkaCounters, _ stop: StopGrace
  ) throws(LogError) -> (consumer: ConsumerConnection, found: (identity: LogIdentity, batch: RecordBatch)?) {
    let patience = Patience(seconds: settings.requestSeconds, stop: stop)
    while true {
      let consumer = try ConsumerConnection(settings, group: group, logger: logger, counters: counters)
      do throws(LogError) {
        return (consumer, try read(consumer, settings, stop))
      } catch {
        _ = consumer.close()
        guard error.kind == .unavailable, !patience.isOver else { throw error }
        patience.pause()
      }
    }
  }

  /// With what stands behind it and came along; nil: there is none.
  fileprivate static func read(
    _ consumer: ConsumerConnection, _ settings: KafkaSettings, _ stop: StopGrace
  ) throws(LogError) -> (identity: LogIdentity, batch: RecordBatch)? {
    let operation = "open the log on \(settings.bootstrap)"
    let patience = Patience(seconds: settings.requestSeconds, stop: stop)
    let physical = settings.topicPrefix + topic
    guard try consumer.client.topics(operation, patience)[physical] != nil else { return nil }
    let partition = TopicPartition(topic, 0)
    let bounds = try consumer.client.watermarks(physical, partition, operation, patience)
    guard bounds.next > bounds.earliest else { return nil }
    let source = try consumer.source(partition, topic: physical)
    source.knownEnd = bounds.next
    let batch: RecordBatch
    do {
      batch = try consumer.read(source, .init(offset: bounds.earliest, maximumBytes: 1 << 20, look: nil), patience)
    } catch {
      switch error {
      case .error(let error): throw error
      case .outOfRange:
        throw LogError(
          .unavailable, operation: operation, cause: "\(physical) changes while it is read", hint: "try again")
      }
    }
    source.stop()
    guard let range = batch.records.first?.value, range.count <= KafkaLimits.identityBytes,
      let identity = try? JSONDecoder().decode(LogIdentity.self, from: Data(batch.bytes[range])),
      !identity.log.isEmpty
    else {
      throw LogError(
        .damaged, operation: operation, cause: "the first record of \(physical) does not say which log this is",
        hint: "if no Millrace uses this topic, delete it and run `millrace log create`; else restore it")
    }
    return (identity, batch)
  }
}

extension KafkaLog {
  /// Makes the log where there is none yet: its identity, `id` or a fresh one (copies share it). Answers the identity
  /// that stands there now; of two who make it at once, the first record counts.
  package static func create(
    _ settings: KafkaSettings, id: String? = nil, nowMillis: Int64, logger: Logger = .silent,
    administration: (any TopicAdministration)? = nil, stop: StopFlag = StopFlag()
  ) throws(LogError) -> (id: String, isNew: Bool) {
    let stop = StopGrace(stop)
    let counters = KafkaCounters(Metrics())
    let operation = "make the log on \(settings.bootstrap)"
    let (consumer, stored) = try LogIdentity.connect(settings, group: nil, logger, counters, stop)
    if let found = stored?.identity {
      guard id == nil || id == found.log else {
        throw LogError(
          .configuration, operation: operation, cause: "another log stands there already (\(found.log))",
          hint: "give this one another topic_prefix")
      }
      return (found.log, false)
    }
    let physical = settings.topicPrefix + LogIdentity.topic
    let administration =
      administration ?? KafkaAdministration(consumer.client, seconds: settings.requestSeconds, stop: stop)
    _ = try administration.create(
      TopicPlan(
        name: physical, partitions: 1, replicationFactor: settings.replicationFactor,
        settings: settings.topicSettings(keepsForever: true)))
    let patience = Patience(seconds: settings.requestSeconds, stop: stop)
    while try consumer.client.topics(operation, patience)[physical]?.isReady != true {
      guard !patience.isOver else { throw consumer.client.unreachable(operation, since: 0) }
      patience.pause()
    }
    let identity = LogIdentity(
      log: id ?? LogID.fresh(),
      madeAt: Date(timeIntervalSince1970: Double(nowMillis) / 1_000).formatted(.iso8601))
    guard let json = try? JSONEncoder().encode(identity) else {
      throw LogError(
        .configuration, operation: operation, cause: "the identity cannot be written",
        hint: "this is probably a defect in Millrace; please report it")
    }
    let bytes = Array(json)
    let record = RecordBatch.Record(
      offset: .first, timestampMillis: nowMillis, key: 0..<0, value: 0..<bytes.count, origin: nil)
    let partition = TopicPartition(LogIdentity.topic, 0)
    let producer = try ProducerConnection(settings, logger: logger, counters: counters)
    producer.board.begin(records: 1)
    do {
      try producer.send(
        [
          .init(
            topic: physical, batch: RecordBatch(partition: partition, bytes: bytes, records: [record]),
            keepsOffsets: false)
        ], Patience(seconds: settings.requestSeconds, stop: stop))
    } catch {
      switch error {
      case .client(let error), .error(let error): throw error
      }
    }
    guard let made = try LogIdentity.read(consumer, settings, stop)?.identity else {
      throw LogError(
        .unavailable, operation: operation, cause: "its identity was written but cannot be read yet", hint: "try again")
    }
    return (made.log, made.log == identity.log)
  }
}
