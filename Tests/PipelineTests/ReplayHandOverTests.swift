import Concurrency
import Foundation
import Marts
import Projections
import SQLite
import ShopDomain
import ShopMarts
import TestSupport
import Testing

@testable import Pipeline

@Suite("Replaying: going on, and the hand-over", .temporaryFolder) struct ReplayHandOverTests: ReplaySuite {
  @Test("a stopped replay goes on from its last commit") func resume() throws {
    let world = try filled()
    try world.project()
    var setup = world.setup()
    setup.order = .roundRobin(readBytes: 300, flushEvents: 10)
    let stop = setup.stop
    setup.step = { if $0 == .building { stop.ask() } }
    #expect(try failure(setup).kind == .stopped)
    let half = try MartReader(world.directory(), generation: 2).counts().eventsIn
    let all = try MartReader(world.directory()).counts().eventsIn
    #expect(half > 0 && half < all)
    let read = Lock<Int64>(0)
    var again = world.setup()
    again.progress = { progress in read.withLock { $0 = progress.read } }
    let outcome = try replay(again)
    #expect(outcome.generation == 2 && outcome.isSwapped)
    #expect(read.withLock { $0 } == all - half)
  }

  @Test("what was built beside a newer generation is of no use after a rollback") func aheadAfterRollback() throws {
    let world = try filled(100)
    try world.project()
    #expect(try replay(world.setup()).generation == 2)
    var random = SeededGenerator(seed: 9)
    try world.fill(50, &random)
    try world.project()
    // Built up to the newer positions, and refused.
    try Database(world.directory().path(of: 2), .readWrite).execute("UPDATE toy_products SET units = units + 1")
    #expect(try replay(world.setup()).refusal != nil)
    #expect(try GenerationList(world.directory()).building == [3])
    #expect(try Rollback.run(world.directory(), to: nil, identity: nil).to == 1)
    let outcome = try replay(world.setup())
    #expect(outcome.isSwapped && outcome.generation == 4 && outcome.old == 1)
    #expect(outcome.counts.eventsIn == (try MartReader(world.directory(), generation: 2).counts().eventsIn))
  }

  @Test("a projector that does not make way is not pushed aside; the next try goes on") func stuckProjector() throws {
    let world = try filled(50)
    try world.project()
    var setup = world.setup()
    setup.handOverMilliseconds = 30
    let writer = try MartWriter(
      world.directory(), schema: MartDefinition.toy.schema, identity: setup.identity)
    let error = #expect(throws: MartError.self) { try replay(setup) }
    #expect(error?.kind == .locked)
    #expect(try world.directory().currentGeneration() == 1)
    withExtendedLifetime(writer) {}
  }

  /// Goal: 200 swaps under readers and a live projector: no failed read, no mixed one, no step back. Method: events are appended
  /// all the time; each reader holds the sums of two tables of one snapshot against each other, and its counts against those
  /// that it saw before.
  @Test(
    "two hundred swaps under concurrent readers and a live projector: no read fails, mixes or goes back")
  func swaps() throws {
    let world = try filled(100)
    try world.project()
    let folder = world.folder
    let stop = StopFlag()
    let ended = Lock<[MartRuntime.Outcome]>([])
    let projector = WorkThread.run("projector") {
      let job = MartRuntime.Job(mart: "toy", handOver: HandOver(MartDirectory(marts: folder + "/marts", name: "toy"))) {
        try World.pipeline(.toy, folder: folder)
      }
      let outcomes = MartRuntime.run([job], until: .whenAsked(stop))
      ended.withLock { $0 = outcomes }
    }
    let faults = Lock<[String]>([])
    let reads = Lock<Int>(0)
    let generations = Lock<Set<Int>>([])
    let readers = (0..<3).map { number in
      WorkThread.run("reader \(number)") {
        let directory = MartDirectory(marts: folder + "/marts", name: "toy")
        var seen: Int64 = 0
        while !stop.isAsked {
          do {
            let reader = try MartReader(directory)
            let (lines, products, events) = try reader.snapshot { database in
              (
                try database.integer("SELECT sum(quantity) FROM toy_lines") ?? 0,
                try database.integer("SELECT sum(units) FROM toy_products") ?? 0,
                try database.integer("SELECT sum(events_in) FROM millrace_numbers") ?? 0
              )
            }
            if lines != products { faults.withLock { $0.append("mixed: \(lines) \(products)") } }
            if events < seen { faults.withLock { $0.append("went back from \(seen) to \(events)") } }
            seen = events
            generations.withLock { _ = $0.insert(reader.generation) }
          } catch {
            faults.withLock { $0.append("\(error)") }
          }
          reads.withLock { $0 += 1 }
          // Readers that never rest would starve what they look at, on few cores.
          usleep(1_000)
        }
      }
    }
    let swaps = Place.long ? 2_000 : 200
    var random = SeededGenerator(seed: 11)
    do {
      for round in 0..<swaps {
        if round.isMultiple(of: 4) { try world.fill(6, &random) }
        let outcome = try replay(world.setup())
        try #require(outcome.isSwapped, "\(outcome.refusal ?? "")")
      }
    } catch {
      faults.withLock { $0.append("swap: \(error)") }
    }
    stop.ask()
    projector.join()
    for reader in readers { reader.join() }
    let found = faults.withLock { $0 }
    #expect(found.isEmpty, "\(found.count): \(found.prefix(3))")
    #expect(reads.withLock { $0 } > swaps)
    #expect(generations.withLock { $0.count } > 20)
    #expect((try? ended.withLock { $0 }.first?.result.get()) != nil)
    try world.project()
    try world.pipeline(generation: 999_000).run(until: .atEnd(nil))
    #expect(try world.dump() == world.dump(generation: 999_000))
    print("\(reads.withLock { $0 }) reads of \(generations.withLock { $0.count }) generations during \(swaps) swaps")
  }
}
