internal import CKafka
internal import Concurrency
package import EventLog

extension KafkaLog {
  /// Those that the log's identity record names, without prefix; other topics of the cluster are no part of it. Blocks for one
  /// request.
  package func topics() throws(LogError) -> [String] {
    try inTurn { () throws(LogError) in try allTopics("list topics").keys.sorted() }
  }

  /// As the broker says now; empty where the log has no such topic. Blocks for one request.
  package func partitions(of topic: String) throws(LogError) -> [TopicPartition] {
    try inTurn { () throws(LogError) in
      let facts = try allTopics("list partitions")[topic]
      return (0..<(facts?.partitions ?? 0)).map { TopicPartition(topic, $0) }
    }
  }

  /// As the broker says now. From then on a read below `next` waits for the record that must be there. Throws `.configuration`
  /// for a partition that the log does not have. Blocks for one request.
  package func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    try inTurn { () throws(LogError) in try freshBounds(partition, "find the bounds of") }
  }

  /// Asks the broker. From then on a read below `next` waits for the record that must be there.
  func freshBounds(_ partition: TopicPartition, _ operation: String) throws(LogError) -> LogBounds {
    try demand(partition, operation)
    let connection = try consumer()
    let topic = physical(partition.topic)
    do {
      let bounds = try connection.client.watermarks(topic, partition, operation, patience(settings.requestSeconds))
      let source = try connection.source(partition, topic: topic)
      source.knownEnd = max(source.knownEnd, bounds.next)
      return bounds
    } catch {
      if error.kind == .unavailable { dropConsumer() }
      throw error
    }
  }

  /// Creates the topic when it is missing, with settings that keep the whole history, and enters it in the log's identity.
  /// Throws `.configuration` for a name or number that is not allowed, for an existing topic with fewer partitions or
  /// other settings, and for one that the log uses with another number. More partitions than that are left alone.
  /// Blocks until clients see it.
  package func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    try inTurn { () throws(LogError) in _ = try make(topic, partitions) }
  }

  private func make(_ topic: String, _ partitions: Int32) throws(LogError) -> Bool {
    let operation = "create topic \(topic.debugDescription)"
    let name = physical(topic)
    guard TopicPartition.isTopicName(topic), TopicPartition.isTopicName(name), topic != LogIdentity.topic,
      !name.hasPrefix("__"),
      partitions >= 1, partitions <= EventLogLimits.partitions
    else {
      throw LogError(
        .configuration, operation: operation, cause: "the name or the number of partitions is not allowed",
        hint: "a name has 1 to \(EventLogLimits.topicNameBytes) letters, digits, '.', '_' and '-', prefix included; "
          + "a topic has 1 to \(EventLogLimits.partitions) partitions")
    }
    if let facts = try clusterTopics(operation)[topic] {
      let isKnown = try allTopics(operation)[topic] != nil
      try compare(topic, facts, partitions, operation)
      // Somebody else may have made it for us.
      if !isKnown { try register(topic, partitions: partitions, operation) }
      return false
    }
    let isNew = try administration().create(
      TopicPlan(
        name: name, partitions: partitions, replicationFactor: settings.replicationFactor,
        settings: settings.topicSettings()))
    let began = Monotonic.millis
    let patience = patience(settings.requestSeconds)
    // The controller has it; clients hear of it a little later.
    while true {
      if let facts = try clusterTopics(operation)[topic], facts.isReady {
        if !isNew { try compare(topic, facts, partitions, operation) }
        try register(topic, partitions: partitions, operation)
        return isNew
      }
      guard !patience.isOver else { throw try consumer().client.unreachable(operation, since: began) }
      patience.pause()
    }
  }

  /// Refuses a topic that would not keep what the log promises. Never changes it.
  private func compare(
    _ topic: String, _ facts: TopicFacts, _ partitions: Int32, _ operation: String
  ) throws(LogError) {
    func refuse(_ cause: String, _ hint: String) -> LogError {
      LogError(.configuration, operation: operation, cause: "it exists \(cause)", hint: hint)
    }
    if let used = registry.topics[topic], used != partitions {
      throw LogError(
        .configuration, operation: operation, cause: "the log was made with \(used) partitions, not \(partitions)",
        hint: "another number would move keys between partitions; set `partitions` back to \(used)")
    }
    guard facts.partitions >= partitions else {
      throw refuse(
        "with \(facts.partitions) partitions, fewer than \(partitions)",
        "add some: kafka-topics --alter --topic \(physical(topic)) --partitions \(partitions)"
          + (registry.topics[topic] == nil ? ", or set `partitions` to \(facts.partitions)" : ""))
    }
    if let wanted = settings.replicationFactor, facts.replicas < wanted {
      throw refuse(
        "with \(facts.replicas) replicas, not \(wanted)",
        "reassign its partitions to \(wanted) brokers, or set replication_factor to \(facts.replicas)")
    }
    let found = try administration().settings(of: physical(topic))
    let name = physical(topic)
    func change(_ setting: String) -> String {
      "set it: kafka-configs --alter --entity-type topics --entity-name \(name) --add-config \(setting)"
    }
    if let policy = found["cleanup.policy"], policy != "delete" {
      throw refuse(
        "with cleanup.policy=\(policy)",
        "compaction removes records that a mart is built from; use another topic_prefix, or "
          + change("cleanup.policy=delete"))
    }
    let wanted =
      switch settings.retention {
      case .forever: "-1"
      case .millis(let millis): "\(millis)"
      }
    if let retention = found["retention.ms"], retention != wanted {
      throw refuse(
        "with retention.ms=\(retention), not \(wanted)",
        "records would vanish that a rebuild needs; \(change("retention.ms=\(wanted)")), or say so under log.retention")
    }
    if let bytes = found["retention.bytes"], bytes != "-1" {
      throw refuse("with retention.bytes=\(bytes)", change("retention.bytes=-1"))
    }
    if let type = found["message.timestamp.type"], type != "CreateTime" {
      throw refuse(
        "with message.timestamp.type=\(type)",
        "records must keep their times; \(change("message.timestamp.type=CreateTime"))")
    }
    if let text = found["max.message.bytes"], let bytes = Int(text), bytes < KafkaLimits.batchBytes {
      throw refuse(
        "with max.message.bytes=\(bytes), less than the \(KafkaLimits.batchBytes) that a batch may have",
        change("max.message.bytes=\(KafkaLimits.topicBatchBytes)"))
    }
    if let least = settings.minInsyncReplicas, let text = found["min.insync.replicas"], text != "\(least)" {
      throw refuse("with min.insync.replicas=\(text), not \(least)", change("min.insync.replicas=\(least)"))
    }
  }

  /// Whether topics may begin like this.
  package static func isTopicPrefix(_ prefix: String) -> Bool {
    prefix.isEmpty || (prefix.utf8.count <= 100 && !prefix.hasPrefix("__") && TopicPartition.isTopicName(prefix + "x"))
  }
}
