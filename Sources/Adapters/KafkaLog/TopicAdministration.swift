internal import CKafka
internal import Concurrency
package import EventLog

/// A topic to be made, by its name in the cluster.
package struct TopicPlan: Sendable, Equatable {
  /// In the cluster, prefix included.
  package var name: String
  /// 1 or more.
  package var partitions: Int32
  /// nil: as the broker does by default.
  package var replicationFactor: Int?
  /// Properties of the topic, as Kafka names them.
  package var settings: [String: String]

  package init(name: String, partitions: Int32, replicationFactor: Int?, settings: [String: String]) {
    self.name = name
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.settings = settings
  }
}

/// Makes topics and tells their settings. Names are those in the cluster.
package protocol TopicAdministration: AnyObject, Sendable {
  /// False: it exists already.
  func create(_ plan: TopicPlan) throws(LogError) -> Bool
  /// All settings of a topic, defaults included.
  func settings(of topic: String) throws(LogError) -> [String: String]
}

/// Kafka's Admin API.
final class KafkaAdministration: TopicAdministration {
  private let client: KafkaClient
  private let seconds: Double
  private let stop: StopGrace

  init(_ client: KafkaClient, seconds: Double, stop: StopGrace) {
    self.client = client
    self.seconds = seconds
    self.stop = stop
  }

  func create(_ plan: TopicPlan) throws(LogError) -> Bool {
    let operation = "create topic \(plan.name)"
    switch try attempt(plan, operation) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return true
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return false
    default:
      // Brokers before 3.6 do not know these, and have no such limits.
      var older = plan
      older.settings = plan.settings.filter { !KafkaSettings.newerTopicSettings.contains($0.key) }
      let code = try attempt(older, operation)
      if code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { return false }
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw LogError(code, operation) }
      return true
    }
  }

  /// The broker's answer; INVALID_CONFIG is left to the caller, every other refusal is thrown with its sentence.
  private func attempt(_ plan: TopicPlan, _ operation: String) throws(LogError) -> rd_kafka_resp_err_t {
    var reason = [CChar](repeating: 0, count: 512)
    let copies = Int32(plan.replicationFactor ?? -1)
    guard let topic = rd_kafka_NewTopic_new(plan.name, plan.partitions, copies, &reason, reason.count) else {
      throw LogError(
        .configuration, operation: operation, cause: KafkaClient.text(reason), hint: "check name and partitions")
    }
    defer { rd_kafka_NewTopic_destroy(topic) }
    for (name, value) in plan.settings.sorted(by: { $0.key < $1.key }) {
      rd_kafka_NewTopic_set_config(topic, name, value)
    }
    let raw = client.raw
    let event = try ask(operation, RD_KAFKA_ADMIN_OP_CREATETOPICS) { options, queue in
      var topics: [OpaquePointer?] = [topic]
      rd_kafka_CreateTopics(raw, &topics, 1, options, queue)
    }
    defer { rd_kafka_event_destroy(event) }
    guard let result = rd_kafka_event_CreateTopics_result(event) else {
      throw LogError(RD_KAFKA_RESP_ERR__FAIL, operation)
    }
    var count = 0
    let topics = rd_kafka_CreateTopics_result_topics(result, &count)
    guard count > 0, let first = topics?[0] else { throw LogError(RD_KAFKA_RESP_ERR__FAIL, operation) }
    let code = rd_kafka_topic_result_error(first)
    let sentence = rd_kafka_topic_result_error_string(first).map { String(cString: $0) }
    switch code {
    case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: return code
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG
    where plan.settings.keys.contains(where: KafkaSettings.newerTopicSettings.contains):
      return code
    default: throw LogError(code, operation, detail: sentence)
    }
  }

  func settings(of topic: String) throws(LogError) -> [String: String] {
    let operation = "read the settings of topic \(topic)"
    guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
      throw LogError(RD_KAFKA_RESP_ERR__INVALID_ARG, operation)
    }
    defer { rd_kafka_ConfigResource_destroy(resource) }
    let raw = client.raw
    let event = try ask(operation, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { options, queue in
      var resources: [OpaquePointer?] = [resource]
      rd_kafka_DescribeConfigs(raw, &resources, 1, options, queue)
    }
    defer { rd_kafka_event_destroy(event) }
    var count = 0
    guard let result = rd_kafka_event_DescribeConfigs_result(event),
      let resources = rd_kafka_DescribeConfigs_result_resources(result, &count), count > 0, let first = resources[0]
    else { throw LogError(RD_KAFKA_RESP_ERR__FAIL, operation) }
    let code = rd_kafka_ConfigResource_error(first)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw LogError(code, operation, detail: rd_kafka_ConfigResource_error_string(first).map { String(cString: $0) })
    }
    var settings: [String: String] = [:]
    let entries = rd_kafka_ConfigResource_configs(first, &count)
    for index in 0..<count {
      guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry),
        let value = rd_kafka_ConfigEntry_value(entry)
      else { continue }
      settings[String(cString: name)] = String(cString: value)
    }
    return settings
  }

  /// Sends a request and waits for its answer; the caller destroys the event.
  private func ask(
    _ operation: String, _ kind: rd_kafka_admin_op_t, _ send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void
  ) throws(LogError) -> OpaquePointer {
    let patience = Patience(seconds: seconds, stop: stop)
    let began = Monotonic.millis
    while true {
      guard let options = rd_kafka_AdminOptions_new(client.raw, kind), let queue = rd_kafka_queue_new(client.raw) else {
        throw LogError(RD_KAFKA_RESP_ERR__FAIL, operation)
      }
      defer {
        rd_kafka_queue_destroy(queue)
        rd_kafka_AdminOptions_destroy(options)
      }
      var reason = [CChar](repeating: 0, count: 256)
      let millis = Int32(max(patience.remainingMillis, 100))
      rd_kafka_AdminOptions_set_request_timeout(options, millis, &reason, reason.count)
      if kind == RD_KAFKA_ADMIN_OP_CREATETOPICS {
        // Until the controller has it; the other brokers follow.
        rd_kafka_AdminOptions_set_operation_timeout(options, millis, &reason, reason.count)
      }
      send(options, queue)
      var answer: OpaquePointer?
      repeat {
        client.serve()
        answer = rd_kafka_queue_poll(queue, patience.slice)
      } while answer == nil && !patience.isOver
      guard let answer else { throw client.unreachable(operation, since: began) }
      let code = rd_kafka_event_error(answer)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return answer }
      let detail = rd_kafka_event_error_string(answer).map { String(cString: $0) }
      rd_kafka_event_destroy(answer)
      guard LogError.isPassing(code), !patience.isOver else { throw LogError(code, operation, detail: detail) }
      patience.pause()
    }
  }
}
