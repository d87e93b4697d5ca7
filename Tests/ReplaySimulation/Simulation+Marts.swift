import EmbeddedLog
import Enrichment
import EventLog
import Foundation
import Marts
import Pipeline
import Privacy
import Projections
import ShopDomain

/// Projecting, replaying and going back under faults.
extension Simulation {
  private var identity: GenerationIdentity {
    definition.identity(logID: log.logID, tokenVersion: workshop.keyring.tokenVersion, derivedFacts: [:])
  }

  private var tokenizer: @Sendable () throws(PrivacyError) -> Tokenizer {
    let workshop = workshop
    return { () throws(PrivacyError) in try workshop.tokenizer() }
  }

  private var enricher: @Sendable () -> Enricher? {
    guard script.mart == .traffic else { return { nil } }
    let workshop = workshop
    return { workshop.enricher() }
  }

  private func makeOrder() -> ReadOrder {
    .seeded(draw.next(), readBytes: 1 + draw.below(6_000), flushEvents: 1 + draw.below(25))
  }

  // MARK: The live mart

  private func makePipeline() throws -> MartPipeline {
    let reader = SabotagedLog(log, saboteur)
    return MartPipeline(
      definition: definition, log: reader,
      writer: try MartWriter(directory, schema: definition.schema, identity: identity), tokenizer: tokenizer,
      domain: .shop(enricher: enricher), order: makeOrder(), workers: draw.chance(25) ? 2 : 1)
  }

  /// Projects to the log's end, starting anew after each crash, as another process would.
  func project() throws {
    for attempt in 0..<20 {
      var planned: Fault?
      if attempt < 3 {
        if wants(.crashBeforeCommit, percent: 15) { planned = .crashBeforeCommit }
        if wants(.crashAfterCommit, percent: 10) { planned = .crashAfterCommit }
        if wants(.zombieWriter, percent: 4) { planned = .zombieWriter }
      }
      switch planned {
      case .crashBeforeCommit: saboteur.plan(flushes: 0)
      case .crashAfterCommit: saboteur.plan(flushes: 1 + draw.below(3))
      case .zombieWriter: saboteur.plan(afterCommits: draw.below(2)) { [self] in replaceWriter() }
      default: saboteur.plan()
      }
      do {
        try makePipeline().run(until: .atEnd(nil))
        saboteur.plan()
        saboteur.forgetCommits()
        return
      } catch let error as PipelineError {
        saboteur.forgetCommits()
        let crashes = saboteur.takeCount()
        if let planned, crashes > 0 { suffer(planned, crashes) } else if error.kind != .fenced { throw error }
      }
    }
    throw fail("projecting did not come to an end")
  }

  /// Another process takes the mart over from one that is paused and has lost its lock.
  private func replaceWriter() {
    suffer(.zombieWriter)
    let done = DispatchSemaphore(value: 0)
    let thread = Thread { [self] in
      do {
        let generation = try directory.currentGeneration() ?? 1
        try FileManager.default.removeItem(atPath: directory.lockPath(of: generation))
        try makePipeline().run(until: .atEnd(nil))
      } catch {
        replacementError = error
      }
      done.signal()
    }
    thread.start()
    done.wait()
  }

  // MARK: Replays

  func makeSetup() -> Replay.Setup {
    let (log, saboteur) = (log, saboteur)
    var setup = Replay.Setup(
      definition: definition, directory: directory, identity: identity,
      openLog: {
        try saboteur.open()
        return SabotagedLog(log, saboteur)
      }, tokenizer: tokenizer, domain: .shop(enricher: enricher), order: makeOrder(),
      workers: draw.chance(25) ? 2 + draw.below(2) : 1)
    setup.handOverMilliseconds = 100
    return setup
  }

  func replay(_ setup: Replay.Setup) throws -> ReplayOutcome {
    let replay = try Replay(setup)
    _ = try replay.prepare()
    return try replay.handOver()
  }

