import Entity
import EventLog
import Events
import Foundation
import Marts
import Projections
import SQLite
import TestSupport
import Testing

@testable import Pipeline

@Suite("Guard against crash loops", .temporaryFolder) struct TrapGuardTests {
  private func world() throws -> World {
    let world = try World()
    for id: Int64 in 1...5 {
      try world.add(world.event(world.line(id, product: id == 3 ? 13 : 1, quantity: 1), on: orders[1]), to: orders[1])
    }
    try world.cutAll()
    return world
  }

  /// Runs in a process of its own, as after every crash.
  static func project(_ folder: String, _ surprise: @escaping @Sendable () -> Void) throws {
    let definition = MartDefinition.toy { if $0 == 13 { surprise() } }
    try World.pipeline(definition, folder: folder).run(until: .atEnd(nil))
  }

  /// Goal: a poison event cannot stop a mart for ever. Method: a projection that traps on one event, started three times.
  @Test("an event that traps twice is quarantined unparsed at the third start, the rest is applied")
  func trapsTwice() async throws {
    let world = try world()
    let folder = world.folder
    for _ in 1...2 {
      await #expect(processExitsWith: .failure) { [folder = folder as String] in
        try TrapGuardTests.project(folder) { preconditionFailure("planted") }
      }
      #expect(try MartReader(world.directory()).counts().eventsIn == 0)
    }
    await #expect(processExitsWith: .success) { [folder = folder as String] in
      try TrapGuardTests.project(folder) { preconditionFailure("planted") }
    }
    let reader = try MartReader(world.directory())
    #expect(try reader.counts() == MartCounts(eventsIn: 5, applied: 4, quarantined: 1))
    let entry = try #require(try reader.quarantine(limit: 2).first)
    #expect(entry.reason == "event.trapped")
    #expect(entry.offset == 2)
    #expect(entry.number == 3)
  }

  @Test("kill -9 never counts, however often it comes") func killsDoNotCount() async throws {
    let world = try world()
    let folder = world.folder
    for _ in 1...3 {
      await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
        try TrapGuardTests.project(folder) { kill(getpid(), SIGKILL) }
      }
    }
    try TrapGuardTests.project(folder) {}
    #expect(try MartReader(world.directory()).counts() == MartCounts(eventsIn: 5, applied: 5))
  }

  @Test("traps of two different events do not add up") func differentEvents() throws {
    let path = TemporaryFolder.path + "/x.trap"
    trap(path, orders[0], 7)
    trap(path, orders[0], 8)
    trap(path, orders[1], 7)
    let fresh = try #require(TrapGuard(path: path) { _ in 0 })
    #expect(fresh.poisoned.isEmpty)
  }

  @Test("what was passed meanwhile is forgotten, and a second trap in the other thread counts too") func forgets()
    throws
  {
    let path = TemporaryFolder.path + "/x.trap"
    trap(path, orders[0], 7)
    trap(path, orders[0], 7, .preparing(1))
    #expect(TrapGuard(path: path) { _ in 7 }?.poisoned == [orders[0]: [7]])
    #expect(TrapGuard(path: path) { _ in 8 }?.poisoned == [:])
    #expect(TrapGuard(path: path) { _ in 0 }?.poisoned == [:])
  }

  @Test("a file of other content starts anew") func foreignFile() throws {
    let path = TemporaryFolder.path + "/x.trap"
    try Data(repeating: 7, count: 5_000).write(to: URL(fileURLWithPath: path))
    #expect(TrapGuard(path: path) { _ in 0 }?.poisoned == [:])
  }

  /// What the handler does when a thread traps with an event in hand.
  private func trap(_ path: String, _ partition: TopicPartition, _ offset: Offset, _ place: TrapGuard.Place = .folding)
  {
    let guarding = TrapGuard(path: path) { _ in 0 }
    let slot = guarding?.slot(place)
    slot?.enter(partition)
    slot?.hold(offset)
    slot?.pretendTrap()
  }
}
