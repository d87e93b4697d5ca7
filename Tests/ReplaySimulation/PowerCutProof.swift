import EmbeddedLog
import EventLog
import Foundation
import Glibc
import Marts
import Pipeline

/// Both sides of a power cut: a process that captures, projects and replays and writes down what it was promised, and the
/// one that looks, on what the cut left of its disk, whether the promises were kept.
package final class PowerCutProof {
  private let acknowledgements: String
  private let seed: UInt64
  private let workshop: Workshop
  private static let events = 4_000

  /// `acknowledgements`: a file that the cut does not touch.
  package init(folder: String, acknowledgements: String, seed: UInt64) throws {
    self.acknowledgements = acknowledgements
    self.seed = seed
    workshop = try Workshop(folder: folder, agents: nil)
  }

  private func open() throws -> Simulation {
    // Leads show whether their data keys are still there.
    try Simulation(
      seed: seed, workshop: workshop, mart: seed.isMultiple(of: 2) ? .sales : .leads, events: PowerCutProof.events,
      isCalm: true)
  }

  // MARK: Before the cut

  /// Works until the script ends.
  package func write() throws {
    let simulation = try open()
    let descriptor = Glibc.open(acknowledgements, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw simulation.fail("no file for acknowledgements") }
    let note: @Sendable (String) -> Void = { line in
      let bytes = Array("\(line)\n".utf8)
      _ = Glibc.write(descriptor, bytes, bytes.count)
    }
    simulation.line.acknowledged = { ranges in
      for range in ranges { note("append \(range.partition) \(range.nextOffset)") }
    }
    var round = 0
    while simulation.happened < simulation.script.events.count {
      round += 1
      simulation.happened = min(simulation.script.events.count, simulation.happened + 1 + simulation.draw.below(30))
      note("happened \(simulation.happened)")
      try simulation.capture()
      try simulation.project()
      note("mart")
      if round.isMultiple(of: 4) {
        var setup = simulation.makeSetup()
        let directory = simulation.directory
        setup.step = { step in
          if step == .controlled { note("swapping") }
          if step == .swapped {
            note("swapped \((try? directory.currentGeneration()) ?? 0)")
            // Long enough for a cut before anything else is synced.
            usleep(20_000)
          }
        }
        guard try simulation.replay(setup).isSwapped else { throw simulation.fail("a replay was not swapped") }
      }
    }
  }

  // MARK: After the cut

  private struct Promises {
    var ends: [String: Int64] = [:]
    var happened = 0
    var hasMart = false
    var generation = 1
    var isSwapping = false

    init(_ text: String) {
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("append", 3): ends[String(words[1])] = max(ends[String(words[1])] ?? 0, Int64(words[2]) ?? 0)
        case ("happened", 2): happened = Int(words[1]) ?? happened
        case ("mart", 1): hasMart = true
        case ("swapping", 1): isSwapping = true
        case ("swapped", 2):
          generation = Int(words[1]) ?? generation
          isSwapping = false
        default: break
        }
      }
    }
  }

  /// Throws where a promise was broken; says what was there.
  package func check() throws -> String {
    let promises = Promises(try String(contentsOfFile: acknowledgements, encoding: .utf8))
    let simulation = try open()
    let log = simulation.log
    let verified = try log.verify(anchors: [:]) { _, _ in }
    for (name, end) in promises.ends {
      let parts = name.split(separator: "/")
      let partition = TopicPartition(String(parts[0]), Int32(parts[1]) ?? 0)
      let next = try log.bounds(of: partition).next
      guard next >= Offset(end) else { throw simulation.fail("\(name) ends at \(next); acknowledged was \(end)") }
    }
    let served = try checkMart(simulation, promises)
    // Power is back: the same source is read on, and nothing is missing or there twice.
    simulation.happened = promises.happened
    try simulation.capture()
    try simulation.checkQuiet()
    try forgetThisBoot(simulation.directory)
    try simulation.finish()
    return "\(verified.records) records, generation \(served ?? 0)"
  }

  /// The machine was not started anew, as it would be after a cut; half-built generations are told apart by that.
  private func forgetThisBoot(_ directory: MartDirectory) throws {
    for generation in try directory.generations() {
      guard var state = try directory.state(of: generation) else { continue }
      state.bootID = "before the cut"
      try directory.write(state, of: generation)
    }
  }

  /// The generation that is served.
  private func checkMart(_ simulation: Simulation, _ promises: Promises) throws -> Int? {
    let (directory, log) = (simulation.directory, simulation.log)
    guard let current = try directory.currentGeneration() else {
      if promises.hasMart { throw simulation.fail("CURRENT is gone") }
      return nil
    }
    let isNext = promises.isSwapping && current > promises.generation
    guard current == promises.generation || isNext else {
      throw simulation.fail("CURRENT names generation \(current); served was \(promises.generation)")
    }
    let reader = try MartReader(directory)
    let schema = simulation.definition.schema
    let findings = try reader.verify(schema)
    guard findings.isEmpty else { throw simulation.fail("generation \(current): \(findings)") }
    let ends = try reader.positions().mapValues(\.nextOffset)
    for (partition, end) in ends {
      let next = try log.bounds(of: partition).next
      guard end <= next else {
        throw simulation.fail("the mart stands at \(end) of \(partition), the log ends at \(next)")
      }
    }
    // Cut between the file's making and its first batch: there is nothing to compare.
    if ends.isEmpty {
      guard try reader.counts().eventsIn == 0 else { throw simulation.fail("a mart with events has no positions") }
      return current
    }
    // Rows and positions went back together: the same prefix of the log gives the same mart.
    let fresh = try MartReader(directory, generation: simulation.buildPrefix(to: ends))
    guard try fresh.canonicalDump(tables: schema.tables) == reader.canonicalDump(tables: schema.tables) else {
      throw simulation.fail("generation \(current) is not what the log's prefix up to its positions gives")
    }
    return current
  }
}
