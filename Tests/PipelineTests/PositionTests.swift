import Concurrency
import EmbeddedLog
import Entity
import EventLog
import Events
import Files
import Glibc
import Marts
import Money
import Projections
import SQLite
import TestSupport
import Testing

@testable import Pipeline

/// A log that answers as another one would, where a test says so.
final class BentLog: LogReader, @unchecked Sendable {
  private let log: EmbeddedLog
  var earliest: Offset?
  var next: Offset?
  var proof: [UInt8]?
  /// Whether no batch ends where the mart stands.
  var hasOtherBatches = false
  /// How many partitions a topic has for now; nil: all.
  var partitionLimit: Int?
  /// Reads until one fails.
  var goodReads = Int.max
  var error = LogError(.damaged, operation: "read", cause: "planted", hint: "none")

  init(_ log: EmbeddedLog) { self.log = log }

  var logID: String { log.logID }
  func topics() throws(LogError) -> [String] { try log.topics() }
  func partitions(of topic: String) throws(LogError) -> [TopicPartition] {
    let all = try log.partitions(of: topic)
    return Array(all.prefix(partitionLimit ?? all.count))
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    let bounds = try log.bounds(of: partition)
    return LogBounds(earliest: earliest ?? bounds.earliest, next: next ?? bounds.next)
  }

  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
    goodReads -= 1
    if goodReads < 0 { throw error }
    return try log.read(partition, from: offset, maximumBytes: maximumBytes)
  }

  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    let anchor = hasOtherBatches ? nil : try log.anchor(of: partition, at: nextOffset)
    return anchor.map { LogAnchor(nextOffset: $0.nextOffset, proof: proof ?? $0.proof) }
  }

  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try self.anchor(of: partition, at: anchor.nextOffset) == anchor ? .holds : .differs
  }
}

@Suite("Positions", .temporaryFolder) struct PositionTests {
  private func filled() throws -> World {
    let world = try World()
    for partition in orders {
      for id: Int64 in 1...4 {
        try world.add(world.event(world.line(id, quantity: id), on: partition, version: UInt64(id)), to: partition)
      }
    }
    try world.cutAll()
    return world
  }

  private func failure(_ world: World, _ log: BentLog) throws -> PipelineError? {
    let pipeline = try world.pipeline(log: log)
    do {
      try pipeline.run(until: .atEnd(nil))
      return nil
    } catch {
      return error
    }
  }

  @Test("partitions that a topic got meanwhile are found, and those known are read on") func newPartitions() throws {
    let world = try filled()
    let log = BentLog(world.log)
    log.partitionLimit = 1
    var feed = PartitionFeed(mart: "toy", topics: [Topic.orders], order: .roundRobin(), isLive: true)
    try feed.discover(in: log, positions: [:])
    let known = feed.partitions.map(\.name)
    #expect(known == [TopicPartition(Topic.orders, 0)])
    guard case .read(_, _, let batch) = try feed.next(log) else {
      Issue.record("nothing was read")
      return
    }
    log.partitionLimit = nil
    try feed.discover(in: log, positions: [:])
    #expect(feed.partitions.map(\.name) == (try world.log.partitions(of: Topic.orders)))
    #expect(feed.partitions.count > 1)
    #expect(feed.partitions.first?.nextOffset == batch.nextOffset)
  }

  @Test("a run goes on where the last one ended, and reads nothing twice") func resumes() throws {
    let world = try filled()
    let first = try world.pipeline().run(until: .atEnd(nil))
    #expect(first.done == 12)
    #expect(first.total == 12)
    #expect(first.counts == MartCounts(eventsIn: 12, applied: 12))
    let second = try world.pipeline().run(until: .atEnd(nil))
    #expect(second == PipelineProgress(mart: "toy", done: 0, total: 0, counts: MartCounts()))
    try world.add(world.event(world.line(9, quantity: 1), on: orders[2]), to: orders[2])
    try world.cutAll()
    #expect(try world.pipeline().run(until: .atEnd(nil)).done == 1)
  }

