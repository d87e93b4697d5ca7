import Concurrency
import EmbeddedLog
import Entity
import EventLog
import Events
import Files
import Foundation
import Marts
import Money
import Privacy
import Projections
import SQLite
import ShopDomain
import ShopMarts
import TestSupport
import Testing

@testable import Pipeline

/// Never content with itself.
private final class ToyBroken: ShopProjection {
  static let name = "toyBroken"
  static let version = 1
  static let topics = [Topic.orders]
  static let personalFields: PersonalFields = []
  static let tables: [TableDefinition] = []
  static let views: [ViewDefinition] = []
  static let invariants = [MartInvariant("toy.never", "one is two", violations: "SELECT 1")]
  func fold(_ input: ProjectionInput) throws(QuarantineReason) {}
  var pendingCount: Int { 0 }
  func flush(into transaction: MartTransaction) throws {}
  func discard() {}
}

@Suite("Replaying", .temporaryFolder) struct ReplayEngineTests: ReplaySuite {
  /// Goal: the law of replay through the whole of a replay. Method: a mart fed live in random batches, replayed in others, has
  /// the same ordered dump, anchors and books included.
  @Test("a replayed mart has the dump of the live one, whatever the batches", arguments: 1...(Place.long ? 500 : 25))
  func law(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let world = try World()
    for _ in 0..<3 {
      try world.fill(60, &random)
      try world.project(order: .seeded(UInt64(seed), readBytes: 900, flushEvents: 20))
    }
    // What comes after the live mart stopped is not compared, but is there in the end.
    let before = try world.dump()
    try world.fill(Int.random(in: 0..<30, using: &random), &random)
    var setup = world.setup()
    setup.order = .seeded(UInt64(seed) &* 31, readBytes: 1_500, flushEvents: 50)
    setup.workers = 1 + seed % PipelineLimits.mostWorkers
    let outcome = try replay(setup)
    #expect(outcome.isSwapped && outcome.comparison?.isEqual == true, "seed \(seed)")
    #expect(outcome.comparison?.places ?? 0 > 5)
    #expect(try world.dump(generation: 1) == before)
    let fresh = try World.pipeline(.toy, folder: world.folder, generation: 50)
    try fresh.run(until: .atEnd(nil))
    #expect(try world.dump() == world.dump(generation: 50), "seed \(seed)")
    #expect(outcome.counts.balances && outcome.counts.duplicates > 0)
  }

