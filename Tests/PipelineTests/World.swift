import EmbeddedLog
import Enrichment
import Entity
import EventLog
import Events
import Files
import Marts
import Money
import Pipeline
import Privacy
import Projections
import ShopDomain
import Telemetry
import TestSupport

/// A workspace with keys, a vault and an embedded log, and the least of a capture: numbers, seals, appends.
final class World {
  let folder: String
  let keyring: Keyring
  let vault: Vault
  let log: EmbeddedLog
  private let sealer: Sealer
  private var numbers: [StreamKey: UInt64] = [:]
  private var builders: [TopicPartition: BatchBuilder] = [:]
  private var clock: Int64 = 1_700_000_000_000
  static let partitions: Int32 = 3

  init(_ folder: String = TemporaryFolder.path) throws {
    self.folder = folder
    try Keyring.create(at: folder + "/master.key")
    keyring = try Keyring(masterKeyFile: folder + "/master.key")
    vault = try Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .writer)
    sealer = try Sealer(keyring)
    log = try EmbeddedLog(folder: folder + "/log")
    for topic in [Topic.orders, Topic.weblog, Topic.catalog, Topic.leads] {
      try log.ensureTopic(topic, partitions: World.partitions)
    }
  }

  // MARK: Events

  /// A line that has its order's key: an order of these tests has one line.
  func line(_ id: Int64, product: Int64 = 1, quantity: Int64, version: UInt64 = 1) -> Payload<Person> {
    .orderLine(
      Change(
        after: OrderLine(
          orderID: RowKey(id), productID: RowKey(product), quantity: quantity,
          unitPrice: Decimal64(unscaled: 150, scale: 2))))
  }

  func request(_ ip: String) -> Payload<Person> {
    .webRequest(
      WebRequest(
        method: "GET", path: "/products/7", status: 200, bytes: 512, referrer: "", userAgent: "Mozilla/5.0",
        country: "US",
        ipPrefix: "203.0.113.0/24", countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "",
        ip: PersonalData(ip), user: PersonalData("maria")))
  }

  /// An event with the next number of its stream, or the given one; of the source whose topic it is, or of another. `key`: of
  /// the row; a line's is its order's where none is given.
  func event(
    _ payload: Payload<Person>, key: RowKey<Person>? = nil, on partition: TopicPartition, version: UInt64 = 1,
    number: UInt64? = nil, epoch: UInt64 = 1, source other: String? = nil
  ) -> Event<Person> {
    var ownKey = key
    if case .orderLine(let change) = payload, ownKey == nil { ownKey = change.newest?.orderID }
    let usual =
      switch partition.topic {
      case Topic.weblog: SourceName.weblog
      case Topic.leads: SourceName.leads
      default: SourceName.platform
      }
    let source = other ?? usual
    let key = StreamKey(source: source, epoch: Int64(clamping: epoch), partition: partition)
    let next = number ?? (numbers[key] ?? 0) &+ 1
    numbers[key] = max(next, numbers[key] ?? 0)
    clock += 1
    let operation: EventOperation =
      switch payload {
      case .heartbeat: .heartbeat
      case .rejected: .rejected
      default: .update
      }
    return Event(
      source: source, epoch: epoch, number: next, position: SourcePosition(stream: "toy", record: next),
      operation: operation, version: StateVersion(major: 1, minor: version), occurredAt: Timestamp(millis: clock),
      capturedAt: Timestamp(millis: clock), payload: payload, key: ownKey)
  }

  /// `other`: under a key of that vault.
  func encoded(
    _ event: Event<Person>, for partition: TopicPartition, under other: Vault? = nil
  ) throws -> (value: [UInt8], origin: [UInt8]) {
    let vault = other ?? vault
    let key = try vault.key(for: [Subject("user", Array("maria".utf8))])
    try vault.commit()
    let sealed = try sealer.seal(event, topic: partition.topic, partition: partition.partition) { _ in key }
    var value: [UInt8] = []
    sealed.encode(into: &value)
    return (value, sealed.origin.encoded)
  }

  // MARK: Appending

  func add(_ event: Event<Person>, to partition: TopicPartition) throws {
    let (value, origin) = try encoded(event, for: partition)
    addRaw(value, origin: origin, to: partition)
  }

  func addRaw(_ value: [UInt8]?, origin: [UInt8]?, to partition: TopicPartition) {
    clock += 1
    let added = builders[partition, default: BatchBuilder(partition: partition)]
      .append(key: [1], value: value, origin: origin, timestampMillis: clock)
    precondition(added)
  }

  /// Ends the batch being built for a partition and appends it; one stored batch.
  func cut(_ partition: TopicPartition) throws {
    guard let batch = builders[partition]?.finish() else { return }
    _ = try log.append([batch])
  }

  func cutAll() throws { for partition in builders.keys.sorted() { try cut(partition) } }

  // MARK: Running

  func directory(_ name: String = "toy") -> MartDirectory { MartDirectory(marts: folder + "/marts", name: name) }

  func pipeline(
    _ definition: MartDefinition = .toy, generation: Int? = nil, log other: (any LogReader)? = nil,
    order: ReadOrder = .roundRobin(), workers: Int = PipelineLimits.workers, hasViews: Bool = true,
    enricher: @escaping @Sendable () -> Enricher? = { nil },
    progress: @escaping @Sendable (PipelineProgress) -> Void = { _ in }
  ) throws -> MartPipeline {
    try World.pipeline(
      definition, folder: folder, generation: generation, log: other, order: order, workers: workers,
      hasViews: hasViews,
      enricher: enricher, progress: progress)
  }

  /// As a later process would open it: from the folder alone.
  static func pipeline(
    _ definition: MartDefinition, folder: String, generation: Int? = nil, log other: (any LogReader)? = nil,
    order: ReadOrder = .roundRobin(), workers: Int = PipelineLimits.workers, hasViews: Bool = true,
    enricher: @escaping @Sendable () -> Enricher? = { nil }, logger: Logger = .silent, metrics: Metrics = Metrics(),
    progress: @escaping @Sendable (PipelineProgress) -> Void = { _ in }
  ) throws -> MartPipeline {
    let keyring = try Keyring(masterKeyFile: folder + "/master.key")
    let log = try other ?? EmbeddedLog(folder: folder + "/log", readOnly: true)
    let identity = definition.identity(logID: log.logID, tokenVersion: keyring.tokenVersion, derivedFacts: [:])
    let directory = MartDirectory(marts: folder + "/marts", name: definition.name)
    var schema = definition.schema
    if !hasViews { schema.views = [] }
    let writer = try MartWriter(directory, generation: generation, schema: schema, identity: identity)
    return MartPipeline(
      definition: definition, log: log, writer: writer,
      tokenizer: { () throws(PrivacyError) in
        let vault = try Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .reader)
        return try Tokenizer(keyring, version: keyring.tokenVersion, vault: vault)
      }, domain: .shop(enricher: enricher), order: order, workers: workers, logger: logger, metrics: metrics,
      progress: progress)
  }

  /// Runs to the end and gives a reader of what came of it.
  @discardableResult
  func project(generation: Int? = nil, order: ReadOrder = .roundRobin()) throws -> MartReader {
    try pipeline(generation: generation, order: order).run(until: .atEnd(nil))
    return try MartReader(directory(), generation: generation)
  }

  func dump(generation: Int? = nil) throws -> String {
    try MartReader(directory(), generation: generation).canonicalDump(tables: MartDefinition.toy.schema.tables)
  }
}

let orders = (0..<World.partitions).map { TopicPartition(Topic.orders, $0) }
let weblog = (0..<World.partitions).map { TopicPartition(Topic.weblog, $0) }
