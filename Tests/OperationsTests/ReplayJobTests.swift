import Concurrency
import Failures
import Foundation
import Marts
import Operations
import Pipeline
import Projections
import Runs
import ShopMarts
import TestSupport
import Testing
import Workspace

/// Replays, generations and their ledger, as functions.
@Suite("Replay jobs", .temporaryFolder)
struct ReplayJobTests {
  /// Goal: a caller can follow a replay without reading its output. Method: two marts; the news of each come in order, and the
  /// ledger says the same.
  @Test("a replay of two marts tells what it does in order, and enters the ledger") func replay() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let news = Heard()
    let marts = [MartDefinition.sales, .leads]
    let job = try ReplayJob(ReplayRequest(marts), world.workspace, stop: StopFlag()) { told in
      switch told {
      case .resumes: news.add("resumes")
      case .progress: break
      case .prepared(let outcome): news.add("prepared \(outcome.mart)")
      case .ended(let outcome): news.add("ended \(outcome.mart)")
      }
    }
    #expect(try job.preflight().allSatisfy { $0.problems.isEmpty && $0.events > 0 })
    let outcomes = try job.run()
    #expect(news.all == ["prepared sales", "prepared leads", "ended sales", "ended leads"])
    for outcome in outcomes {
      #expect(outcome.isSwapped && outcome.generation == 2 && outcome.comparison?.isEqual == true, "\(outcome.mart)")
    }
    let records = try RunHistory.read(world.workspace, .replay, limit: 10)
    #expect(Set(records.map(\.job)) == ["replay sales", "replay leads"])
    #expect(
      records.allSatisfy { $0.state == .finished && $0.counts["swapped to"] == 2 && $0.counts["progress.total"] != nil }
    )
    #expect(try world.status().isHealthy)
  }

  @Test("generations are listed, compared, gone back to and deleted") func generations() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    _ = try ReplayJob(ReplayRequest([.leads]), world.workspace, stop: StopFlag()).run()
    let generations = Generations(of: .leads, in: world.workspace)
    #expect(try generations.list().map(\.role) == [.kept, .current])
    #expect(try generations.list().allSatisfy { $0.projections?.count == 1 && ($0.eventsIn ?? 0) > 0 })
    #expect(try generations.compare(1, with: 2).isEqual)
    let back = try generations.rollBack(to: nil)
    #expect(back.from == 2 && back.to == 1 && back.foreign.isEmpty)
    #expect(try generations.list().map(\.role) == [.current, .kept])
    let current = try #require(throws: Failure.self) { try generations.delete(1) }
    #expect(current.kind == .usage && current.message.contains("being served"))
    let missing = try #require(throws: Failure.self) { try generations.delete(9) }
    #expect(missing.kind == .usage && missing.message.contains("no generation 9"))
    try generations.delete(2)
    #expect(try generations.list().map(\.number) == [1])
  }

  @Test("a stopped replay throws, is in the ledger as failed, and goes on from there") func stopped() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let stop = StopFlag()
    stop.ask()
    #expect(throws: ReplayError.self) { try ReplayJob(ReplayRequest([.sales]), world.workspace, stop: stop).run() }
    #expect(try RunHistory.read(world.workspace, limit: 1).first?.state == .failed)
    #expect(try ReplayJob(ReplayRequest([.sales]), world.workspace, stop: StopFlag()).run().first?.isSwapped == true)
  }
}

// Unchecked: `sentences` is touched under the lock only.
final class Heard: @unchecked Sendable {
  private let lock = NSLock()
  private var sentences: [String] = []
  func add(_ sentence: String) { lock.withLock { sentences.append(sentence) } }
  var all: [String] { lock.withLock { sentences } }
}