  /// A replay that may be ended and begun anew, with events that come meanwhile.
  @discardableResult
  func replayOnce() throws -> ReplayOutcome {
    for attempt in 0..<20 {
      var setup = makeSetup()
      saboteur.plan()
      var planned: Fault?
      if attempt < 2 {
        if wants(.crashInRebuild, percent: 25) { planned = .crashInRebuild }
        if wants(.crashInSwap, percent: 15) { planned = .crashInSwap }
      }
      if planned == .crashInRebuild {
        switch draw.below(3) {
        case 0: saboteur.plan(flushes: draw.below(3))
        case 1: saboteur.plan(openings: draw.below(4))
        default:
          // Where several threads read, chance would decide which read is the one.
          setup.workers = 1
          saboteur.plan(reads: draw.below(3))
        }
      }
      let eventsAt: Set<ReplayStep> =
        wants(.eventsDuringReplay, percent: 30) ? [draw.pick([.caughtUp, .aligned, .compared]), .sealed] : []
      let crashAt: ReplayStep? = planned == .crashInSwap ? draw.pick([.sealed, .handedOver, .controlled]) : nil
      let watch = StepWatch()
      setup.step = { [self] step in
        do {
          if eventsAt.contains(step) { try happenMore() }
          if step == .swapped { try refuseStepBack() }
        } catch { watch.error = error }
        if step == crashAt { saboteur.plan(openings: 0) }
      }
      do {
        let outcome = try replay(setup)
        saboteur.plan()
        if let error = watch.error { throw error }
        guard outcome.isSwapped, outcome.comparison?.isEqual == true else {
          throw fail("a replay was not swapped: \(outcome.refusal ?? "not equal")")
        }
        return outcome
      } catch {
        if let error = watch.error { throw error }
        let crashes = saboteur.takeCount()
        guard let planned, crashes > 0 else { throw error }
        suffer(planned, crashes)
        guard try directory.currentGeneration() != nil else { throw fail("no CURRENT after a crash") }
      }
    }
    throw fail("replaying did not come to an end")
  }

  private final class StepWatch: @unchecked Sendable { var error: (any Error)? }

  /// The live mart goes on while its successor is built.
  private func happenMore() throws {
    guard happened < script.events.count else { return }
    suffer(.eventsDuringReplay)
    happened = min(script.events.count, happened + 1 + draw.below(5))
    try capture()
    // A crash here would not be the replay's.
    saboteur.plan()
    let writer = try MartWriter(directory, schema: definition.schema, identity: identity)
    try MartPipeline(
      definition: definition, log: log, writer: writer,
      tokenizer: tokenizer, domain: .shop(enricher: enricher), order: makeOrder(), workers: 1
    ).run(until: .atEnd(nil))
  }

  /// Readers must never see a swap take anything back.
  private func refuseStepBack() throws {
    let generations = try directory.generations()
    guard let new = try directory.currentGeneration(), let old = generations.last(where: { $0 < new }) else { return }
    let after = try MartReader(directory, generation: new).positions()
    for (partition, position) in try MartReader(directory, generation: old).positions() {
      let now = after[partition]?.nextOffset ?? 0
      guard now >= position.nextOffset else {
        throw fail("the swap to generation \(new) goes back in \(partition) from \(position.nextOffset) to \(now)")
      }
    }
  }

  func rollBack() throws {
    let outcome = try Rollback.run(directory, to: nil, identity: identity, withinMilliseconds: 100)
    guard try directory.currentGeneration() == outcome.to else { throw fail("the rollback left another generation") }
    suffer(.rollback)
    try project()
  }

  /// A generation that ends where we say holds exactly so much and is not served.
  func buildPrefix() throws {
    var ends: [TopicPartition: Offset] = [:]
    for topic in definition.topics {
      for partition in try log.partitions(of: topic) {
        ends[partition] = Offset(Int64(draw.below(Int(try log.bounds(of: partition).count) + 1)))
      }
    }
    try buildPrefix(to: ends)
    suffer(.detachedPrefix)
  }

  /// The generation's number.
  @discardableResult
  func buildPrefix(to ends: [TopicPartition: Offset]) throws -> Int {
    let text = ends.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    let total = ends.values.reduce(0) { $0 + $1.rawValue }
    guard let limit = ReplayLimit(text) else { throw fail("no limit: \(text)") }
    var setup = makeSetup()
    setup.until = (limit, text)
    let served = try directory.currentGeneration()
    let outcome = try replay(setup)
    guard outcome.isDetached, !outcome.isSwapped, outcome.counts.eventsIn == total, outcome.counts.balances,
      try directory.currentGeneration() == served
    else { throw fail("a detached generation of \(total) events holds \(outcome.counts.eventsIn)") }
    return outcome.generation
  }
}
