package import Concurrency
package import EventLog
package import Telemetry

/// The log on Apache Kafka.
///
/// Readers fetch partitions at offsets of their own; there is no consumer group, except that a reader with a `group`
/// commits its progress for lag tools. Writers are idempotent and wait for all copies in sync. Topics are made by
/// `ensureTopic`, with settings that let the whole history survive.
///
/// The log's identity is a record in a topic of its own, `PREFIXmillrace.log`; `KafkaLog.create` writes it once. The
/// names of the log's topics follow it there: other topics of the cluster are left alone.
///
/// Calls block, each with a deadline; calls of several threads on one object wait for each other, except
/// `noteProgress`.
///
/// Unchecked: what changes is touched inside `inTurn` only, under `turn`; `deinit` has no other user. `progress` guards
/// itself.
package final class KafkaLog: LogReader, LogWriter, @unchecked Sendable {
  package let logID: String
  let settings: KafkaSettings
  let stop: StopGrace
  private let group: String?
  private let logger: Logger
  private let counters: KafkaCounters
  private let progress: ProgressReporter
  private let customAdministration: (any TopicAdministration)?
  private let turn = Lock(())
  // Below: touched inside `inTurn` only.
  private var openConsumer: ConsumerConnection?
  private var openProducer: ProducerConnection?
  /// By logical name; asked again when a topic is not in here.
  private var partitionCounts: [String: Int32] = [:]
  var registry = TopicRegistry()
  /// Topics that were found with more partitions than the log uses: said once.
  private var widened: Set<String> = []
  /// Whether somebody reads records for their own sake, and how fast they come counts.
  var readsAhead = false

  /// Opens the log that `create` has made. Throws `.unavailable` when no broker answers in time, `.configuration` when
  /// the cluster holds no log under this prefix.
  ///
  /// `group` names the consumer group, without prefix, whose offsets show this reader's progress. `stop` is looked at
  /// while a call waits: once true, waiting ends within seconds.
  package convenience init(
    _ settings: KafkaSettings, group: String? = nil, logger: Logger = .silent, counters: KafkaCounters? = nil,
    stop: StopFlag = StopFlag()
  ) throws(LogError) {
    try self.init(
      settings, group: group, logger: logger, counters: counters, administration: nil, stop: stop)
  }

  /// The same with another way to make topics: clusters that only tests have.
  package init(
    _ settings: KafkaSettings, group: String?, logger: Logger, counters: KafkaCounters?,
    administration: (any TopicAdministration)?, stop: StopFlag
  ) throws(LogError) {
    let counters = counters ?? KafkaCounters(Metrics())
    let stop = StopGrace(stop)
    let (consumer, found) = try LogIdentity.connect(
      settings, group: group.map { settings.topicPrefix + $0 }, logger, counters, stop)
    guard let (identity, batch) = found else {
      throw LogError(
        .configuration, operation: "open the log on \(settings.bootstrap)",
        cause: "the cluster has no topic \(settings.topicPrefix)\(LogIdentity.topic) that says which log this is",
        hint: "run `millrace log create`")
    }
    logID = identity.log
    self.settings = settings
    self.group = group
    self.logger = logger
    self.counters = counters
    self.stop = stop
    customAdministration = administration
    progress = ProgressReporter(prefix: settings.topicPrefix)
    openConsumer = consumer
    progress.use(consumer.client)
    registry.take(batch)
  }

  deinit { _ = closeNow() }

  /// Ends the clients; within seconds, also when no broker answers. False: one did not end and was left behind.
  @discardableResult
  package func close() -> Bool { turn.withLock { _ in closeNow() } }

  private func closeNow() -> Bool {
    progress.commitWhenDue(now: true)
    progress.use(nil)
    let consumer = openConsumer?.close() ?? true
    let producer = openProducer?.close() ?? true
    openConsumer = nil
    openProducer = nil
    return consumer && producer
  }

  /// Committed for the group now and then, where there is one. Never blocks and never fails; safe from any thread.
  package func noteProgress(_ nextOffsets: [TopicPartition: Offset]) {
    guard group != nil else { return }
    progress.note(nextOffsets)
  }

  // MARK: Inside a turn

  /// Runs `body` when no other call is under way.
  func inTurn<R: Sendable>(_ body: () throws(LogError) -> R) throws(LogError) -> R {
    let outcome: Result<R, LogError> = turn.withLock { _ in Result { () throws(LogError) in try body() } }
    return try outcome.get()
  }

  func patience(_ seconds: Double) -> Patience { Patience(seconds: seconds, stop: stop) }

  func consumer() throws(LogError) -> ConsumerConnection {
    if let openConsumer {
      progress.commitWhenDue()
      return openConsumer
    }
    let made = try ConsumerConnection(
      settings, group: group.map { settings.topicPrefix + $0 }, logger: logger, counters: counters)
    openConsumer = made
    progress.use(made.client)
    if readsAhead { stayAwake(made) }
    return made
  }

  func stayAwake(_ consumer: ConsumerConnection) {
    consumer.stayAwake(TopicPartition(LogIdentity.topic, 0), topic: physical(LogIdentity.topic))
  }

  /// Ends a client that got nothing for its whole patience: librdkafka 2.0.2 can wait for a dead broker beside living
  /// ones (its issue 4970), and a new client asks them all.
  func dropConsumer() {
    progress.use(nil)
    openConsumer?.close()
    openConsumer = nil
  }

  func producer() throws(LogError) -> ProducerConnection {
    if let openProducer { return openProducer }
    let made = try ProducerConnection(settings, logger: logger, counters: counters)
    openProducer = made
    return made
  }

  func dropProducer() {
    openProducer?.close()
    openProducer = nil
  }

  func noteResent(_ records: Int) { counters.resent.add(Int64(records)) }

  func administration() throws(LogError) -> any TopicAdministration {
    if let customAdministration { return customAdministration }
    return KafkaAdministration(try consumer().client, seconds: settings.requestSeconds, stop: stop)
  }

  /// The topic's name in the cluster.
  func physical(_ topic: String) -> String { settings.topicPrefix + topic }

  /// All topics of this log, by logical name.
  func allTopics(_ operation: String) throws(LogError) -> [String: TopicFacts] {
    let candidates = try clusterTopics(operation)
    if candidates.keys.contains(where: { registry.topics[$0] == nil }) { try refreshRegistry(operation) }
    var own: [String: TopicFacts] = [:]
    for (topic, facts) in candidates {
      guard let partitions = registry.topics[topic] else { continue }
      own[topic] = facts
      own[topic]?.partitions = min(partitions, facts.partitions)
      if facts.partitions > partitions, widened.insert(topic).inserted {
        logger.warning(
          "\(physical(topic)) has more partitions than the log was made with; those that were added stay empty",
          ["topic": .string(topic), "used": .integer(Int64(partitions)), "found": .integer(Int64(facts.partitions))])
      }
    }
    partitionCounts = own.mapValues(\.partitions)
    return own
  }

  /// All topics of the cluster whose names could be this log's, by logical name.
  func clusterTopics(_ operation: String) throws(LogError) -> [String: TopicFacts] {
    let all = try consumer().client.topics(operation, patience(settings.requestSeconds))
    var candidates: [String: TopicFacts] = [:]
    for (name, facts) in all where name.hasPrefix(settings.topicPrefix) && !name.hasPrefix("__") {
      let logical = String(name.dropFirst(settings.topicPrefix.count))
      if !logical.isEmpty, logical != LogIdentity.topic { candidates[logical] = facts }
    }
    return candidates
  }

  /// Throws `.configuration` where the log has no such partition.
  func demand(_ partition: TopicPartition, _ operation: String) throws(LogError) {
    func isKnown() -> Bool { partitionCounts[partition.topic].map { (0..<$0).contains(partition.partition) } ?? false }
    if isKnown() { return }
    _ = try allTopics(operation)
    guard isKnown() else {
      throw LogError(
        .configuration, operation: operation, partition: partition, cause: "the log has no such topic or partition",
        hint: "`millrace log topics` lists what there is; `millrace log create` makes what is missing")
    }
  }
}
