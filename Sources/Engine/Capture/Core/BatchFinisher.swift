internal import Entity
internal import EventLog
internal import Money
internal import Privacy

/// Gives one source's events their numbers, seals, encodes and collects them per partition.
final class BatchFinisher {
  struct Finished {
    var batches: [EncodedBatch]
    var numbers: [Outbox.PartitionNumber]
    var events = 0
    var rejected = 0
    var bytes = 0
    var rejections: [Outbox.Rejection] = []
  }

  let source: String
  private let topics: [String]
  private let partitions: Int32
  private let sealer: Sealer
  private let router: Router
  private let vault: Vault
  /// When each partition got its last heartbeat; nil: none since this was made, so that a restart tells its state at
  /// once.
  private var lastHeartbeat: [[Timestamp?]]
  private var work: BatchWork

  var epoch: UInt64 { work.origin.epoch }

  /// `owner`: epoch of this capture among those that ever owned the source.
  init(
    source: any CaptureSource, owner: UInt64, epoch: UInt64, numbers: [Outbox.PartitionNumber], partitions: Int32,
    keyring: Keyring,
    vault: Vault
  ) throws {
    self.source = source.name
    topics = source.topics
    self.partitions = partitions
    self.vault = vault
    sealer = try Sealer(keyring)
    router = try Router(keyring)
    var last = topics.map { _ in [UInt64](repeating: 0, count: Int(partitions)) }
    lastHeartbeat = topics.map { _ in [Timestamp?](repeating: nil, count: Int(partitions)) }
    for number in numbers {
      guard let topic = topics.firstIndex(of: number.topic), number.partition >= 0, number.partition < partitions else {
        continue
      }
      last[topic][Int(number.partition)] = number.last
    }
    work = BatchWork(
      sealer: sealer, vault: vault, topics: topics, last: last,
      builders: topics.map { topic in (0..<partitions).map { BatchBuilder(partition: TopicPartition(topic, $0)) } },
      origin: EventOrigin(source: source.name, epoch: epoch, number: 0, owner: owner))
  }

  /// History broke: all numbers begin again.
  func beginEpoch() {
    work.origin.epoch += 1
    for topic in topics.indices {
      work.last[topic] = [UInt64](repeating: 0, count: Int(partitions))
      lastHeartbeat[topic] = [Timestamp?](repeating: nil, count: Int(partitions))
    }
  }

  func lastNumber(_ partition: TopicPartition) -> UInt64 {
    guard let topic = topics.firstIndex(of: partition.topic), partition.partition < partitions else { return 0 }
    return work.last[topic][Int(partition.partition)]
  }

  /// Partitions without a heartbeat after `moment`, or all. Events do not count: they say what was read, not how far.
  func silentPartitions(since moment: Timestamp?) -> [TopicPartition] {
    var silent: [TopicPartition] = []
    for (topic, name) in topics.enumerated() {
      for partition in 0..<partitions {
        if let moment, let at = lastHeartbeat[topic][Int(partition)], at > moment { continue }
        silent.append(TopicPartition(name, partition))
      }
    }
    return silent
  }

  /// Completes the events in place.
  func finish(_ events: inout [PendingEvent], capturedAt: Timestamp) throws -> Finished {
    var finished = Finished(batches: [], numbers: [])
    let month = String(capturedAt.iso.prefix(7))
    let unparsed = [Subject("rejected-month", Array("\(source)|\(month)".utf8))]
    try work.append(&events, among: partitions, unparsed, capturedAt, &finished)
    work.close(&finished, capturedAt)
    return finished
  }

  func heartbeats(to silent: [TopicPartition], readUpTo: Timestamp, capturedAt: Timestamp) throws -> Finished {
    var finished = Finished(batches: [], numbers: [])
    for partition in silent {
      guard let topic = topics.firstIndex(of: partition.topic) else { continue }
      let name = Array(partition.description.utf8)
      var event = PendingEvent(
        topic: partition.topic, route: router.token("heartbeat", name), operation: .heartbeat,
        position: SourcePosition(stream: "heartbeat", record: 0), version: .state(0), occurredAt: readUpTo,
        content: Heartbeat(readUpTo: readUpTo), subjects: .none)
      let key = event.route.bytes
      try work.append(&event, topic, partition.partition, key, [], capturedAt, &finished)
      lastHeartbeat[topic][Int(partition.partition)] = capturedAt
    }
    work.close(&finished, capturedAt)
    return finished
  }

  // MARK: Kept rows

  /// What of the rows to keep has a content, sealed.
  func seal(_ writes: StateWrites) throws -> [Outbox.SealedState] {
    try writes.sealed.compactMap { write in
      guard let digest = write.digest, let content = write.content else { return nil }
      let key = try vault.key(for: write.subjects)
      return Outbox.SealedState(
        key: write.key, digest: digest,
        content: try sealer.seal(content, context: Self.context(source, write.key), key: key))
    }
  }

  static func context(_ source: String, _ key: [UInt8]) -> [UInt8] { Array("capture|\(source)|".utf8) + key }
}