  @Test("a position that the log no longer has stops the work and explains") func positionGone() throws {
    let world = try filled()
    let log = BentLog(world.log)
    log.earliest = 2
    let error = try failure(world, log)
    #expect(error?.kind == .positionGone)
    #expect(error?.cause == "the mart needs offset 0 of orders/0, the log begins at 2: a gap of 2")
    #expect(try MartReader(world.directory()).positions().isEmpty)
  }

  @Test("a mart ahead of its log stops") func martAhead() throws {
    let world = try filled()
    try world.project()
    let log = BentLog(world.log)
    log.next = 3
    let error = try failure(world, log)
    #expect(error?.kind == .notThisLog)
    #expect(error?.cause.contains("ahead of the log's end at 3") == true)
  }

  @Test("an exchanged log of equal length is found by its chain") func anchors() throws {
    let world = try filled()
    try world.project()
    let log = BentLog(world.log)
    log.proof = [1, 2, 3]
    #expect(try failure(world, log)?.kind == .notThisLog)
    log.proof = nil
    log.hasOtherBatches = true
    #expect(try failure(world, log)?.kind == .notThisLog)
    log.hasOtherBatches = false
    #expect(try failure(world, log) == nil)
  }

  @Test("another log is refused by its identity") func otherLog() throws {
    let world = try filled()
    try world.project()
    let folder = TemporaryFolder.path + "/other"
    try Files.makeFolder(folder)
    let other = try World(folder)
    let error = #expect(throws: MartError.self) { try world.pipeline(log: other.log) }
    #expect(error?.kind == .notThisLog)
  }

  @Test("a damaged log stops the run; what was read before is kept and counted once") func damagedLog() throws {
    let world = try filled()
    let log = BentLog(world.log)
    log.goodReads = 2
    #expect(try failure(world, log)?.kind == .log)
    #expect(try MartReader(world.directory()).counts() == MartCounts(eventsIn: 8, applied: 8))
    log.goodReads = .max
    #expect(try failure(world, log) == nil)
    #expect(try MartReader(world.directory()).counts() == MartCounts(eventsIn: 12, applied: 12))
  }

  @Test("the wrong master key stops the work instead of emptying the log into quarantine") func wrongKeys() throws {
    let world = try filled()
    try world.add(world.event(world.request("203.0.113.9"), on: weblog[0]), to: weblog[0])
    try world.cutAll()
    try Files.remove(world.folder + "/vault.sqlite")
    let pipeline = try world.pipeline()
    let error = #expect(throws: PipelineError.self) { try pipeline.run(until: .atEnd(nil)) }
    #expect(error?.kind == .privacy)
    #expect(try MartReader(world.directory()).quarantineCounts().isEmpty)
  }

  @Test("only passing faults of a live run are tried again, and not for ever") func recovery() {
    let passing = PipelineError(.mart, mart: "toy", cause: "busy", hint: "", isPassing: true)
    let lasting = PipelineError(.notThisLog, mart: "toy", cause: "", hint: "")
    #expect(Recovery.decide(passing, attempt: 1, isLive: true) == .retry(afterMilliseconds: 1_000))
    #expect(Recovery.decide(passing, attempt: 4, isLive: true) == .retry(afterMilliseconds: 8_000))
    #expect(Recovery.decide(passing, attempt: PipelineLimits.attempts, isLive: true) == .stop)
    #expect(Recovery.decide(passing, attempt: 1, isLive: false) == .stop)
    #expect(Recovery.decide(lasting, attempt: 1, isLive: true) == .stop)
    let full = MartError(.full, mart: "toy", operation: "absorb", cause: "", hint: "")
    #expect(PipelineError(full).isPassing)
    #expect(!PipelineError(MartError(.fenced, mart: "toy", operation: "absorb", cause: "", hint: "")).isPassing)
  }
}