  /// Goal: a prefix is exactly a prefix. Method: cut at every offset of a partition, in the middle of batches too; counts and
  /// positions tell.
  @Test("a detached generation ends at exactly the offsets asked for") func prefix() throws {
    let world = try filled(60)
    let bounds = try world.log.bounds(of: orders[0])
    #expect(bounds.next > 8)
    for end in [0, 1, 5, bounds.next - 1, bounds.next] {
      var setup = world.setup()
      let text = "orders/0=\(end),orders/1=0,orders/2=0,weblog/0=0,weblog/1=0,weblog/2=0"
      setup.until = (try #require(ReplayLimit(text)), text)
      let outcome = try replay(setup)
      #expect(outcome.isDetached && !outcome.isSwapped)
      #expect(outcome.positions[orders[0]] == end)
      #expect(outcome.counts.eventsIn == end.rawValue)
      #expect(try world.directory().currentGeneration() == nil)
      // Once more is the same generation: it is finished.
      #expect(try replay(setup).generation == outcome.generation)
    }
  }

  @Test("moments are cut where the first later record stands") func moments() throws {
    let world = try World()
    for id: Int64 in 1...9 {
      try world.add(world.event(world.line(id, quantity: 1), on: orders[0]), to: orders[0])
      if id.isMultiple(of: 2) { try world.cutAll() }
    }
    try world.cutAll()
    let records = try world.log.read(orders[0], from: 0, maximumBytes: .max).records
    for (index, record) in records.enumerated() {
      let limit = ReplayLimit.moment(Timestamp(millis: record.timestampMillis))
      #expect(try limit.ends(world.log, of: [orders[0]], mart: "toy")[orders[0]] == Offset(Int64(index)))
    }
    let last = ReplayLimit.moment(Timestamp(millis: .max))
    #expect(try last.ends(world.log, of: [orders[0]], mart: "toy")[orders[0]] == 9)
    #expect(ReplayLimit("2026-10-31") == .moment(try #require(Timestamp("2026-10-31T00:00:00Z"))))
    for text in ["", "x", "orders=1", "orders/0=-1", "orders/0=1,", "orders/0=1,orders/0=2", "orders/0=1=2"] {
      #expect(ReplayLimit(text) == nil, "\(text)")
    }
  }

  @Test("a new rule is not put to use until it is accepted; quarantined events are read again under it") func versions()
    throws
  {
    let world = try filled()
    try world.project()
    let refused = try replay(world.setup(.toyTwo))
    #expect(!refused.isSwapped)
    #expect(refused.refusal?.contains("--accept toyLines@2") == true, "\(refused.refusal ?? "")")
    let quarantine = try #require(refused.comparison?.quarantine)
    #expect(quarantine.map(\.reason) == ["toy.refused"] && quarantine[0].old > 0 && quarantine[0].new == 0)
    #expect(refused.comparison?.identity.map(\.part) == ["projection.toyLines"])
    #expect(try world.directory().currentGeneration() == 1)
    // The old rules go on in the old generation.
    #expect(throws: Never.self) { try world.pipeline().run(until: .atEnd(nil)) }
    #expect(throws: MartError.self) { try world.pipeline(.toyTwo) }
    var accepting = world.setup(.toyTwo)
    accepting.accept = ["toyVisits@1"]
    #expect(try !replay(accepting).isSwapped)
    accepting.accept = ["toyLines@2"]
    let accepted = try replay(accepting)
    #expect(accepted.isSwapped && accepted.generation == refused.generation)
    #expect(throws: Never.self) { try world.pipeline(.toyTwo).run(until: .atEnd(nil)) }
    #expect(throws: MartError.self) { try world.pipeline() }
    accepting.accept = ["toyLines@3"]
    #expect(try failure(accepting).kind == .preflight)
  }

  @Test("a generation that breaks an invariant is not put to use") func invariants() throws {
    let world = try filled(20)
    let definition = MartDefinition(
      name: "toy", meaning: "", sources: MartDefinition.toy.sources, projections: { [ToyLines(), ToyBroken()] })
    let error = try failure(world.setup(definition))
    #expect(error.kind == .verification && error.cause.contains("one is two"))
    #expect(try world.directory().currentGeneration() == nil)
  }

  @Test("a served generation whose pages are damaged is replaced without comparison") func damagedOld() throws {
    let world = try filled()
    try world.project()
    let path = world.directory().path(of: 1)
    var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    // Everything but the header and the schema.
    for index in (bytes.count / 2)..<bytes.count { bytes[index] = 0x5a }
    try FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let outcome = try replay(world.setup())
    #expect(outcome.isSwapped)
    #expect(outcome.notes.contains { $0.contains("generation") }, "\(outcome.notes)")
  }

  @Test("a mart that was fed from another log is not replaced unless that log is named") func otherLog() throws {
    let world = try filled(60)
    try world.project()
    let folder = world.folder + "/other"
    try Files.makeFolder(folder)
    let other = try World(folder)
    var random = SeededGenerator(seed: 8)
    try other.fill(30, &random)
    let moved = other.directory()
    try Files.makeFolder(moved.folder)
    try FileManager.default.copyItem(atPath: world.directory().path(of: 1), toPath: moved.path(of: 1))
    try moved.makeCurrent(1)
    let refused = try replay(other.setup())
    #expect(!refused.isSwapped && refused.refusal?.contains("--accept log@\(other.log.logID)") == true)
    var accepting = other.setup()
    accepting.accept = ["log@\(other.log.logID)"]
    #expect(try replay(accepting).isSwapped)
    #expect(throws: Never.self) { try other.project() }
  }

  // MARK: Preflight

  private final class ShortLog: LogReader, RetainingLog, @unchecked Sendable {
    let log: EmbeddedLog
    var left: Int64?
    init(_ log: EmbeddedLog) { self.log = log }
    var logID: String { log.logID }
    func topics() throws(LogError) -> [String] { try log.topics() }
    func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try log.partitions(of: topic) }
    func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try log.bounds(of: partition) }
    func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
      try log.read(partition, from: offset, maximumBytes: maximumBytes)
    }
    func anchor(of partition: TopicPartition, at next: Offset) throws(LogError) -> LogAnchor? {
      try log.anchor(of: partition, at: next)
    }
    func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
      try log.check(anchor, of: partition)
    }
    func secondsUntilRemoval(in partition: TopicPartition) throws(LogError) -> Int64? { left }
  }

  @Test("preflight names what is missing, all of it, and makes nothing") func preflight() throws {
    let world = try filled(40)
    try world.project()
    let bent = BentLog(world.log)
    bent.earliest = 2
    let gone = try failure(world.setup(log: bent))
    #expect(gone.kind == .preflight)
    #expect(gone.cause.contains("orders/0 begins at offset 2: 2 of its first events are gone"), "\(gone.cause)")
    #expect(gone.cause.contains("weblog/2"), "all are named at once")

    let short = ShortLog(world.log)
    short.left = 0
    #expect(try failure(world.setup(log: short)).cause.contains("raise the topic's retention"))
    short.left = 100_000
    #expect(try Replay(world.setup(log: short)).preflight().problems.isEmpty)

    var keyless = world.setup()
    keyless.tokenizer = { () throws(PrivacyError) in
      throw PrivacyError(.keyMissing, operation: "open", cause: "planted", hint: "none")
    }
    #expect(try failure(keyless).cause.contains("token key version"))

    let other = try Replay(world.setup())
    #expect(try failure(world.setup()).kind == .busy)
    withExtendedLifetime(other) {}
    #expect(try GenerationList(world.directory()) == GenerationList(world.directory()))
    #expect(try world.directory().generations() == [1])
  }

  @Test("events of a later format are named before any work") func laterFormat() throws {
    let world = try filled(20)
    // The envelope's first field is its format.
    let (value, origin) = try world.encoded(world.event(world.line(1, quantity: 1), on: orders[0]), for: orders[0])
    var later = value
    try #require(later.count > 2 && later[0] == 0x08)
    later[1] = 0x63
    world.addRaw(later, origin: origin, to: orders[0])
    try world.cutAll()
    let error = try failure(world.setup())
    #expect(error.kind == .preflight && error.cause.contains("format 99"), "\(error.cause)")
  }

  @Test("an archive lends the beginning that the log has lost, and only its own log's") func archive() throws {
    let world = try filled(200)
    let copy = world.folder + "/copy"
    try FileManager.default.copyItem(atPath: world.folder + "/log", toPath: copy)
    var random = SeededGenerator(seed: 4)
    try world.fill(100, &random)
    try world.project()
    let bent = BentLog(world.log)
    bent.earliest = 3
    let archive = try EmbeddedLog(folder: copy, readOnly: true)
    let joined = try ArchivedLog(archive: archive, log: bent)
    #expect(try joined.bounds(of: orders[0]).earliest == 0)
    #expect(try replay(world.setup(log: joined)).comparison?.isEqual == true)
    bent.earliest = 1_000
    #expect(throws: LogError.self) { try joined.bounds(of: orders[0]) }
    let folder = world.folder + "/other"
    try Files.makeFolder(folder)
    #expect(throws: LogError.self) { try ArchivedLog(archive: World(folder).log, log: world.log) }
  }
}