/// The part of a finisher that every event changes. A struct, and lent for a whole batch: each use of a class's property
/// is checked for exclusivity when it happens.
private struct BatchWork {
  let sealer: Sealer
  let vault: Vault
  let topics: [String]
  /// Per topic and partition.
  var last: [[UInt64]]
  var builders: [[BatchBuilder]]
  /// The origins' common part is encoded anew for every event; the struct is kept.
  var origin: EventOrigin
  private var scratch: [UInt8] = []
  private var header: [UInt8] = []

  init(
    sealer: Sealer, vault: Vault, topics: [String], last: [[UInt64]], builders: [[BatchBuilder]], origin: EventOrigin
  ) {
    self.sealer = sealer
    self.vault = vault
    self.topics = topics
    self.last = last
    self.builders = builders
    self.origin = origin
  }

  mutating func append(
    _ events: inout [PendingEvent], among partitions: Int32, _ unparsed: [Subject], _ capturedAt: Timestamp,
    _ finished: inout BatchFinisher.Finished
  ) throws {
    for position in events.indices {
      guard let topic = topics.firstIndex(of: events[position].topic) else { continue }
      let key = events[position].route.bytes
      let partition = Partitioner.partition(of: key, among: partitions)
      try append(&events[position], topic, partition, key, unparsed, capturedAt, &finished)
    }
  }

  mutating func append(
    _ pending: inout PendingEvent, _ topic: Int, _ partition: Int32, _ key: [UInt8], _ unparsed: [Subject],
    _ capturedAt: Timestamp, _ finished: inout BatchFinisher.Finished
  ) throws {
    let index = Int(partition)
    let number = last[topic][index] + 1
    last[topic][index] = number
    if !pending.hasTime { pending.envelope.occurredAt = capturedAt }
    pending.envelope.source = origin.source
    pending.envelope.epoch = origin.epoch
    pending.envelope.number = number
    pending.envelope.capturedAt = capturedAt
    pending.envelope.version =
      switch pending.version {
      case .state(let minor): StateVersion(major: origin.epoch, minor: minor)
      case .eventTime: StateVersion(major: UInt64(clamping: pending.envelope.occurredAt.millis), minor: number)
      }
    try encode(pending, topic, partition, unparsed)
    if scratch.count > CaptureLimits.eventBytes {
      pending.envelope.operation = .rejected
      pending.envelope.flags = []
      pending.content = Rejected<Person>(reason: "event.tooLarge", detail: "\(scratch.count) bytes", raw: nil)
      pending.subjects = .unparsed
      pending.key = nil
      pending.rejection = RejectedRecord(
        reason: "event.tooLarge", detail: "", place: "\(pending.position.stream), record \(pending.position.record)")
      try encode(pending, topic, partition, unparsed)
    }
    if pending.envelope.operation == .rejected {
      finished.rejected += 1
      if let record = pending.rejection {
        finished.rejections.append(
          Outbox.Rejection(
            topic: topics[topic], partition: partition, epoch: origin.epoch, number: number, record: record))
      }
    }
    origin.number = number
    header.removeAll(keepingCapacity: true)
    origin.encode(into: &header)
    let added = builders[topic][index].append(
      key: key, value: scratch, origin: header, timestampMillis: capturedAt.millis)
    if !added {
      // The batch is full: the next one takes it.
      if let batch = builders[topic][index].finish() { finished.batches.append(batch) }
      guard
        builders[topic][index].append(key: key, value: scratch, origin: header, timestampMillis: capturedAt.millis)
      else {
        throw CaptureError(
          .storage, operation: "collect an event", cause: "the log's format refuses its size",
          hint: "this is a defect in Millrace; please report it")
      }
    }
    finished.events += 1
    finished.bytes += scratch.count
  }

  private mutating func encode(
    _ pending: PendingEvent, _ topic: Int, _ partition: Int32, _ unparsed: [Subject]
  ) throws {
    let subjects = pending.subjects
    scratch.removeAll(keepingCapacity: true)
    // A person's fields mostly share one key: it is looked up once.
    var shared: PersonKey?
    var hasBegun = false
    let (sealer, vault, topic) = (sealer, vault, topics[topic])
    try pending.content.encode(pending.envelope, pending.key, into: &scratch) { value, place in
      if let shared { return try sealer.seal(value, place, with: shared) }
      if !hasBegun {
        hasBegun = true
        sealer.begin(pending.envelope, entity: pending.content.entity, topic: topic, partition: partition)
      }
      let wanted = subjects.of(place.field)
      let key = try vault.key(for: wanted.isEmpty ? unparsed : wanted)
      if subjects.isShared { shared = key }
      return try sealer.seal(value, place, with: key)
    }
    if hasBegun { origin.vault = vault.counter }
  }

  mutating func close(_ finished: inout BatchFinisher.Finished, _ capturedAt: Timestamp) {
    for topic in builders.indices {
      for partition in builders[topic].indices {
        guard let batch = builders[topic][partition].finish() else { continue }
        finished.batches.append(batch)
        finished.numbers.append(
          Outbox.PartitionNumber(
            topic: topics[topic], partition: Int32(partition), last: last[topic][partition], at: capturedAt))
      }
    }
  }
}