@Suite("Live", .temporaryFolder) struct LiveTests {
  @Test("the partitions of a topic made later are known as soon as one of them is read") func lateTopic() throws {
    let world = try World()
    let folder = world.folder
    var definition = MartDefinition.toy
    definition.sources.append(MartSource(SourceName.platform, topics: [Topic.inventory]))
    let job = MartRuntime.Job(mart: "toy") { [definition] in try World.pipeline(definition, folder: folder) }
    let stop = StopFlag()
    let thread = WorkThread.run("late topic test") { _ = MartRuntime.run([job], until: .whenAsked(stop)) }
    defer {
      stop.ask()
      thread.join()
    }
    // Something to show that the run has looked for its topics once.
    try world.add(world.event(world.line(1, quantity: 1), on: orders[0]), to: orders[0])
    try world.cutAll()
    while ((try? MartReader(world.directory()).positions()[orders[0]]?.nextOffset) ?? 0) < 1 { usleep(10_000) }
    try world.log.ensureTopic(Topic.inventory, partitions: World.partitions)
    let first = TopicPartition(Topic.inventory, 0)
    try world.add(world.event(.heartbeat(Heartbeat(readUpTo: Timestamp(millis: 7))), on: first), to: first)
    try world.cutAll()
    while true {
      let positions = try MartReader(world.directory()).positions()
      guard positions[first]?.nextOffset == 1 else {
        usleep(10_000)
        continue
      }
      #expect(positions.keys.count { $0.topic == Topic.inventory } == Int(World.partitions))
      break
    }
  }

  /// Goal: events become visible soon after their append, with no end of run to push them out, and a stop finishes what is in
  /// hand. Method: append while it runs; a reader polls until it sees them.
  @Test("a live run shows events as they come, also of a topic made later, and stops when asked") func live() throws {
    let world = try World()
    let stop = StopFlag()
    let folder = world.folder
    let job = MartRuntime.Job(mart: "toy") { try World.pipeline(.toy, folder: folder) }
    let ended = Lock<[MartRuntime.Outcome]>([])
    let thread = WorkThread.run("live test") {
      let outcomes = MartRuntime.run([job], until: .whenAsked(stop))
      ended.withLock { $0 = outcomes }
    }
    defer {
      stop.ask()
      thread.join()
      let outcomes = ended.withLock { $0 }
      #expect(outcomes.count == 1)
      #expect((try? outcomes.first?.result.get().done) == 5)
    }
    for id: Int64 in 1...5 {
      try world.add(world.event(world.line(id, quantity: id), on: orders[0]), to: orders[0])
      try world.cutAll()
      var seen: Int64 = 0
      while seen < id {
        // The mart's file may not be there yet.
        seen = (try? MartReader(world.directory()).database.integer("SELECT count(*) FROM toy_lines")) ?? 0
      }
    }
  }

  @Test("marts run side by side, and one that fails leaves the others to their end") func sideBySide() throws {
    let world = try World()
    for id: Int64 in 1...50 { try world.add(world.event(world.line(id, quantity: 1), on: orders[0]), to: orders[0]) }
    try world.cutAll()
    let folder = world.folder
    var second = MartDefinition.toy
    second.name = "second"
    let definition = second
    let outcomes = MartRuntime.run(
      [
        .init(mart: "toy") { try World.pipeline(.toy, folder: folder) },
        .init(mart: "broken") {
          throw MartError(.locked, mart: "broken", operation: "open", cause: "planted", hint: "")
        },
        .init(mart: "second") { try World.pipeline(definition, folder: folder) },
      ], until: .atEnd(nil))
    #expect(outcomes.map(\.mart) == ["toy", "broken", "second"])
    #expect(try outcomes[0].result.get().counts.applied == 50)
    #expect(try outcomes[2].result.get().counts.applied == 50)
    #expect(throws: PipelineError.self) { try outcomes[1].result.get() }
  }
}
