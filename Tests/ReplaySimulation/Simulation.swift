import Capture
import EmbeddedLog
import Enrichment
import Entity
import EventLog
import Events
import Foundation
import Marts
import Money
import Pipeline
import Privacy
import Projections

/// The whole road in one process, from a scripted source through capture, log and pipeline into a mart, with replays and
/// swaps, under faults that the seed decides. Whatever happens, in the end the live mart, the replayed mart and an auditor
/// that knows only the script must agree.
final class Simulation: @unchecked Sendable {
  let seed: UInt64
  let workshop: Workshop
  let folder: String
  let script: Script
  let partitions: Int32
  let log: EmbeddedLog
  let line: UnreliableLog
  let audit: Audit
  let saboteur = Saboteur()
  let definition: MartDefinition
  let directory: MartDirectory
  var draw: Draw
  var suffered: FaultCounts = [:]
  /// Events of the script that have happened so far.
  var happened = 0
  /// What went wrong on another thread.
  var replacementError: (any Error)?
  /// The kind that this seed must suffer.
  let forced: Fault

  /// Nothing is planned to go wrong here: somebody else sees to that.
  let isCalm: Bool

  /// `events`, `mart` nil: as the seed says.
  init(
    seed: UInt64, workshop: Workshop, mart given: Script.Mart? = nil, events: Int? = nil, isCalm: Bool = false
  ) throws {
    self.seed = seed
    self.workshop = workshop
    self.isCalm = isCalm
    folder = "\(workshop.folder)/seed-\(seed)"
    draw = Draw(seed)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let count = 20 + draw.below(45)
    let mart =
      given ?? [Script.Mart.sales, .traffic, .sales, .traffic, .sales, .traffic, .sales, .leads][Int(seed % 8)]
    script = Script(mart, count: events ?? count, &draw)
    partitions = Int32(1 + draw.below(3))
    log = try EmbeddedLog(folder: folder + "/log")
    line = UnreliableLog(log)
    definition = mart.sabotaged(by: saboteur)
    directory = MartDirectory(marts: folder + "/marts", name: definition.name)
    audit = try Audit(
      script, Tokenizer(workshop.keyring, version: workshop.keyring.tokenVersion, vault: workshop.vault))
    // By rows of eight, so that each kind meets each mart.
    forced = Fault.allCases[Int((seed / 8 &+ seed) % UInt64(Fault.allCases.count))]
  }

  /// Runs one seed in a folder of its own and removes it. Throws `SimulationFailure`. Returns what was suffered.
  static func run(seed: UInt64, in workshop: Workshop) throws -> FaultCounts {
    let folder = "\(workshop.folder)/seed-\(seed)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      return try Simulation(seed: seed, workshop: workshop).run()
    } catch let failure as SimulationFailure {
      throw failure
    } catch {
      throw SimulationFailure(seed: seed, what: "\(error)")
    }
  }

  func fail(_ what: String) -> SimulationFailure { SimulationFailure(seed: seed, what: what) }

  func suffer(_ fault: Fault, _ count: Int = 1) { if count > 0 { suffered[fault, default: 0] += count } }

  /// Whether a kind is to happen now: the forced one until it has, others now and then.
  func wants(_ fault: Fault, percent: Int) -> Bool {
    let isChance = draw.chance(percent)
    return !isCalm && (isChance || (fault == forced && suffered[fault] == nil))
  }

  private func run() throws -> FaultCounts {
    try advance(to: script.events.count / 2)
    if draw.chance(50) { try checkQuiet() }
    if draw.chance(40) || [.eventsDuringReplay, .rollback, .detachedPrefix].contains(forced) {
      try replayOnce()
      try advance(to: script.events.count * 3 / 4)
      if wants(.rollback, percent: 40) { try rollBack() }
      if wants(.detachedPrefix, percent: 25) { try buildPrefix() }
    }
    try advance(to: script.events.count)
    try checkQuiet()
    try finish()
    // What was planned need not have come to pass.
    if suffered.isEmpty, line.suffered.isEmpty { try rollBack() }
    for (fault, count) in line.suffered { suffer(fault, count) }
    if script.late > 0 { suffer(.lateEvent, script.late) }
    if let replacementError { throw replacementError }
    guard suffered.contains(where: { $0.key != .lateEvent }) else { throw fail("suffered nothing") }
    return suffered
  }

  // MARK: Steps

  /// More of the script happens; capture and projector run until both have it.
  func advance(to end: Int) throws {
    while happened < end {
      happened = min(end, happened + 1 + draw.below(script.events.count / 2))
      try capture()
      try project()
    }
  }

  /// Whether nothing was lost, doubled or changed, when nothing is under way.
  func checkQuiet() throws {
    try line.deliver()
    try project()
    let reader = try MartReader(directory)
    let (records, different) = try countRecords()
    if let fault = try audit.fault(in: reader, after: happened, records: records, different: different) {
      throw fail(fault)
    }
  }

  /// A replay, and the three-way comparison: live = replayed = auditor.
  func finish() throws {
    let outcome = try replayOnce()
    guard let live = outcome.old else { throw fail("nothing was replaced") }
    let replayed = try MartReader(directory)
    guard replayed.generation == outcome.generation, replayed.generation != live else {
      throw fail("CURRENT names generation \(replayed.generation)")
    }
    let tables = definition.schema.tables
    guard
      try replayed.canonicalDump(tables: tables)
        == MartReader(directory, generation: live).canonicalDump(tables: tables)
    else { throw fail("the dumps of live generation \(live) and replayed generation \(replayed.generation) differ") }
    let (records, different) = try countRecords()
    if let fault = try audit.fault(in: replayed, after: happened, records: records, different: different) {
      throw fail(fault)
    }
  }

  /// All records of the log, and how many numbers are among them.
  private func countRecords() throws -> (records: Int64, different: Int64) {
    var records: Int64 = 0
    var different: Int64 = 0
    for topic in definition.topics {
      for partition in try log.partitions(of: topic) {
        let bounds = try log.bounds(of: partition)
        records += bounds.count
        var numbers: Set<UInt64> = []
        var offset = bounds.earliest
        while offset < bounds.next {
          let batch = try log.read(partition, from: offset, maximumBytes: 1 << 20)
          for record in batch.records {
            guard let range = record.origin else { throw fail("a record without origin") }
            numbers.insert(try EventOrigin(decoding: batch.bytes.span.extracting(range)).number)
          }
          guard let next = batch.nextOffset else { break }
          offset = next
        }
        different += Int64(numbers.count)
        guard numbers.isEmpty || numbers.max() == UInt64(numbers.count) else {
          throw fail("\(partition) lacks numbers")
        }
      }
    }
    return (records, different)
  }
}
