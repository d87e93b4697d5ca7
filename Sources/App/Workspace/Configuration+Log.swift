package import KafkaLog
internal import Text
internal import YAML

/// Where the log is.
package enum LogPlace: Sendable, Equatable {
  /// In a folder, by default the workspace's own.
  case embedded(folder: String)
  case kafka(KafkaSettings)

  package static let ownFolder = "log"

  /// Folder of the embedded log; the workspace's own where the log is elsewhere.
  package var folder: String {
    if case .embedded(let folder) = self { folder } else { LogPlace.ownFolder }
  }
}

extension Configuration.Reader {
  private static let kafkaKeys = [
    "bootstrap", "topic_prefix", "replication_factor", "min_insync_replicas", "retention", "properties",
    "secret_files", "insecure", "append_timeout_seconds",
  ]

  func readLog(_ node: YAMLNode, into settings: inout Configuration) throws {
    let kind = node["kind"]?.text ?? "embedded"
    guard kind == "embedded" || kind == "kafka" else {
      let place = node["kind"] ?? node
      throw place.error(in: file, "unknown kind of log '\(printable(kind))'", hint: "known here: embedded, kafka")
    }
    guard kind == "kafka" else {
      for entry in try entries(of: node, ["kind", "folder"] + Self.kafkaKeys) where entry.key != "kind" {
        guard entry.key == "folder" else {
          throw entry.value.error(
            in: file, "'\(entry.key)' means something for kind: kafka only", hint: "delete this line")
        }
        settings.log = .embedded(folder: try text(entry.value))
      }
      return
    }
    guard let bootstrap = node["bootstrap"] else {
      throw node.error(in: file, "bootstrap is missing", hint: "write bootstrap: HOST:PORT")
    }
    var kafka = KafkaSettings(bootstrap: try text(bootstrap))
    for entry in try entries(of: node, ["kind"] + Self.kafkaKeys) {
      try read(entry, into: &kafka)
    }
    if let refusal = kafka.refusals().first {
      let place =
        node["properties"]?[refusal.property] ?? node["secret_files"]?[refusal.property] ?? node
      throw place.error(
        in: file, "the property \(printable(refusal.property)) is refused", hint: refusal.reason)
    }
    settings.log = .kafka(kafka)
  }

  private func read(_ entry: YAMLNode.Entry, into kafka: inout KafkaSettings) throws {
    let value = entry.value
    switch entry.key {
    case "topic_prefix": kafka.topicPrefix = value.isNull ? "" : try prefix(value)
    case "replication_factor": kafka.replicationFactor = try integer(value, 1...32)
    case "min_insync_replicas": kafka.minInsyncReplicas = try integer(value, 1...32)
    case "retention": kafka.retention = try retention(value)
    case "append_timeout_seconds": kafka.appendSeconds = Double(try integer(value, 1...600))
    case "properties": kafka.properties = try texts(value)
    case "secret_files": kafka.secretFiles = try texts(value)
    case "insecure":
      guard let flag = value.boolean else {
        throw value.error(in: file, "true or false is expected here", hint: "write insecure: true, or delete the line")
      }
      kafka.isInsecure = flag
    default: break
    }
  }

  private func prefix(_ node: YAMLNode) throws -> String {
    let prefix = try text(node)
    guard KafkaLog.isTopicPrefix(prefix) else {
      throw node.error(
        in: file, "a prefix has up to 100 letters, digits, '.', '_' and '-'", hint: "write something like shop-")
    }
    return prefix
  }

  /// "forever", or a number with d, h or m.
  private func retention(_ node: YAMLNode) throws -> KafkaSettings.Retention {
    let text = try text(node)
    if text == "forever" { return .forever }
    let units: [Character: Int64] = ["d": 86_400_000, "h": 3_600_000, "m": 60_000]
    guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
      (1...100_000_000).contains(number)
    else {
      throw node.error(in: file, "'\(printable(text))' is no time to keep records", hint: "write forever, 400d or 12h")
    }
    return .millis(number * unit)
  }

  private func texts(_ node: YAMLNode) throws -> [String: String] {
    if node.isNull { return [:] }
    guard let entries = node.entries else {
      throw node.error(in: file, "here stands \(node.kind) where keys are expected", hint: "write 'name: value' lines")
    }
    return try Dictionary(uniqueKeysWithValues: entries.map { ($0.key, try text($0.value)) })
  }
}

extension LogPlace {
  /// For people.
  package var words: String {
    switch self {
    case .embedded(let folder): folder == LogPlace.ownFolder ? "its own embedded log" : folder
    case .kafka(let settings): "Kafka at \(settings.bootstrap)"
    }
  }

  /// The lines of millrace.yaml that say this and nothing else.
  package var block: [String] {
    switch self {
    case .embedded(LogPlace.ownFolder): return ["log:", "  kind: embedded"]
    case .embedded(let folder): return ["log:", "  kind: embedded", "  folder: \(JSON.text(folder).text)"]
    case .kafka(let settings):
      var lines = ["log:", "  kind: kafka"]
      func add(_ key: String, _ value: String?) { if let value { lines.append("  \(key): \(value)") } }
      func add(_ key: String, _ values: [String: String]) {
        if values.isEmpty { return }
        lines.append("  \(key):")
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
          lines.append("    \(name): \(JSON.text(value).text)")
        }
      }
      add("bootstrap", JSON.text(settings.bootstrap).text)
      add("topic_prefix", settings.topicPrefix.isEmpty ? nil : JSON.text(settings.topicPrefix).text)
      add("replication_factor", settings.replicationFactor.map(String.init))
      add("min_insync_replicas", settings.minInsyncReplicas.map(String.init))
      if case .millis(let millis) = settings.retention { add("retention", "\(millis / 60_000)m") }
      add("append_timeout_seconds", settings.appendSeconds == 30 ? nil : "\(Int(settings.appendSeconds))")
      add("insecure", settings.isInsecure ? "true" : nil)
      add("properties", settings.properties)
      add("secret_files", settings.secretFiles)
      return lines
    }
  }
}

extension Configuration {
  /// The block of millrace.yaml that `millrace init --kafka` writes.
  package static func kafkaBlock(bootstrap: String, topicPrefix: String?) -> String {
    """

    # The log is Apache Kafka. Make its topics with: millrace log create
    log:
      kind: kafka
      bootstrap: \(quoted(bootstrap))
      topic_prefix: \(topicPrefix.map(quoted) ?? "null")       # begins every topic's name; for clusters that others use too
      # replication_factor: 3                  # default: as the brokers have it
      # min_insync_replicas: 2
      # retention: forever                     # or 400d; a rebuild needs what it reads to be there
      # properties:                            # any property of librdkafka that Millrace does not own
      #   security.protocol: SASL_SSL
      #   ssl.ca.location: /etc/ssl/certs/kafka-ca.pem
      #   sasl.mechanisms: SCRAM-SHA-512
      #   sasl.username: millrace
      #   statistics.interval.ms: 60000        # a line of figures on standard error each minute
      # secret_files:                          # files of mode 0600, each with one secret
      #   sasl.password: /etc/millrace/kafka.password

    """
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
