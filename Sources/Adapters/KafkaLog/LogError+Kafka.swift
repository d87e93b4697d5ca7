internal import CKafka
internal import EventLog

extension LogError {
  /// What an error code of librdkafka or the broker means for the log. `detail` is the library's own sentence.
  init(
    _ code: rd_kafka_resp_err_t, _ operation: String, _ partition: TopicPartition? = nil, offset: Offset? = nil,
    detail: String? = nil
  ) {
    let (kind, hint) = LogError.isBrokenHandshake(code, detail) ? LogError.brokenHandshake : LogError.meaning(of: code)
    let name = String(cString: rd_kafka_err2name(code))
    let text = detail.flatMap { $0.isEmpty ? nil : $0 } ?? String(cString: rd_kafka_err2str(code))
    self.init(kind, operation: operation, partition: partition, offset: offset, cause: "\(text) (\(name))", hint: hint)
  }

  /// The other end hung up while TLS was being agreed on: a broker that stops does that, and a listener without TLS.
  private static func isBrokenHandshake(_ code: rd_kafka_resp_err_t, _ detail: String?) -> Bool {
    guard let detail, code == RD_KAFKA_RESP_ERR__SSL || code == RD_KAFKA_RESP_ERR__TRANSPORT else { return false }
    let isHandshake = detail.contains("SSL")
    return isHandshake && ["unexpected eof", "reset by peer", "Disconnected"].contains { detail.contains($0) }
  }

  private static let brokenHandshake = (
    Kind.unavailable,
    "check that the brokers run, and that security.protocol fits this port: a listener without TLS hangs up like this"
  )

  /// Decides kind and hint of every error. What is not named passes by itself as far as anybody can know.
  private static func meaning(of code: rd_kafka_resp_err_t) -> (Kind, String) {
    switch code {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      (
        .connection,
        "the broker refuses who we say we are; check sasl.mechanisms, sasl.username and the secret files"
      )
    case RD_KAFKA_RESP_ERR__SSL:
      (.connection, "check security.protocol, ssl.ca.location and that the broker's certificate carries its name")
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      (
        .connection,
        "give this user the rights that docs/operations.md lists (read, write, describe, and create for log create)"
      )
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      (.configuration, "`millrace log topics` lists what there is; `millrace log create` makes what is missing")
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      (
        .refused,
        "records carry the time of their capture, so this machine's clock was or is wrong, or the broker's; nothing is "
          + "lost: mend the clock, and for records that were captured under the wrong one set the topic's "
          + "message.timestamp.after.max.ms and message.timestamp.before.max.ms to \(Int64.max), as `millrace log create` "
          + "does; then start again"
      )
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
      RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, RD_KAFKA_RESP_ERR_INVALID_REQUEST,
      RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
      RD_KAFKA_RESP_ERR_SECURITY_DISABLED, RD_KAFKA_RESP_ERR__INVALID_ARG:
      (.refused, "change what the broker complains of in millrace.yaml or at the topic")
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
      (.refused, "this needs a broker of version 2.1 to 3.9, or 4.0.1 and later")
    // A broker that hangs up while it starts leaves the client believing in a very old one, until it connects anew.
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      (
        .unavailable,
        "a broker that is just starting looks like one that is too old; if this stays, it is: version 2.1 to 3.9, or 4.0.1 "
          + "and later, is needed"
      )
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      (.tooLarge, "raise the topic's max.message.bytes to \(KafkaLimits.topicBatchBytes)")
    case RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR_INVALID_MSG,
      RD_KAFKA_RESP_ERR__UNDERFLOW, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
      (.damaged, "run `millrace log verify`; if it stays, the broker's disk or the line to it damages records")
    default:
      (.unavailable, "check that the brokers run and can be reached; nothing is lost meanwhile")
    }
  }

  /// Whether the partition's reader may find this gone when it asks again.
  static func isPassing(_ code: rd_kafka_resp_err_t) -> Bool { meaning(of: code).0 == .unavailable }
}
