/// How to reach a Kafka cluster, and what its topics must be like.
///
/// Secrets are in files, named here and read when a client is made.
package struct KafkaSettings: Sendable, Equatable {
  /// How long the broker keeps records.
  package enum Retention: Sendable, Equatable {
    case forever
    case millis(Int64)
  }

  /// host:port, several with commas.
  package var bootstrap: String
  /// Begins every topic's and group's name in the cluster; hidden from callers.
  package var topicPrefix = ""
  /// Copies of each partition; nil: as the broker does by default.
  package var replicationFactor: Int?
  /// How many copies must have a record before it is acknowledged; nil: as the broker does by default.
  package var minInsyncReplicas: Int?
  /// How long new topics keep records, and the least that existing ones must.
  package var retention = Retention.forever
  /// Any property of librdkafka, except those of `refusals`.
  package var properties: [String: String] = [:]
  /// Properties whose value is the content of a file that only its owner may read.
  package var secretFiles: [String: String] = [:]
  /// Allows connections whose other end is not proved. For tests on one machine.
  package var isInsecure = false
  /// An append that is not acknowledged by then throws `.unavailable`.
  package var appendSeconds = 30.0
  /// A read that the log should answer, but does not, throws `.unavailable` after this.
  package var readSeconds = 10.0
  /// Opening, metadata and administration.
  package var requestSeconds = 10.0

  /// All other settings as they are by default.
  package init(bootstrap: String) { self.bootstrap = bootstrap }

  /// Properties that Millrace sets itself, with the reason.
  private static let owned: [String: String] = [
    "bootstrap.servers": "write it as `bootstrap`", "metadata.broker.list": "write it as `bootstrap`",
    "acks": "a record counts only when all copies in sync have it",
    "request.required.acks": "a record counts only when all copies in sync have it",
    "enable.idempotence": "retries must not store a record twice",
    "enable.gapless.guarantee": "it is experimental, and resending is done above it",
    "max.in.flight": "idempotence bounds it", "max.in.flight.requests.per.connection": "idempotence bounds it",
    "transactional.id": "rows and positions move in the mart's own transaction",
    "retries": "the outbox decides when to give up", "message.send.max.retries": "the outbox decides when to give up",
    "message.timeout.ms": "the outbox decides when to give up",
    "delivery.timeout.ms": "the outbox decides when to give up",
    "message.max.bytes": "larger events become rejected markers before they come here",
    "partitioner": "records arrive with their partition",
    "group.id": "positions are kept in the marts; groups only show the lag",
    "group.instance.id": "positions are kept in the marts; groups only show the lag",
    "enable.auto.commit": "positions are kept in the marts", "auto.commit.enable": "positions are kept in the marts",
    "enable.auto.offset.store": "positions are kept in the marts",
    "offset.store.method": "positions are kept in the marts",
    "auto.offset.reset": "a position that is gone must stop a mart, never jump",
    "enable.partition.eof": "a reader must know where the log ends",
    "check.crcs": "damaged records must not be applied",
    "allow.auto.create.topics": "`millrace log create` makes topics",
    "isolation.level": "records of aborted transactions are not part of the log",
    "client.id": "Millrace names its clients",
    "plugin.library.paths": "it would load foreign code into this process",
    "test.mock.num.brokers": "it would write to no broker at all",
    "test.mock.broker.rtt": "it is for librdkafka's tests",
    "log.queue": "librdkafka's lines go to Millrace's log", "opaque": "it is a pointer",
  ]

  private static let secret: Set<String> = [
    "sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config", "ssl_key",
  ]

  /// What is wrong with these settings, in words that a person can act on; empty when nothing is. `property` is the one
  /// in question.
  package func refusals() -> [(property: String, reason: String)] {
    var found: [(property: String, reason: String)] = []
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
      if let reason = KafkaSettings.owned[name] {
        found.append((name, "Millrace sets it itself: \(reason)"))
      } else if KafkaSettings.secret.contains(name) {
        found.append((name, "secrets do not stand in this file: put it into a file of its own, under secret_files"))
      } else if name.hasSuffix("_cb") || name.hasPrefix("test.mock.") {
        found.append((name, "it cannot be set from a file"))
      } else if !isInsecure, let reason = KafkaSettings.insecurity(name, value) {
        found.append((name, "\(reason); `insecure: true` beside it allows that, for tests on one machine"))
      }
    }
    for name in secretFiles.keys.sorted() where KafkaSettings.owned[name] != nil {
      found.append((name, "Millrace sets it itself: \(KafkaSettings.owned[name] ?? "")"))
    }
    return found
  }

  private static func insecurity(_ name: String, _ value: String) -> String? {
    let value = value.lowercased()
    switch name {
    case "enable.ssl.certificate.verification":
      return ["false", "f", "0"].contains(value) ? "without it anyone in between can read and write the log" : nil
    case "ssl.endpoint.identification.algorithm":
      return value == "https" ? nil : "without it any certificate of the same authority passes for the broker"
    default: return nil
    }
  }

  /// Settings of a new topic. All that decides what survives is explicit, whatever the broker's own defaults are: with
  /// the usual seven days by record timestamp a broker deletes a history of 13 months at its first look.
  package func topicSettings(keepsForever: Bool = false) -> [String: String] {
    var settings = [
      "cleanup.policy": "delete", "retention.bytes": "-1", "message.timestamp.type": "CreateTime",
      "max.message.bytes": "\(KafkaLimits.topicBatchBytes)",
      "message.timestamp.before.max.ms": "\(Int64.max)", "message.timestamp.after.max.ms": "\(Int64.max)",
    ]
    switch keepsForever ? .forever : retention {
    case .forever: settings["retention.ms"] = "-1"
    case .millis(let millis): settings["retention.ms"] = "\(millis)"
    }
    if let minInsyncReplicas { settings["min.insync.replicas"] = "\(minInsyncReplicas)" }
    return settings
  }

  /// Settings that brokers before 3.6 refuse to know. They have no such limits by default.
  static let newerTopicSettings: Set<String> = ["message.timestamp.before.max.ms", "message.timestamp.after.max.ms"]
}
