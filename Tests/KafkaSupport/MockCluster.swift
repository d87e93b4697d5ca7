internal import CKafka
package import Concurrency
package import EventLog
internal import Foundation
package import KafkaLog
internal import Telemetry

/// librdkafka's mock cluster: a peer that speaks Kafka's protocol on loopback, with faults on request.
///
/// It keeps at most 5 MB or 100,000 records per partition, knows no idempotence, and makes a topic for whoever asks for its
/// metadata by name. Topics are made by `administration`, since the mock has no Admin API.
// Unchecked: the mock's functions may be called from any thread.
package final class MockCluster: @unchecked Sendable {
  /// Which request a fault meets.
  package enum Request: Int16, Sendable, CaseIterable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case findCoordinator = 10
    case joinGroup = 11
    case apiVersions = 18
    case initProducerID = 22
  }

  private let client: OpaquePointer
  private let cluster: OpaquePointer
  package let bootstrap: String
  package let administration: MockAdministration

  package init(brokers: Int32 = 1) {
    let conf = rd_kafka_conf_new()
    rd_kafka_conf_set(conf, "log_level", "2", nil, 0)
    client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nil, 0)
    cluster = rd_kafka_mock_cluster_new(client, brokers)
    bootstrap = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    administration = MockAdministration()
    administration.cluster = self
  }

  deinit {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }

  /// Settings that suit a test: short deadlines, topics under a prefix of their own.
  package func settings(prefix: String = "") -> KafkaSettings {
    var settings = KafkaSettings(bootstrap: bootstrap)
    settings.topicPrefix = prefix
    settings.isInsecure = true
    return settings
  }

  /// Makes the log unless it is there, and opens it.
  package func open(
    _ settings: KafkaSettings? = nil, group: String? = nil, stop: StopFlag = StopFlag()
  ) throws -> KafkaLog {
    let settings = settings ?? self.settings()
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000, administration: administration)
    return try KafkaLog(
      settings, group: group, logger: .silent, counters: nil, administration: administration, stop: stop)
  }

  // MARK: Faults

  /// The next requests of this kind fail with these codes, one each. `-195` breaks the connection.
  package func fail(_ request: Request, _ codes: [Int32]) {
    let errors = codes.map { rd_kafka_resp_err_t($0) }
    rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
  }

  package func clearFailures(_ request: Request) { rd_kafka_mock_clear_request_errors(cluster, request.rawValue) }

  /// The next request of this kind to the broker is carried out and answered late.
  package func delay(_ request: Request, broker: Int32 = 1, milliseconds: Int32, code: Int32 = 0) {
    _ = millrace_kafka_mock_delay(cluster, broker, request.rawValue, rd_kafka_resp_err_t(code), milliseconds)
  }

  /// Takes a broker (-1: all) off the net.
  package func takeDown(_ broker: Int32 = -1) { rd_kafka_mock_broker_set_down(cluster, broker) }
  package func bringUp(_ broker: Int32 = -1) { rd_kafka_mock_broker_set_up(cluster, broker) }

  package func setLeader(_ topic: String, _ partition: Int32, broker: Int32) {
    rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker)
  }

  /// The versions of a request that the brokers offer.
  package func offer(_ request: Request, versions: ClosedRange<Int16>) {
    rd_kafka_mock_set_apiversion(cluster, request.rawValue, versions.lowerBound, versions.upperBound)
  }

  /// The offset that a group has committed; nil: none.
  package func committed(group: String, topic: String, partition: Int32) throws -> Int64? {
    let conf = rd_kafka_conf_new()
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, nil, 0)
    rd_kafka_conf_set(conf, "group.id", group, nil, 0)
    guard let consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nil, 0) else { return nil }
    defer { rd_kafka_destroy(consumer) }
    let list = rd_kafka_topic_partition_list_new(1)
    defer { rd_kafka_topic_partition_list_destroy(list) }
    rd_kafka_topic_partition_list_add(list, topic, partition)
    guard rd_kafka_committed(consumer, list, 10_000) == RD_KAFKA_RESP_ERR_NO_ERROR,
      let offset = list?.pointee.elems[0].offset
    else { return nil }
    return offset >= 0 ? offset : nil
  }

  fileprivate func make(_ topic: String, _ partitions: Int32) {
    rd_kafka_mock_topic_create(cluster, topic, partitions, 1)
  }
}

/// Makes topics on a mock cluster, and remembers their settings.
package final class MockAdministration: TopicAdministration {
  private let known = Lock<[String: [String: String]]>([:])
  // Written once, before anybody else has it.
  fileprivate nonisolated(unsafe) weak var cluster: MockCluster?

  package func create(_ plan: TopicPlan) throws(LogError) -> Bool {
    let isNew = known.withLock { known in
      guard known[plan.name] == nil else { return false }
      known[plan.name] = plan.settings
      return true
    }
    if isNew { cluster?.make(plan.name, plan.partitions) }
    return isNew
  }

  package func settings(of topic: String) throws(LogError) -> [String: String] { known.withLock { $0[topic] ?? [:] } }

  /// Changes a topic's setting behind the log's back.
  package func set(_ topic: String, _ name: String, _ value: String) {
    known.withLock { $0[topic, default: [:]][name] = value }
  }
}
