internal import Concurrency
internal import EventLog
internal import Files
internal import Marts
internal import Projections

/// Builds a mart's next generation from the log, holds it against the one being served, and puts it in its place, while
/// projecting and reading go on.
///
/// `prepare` builds and checks; `handOver` swaps. Ended at any moment, the same calls go on from the last commit. A
/// rebuild is an ordinary `MartPipeline` on a log that ends where the old generation stands (`LogPrefix`). Calls block;
/// one thread.
///
/// Side effects of a mart (alerts, exports) would hang behind `handOver` alone: nothing but the generation that is
/// served may cause any.
package final class Replay {
  let setup: Setup
  private let lock: LockFile?
  private var outcome: ReplayOutcome
  /// Commits of a generation that was once whole on disk must not damage it at a power cut.
  private var durability = MartWriter.Durability.building
  private let meter: ReplayMeter
  private let telemetry: PipelineTelemetry

  var mart: String { setup.definition.name }
  var directory: MartDirectory { setup.directory }
  var holdsLock: Bool { lock != nil }

  /// Takes the mart's replay lock where it is free; `preflight` tells when it is not.
  package init(_ setup: Setup) throws {
    var setup = setup
    let mart = setup.definition.name
    let meter = ReplayMeter(mart, setup.progress)
    let telemetry = PipelineTelemetry(mart, setup.logger, setup.metrics)
    setup.step = { [step = setup.step] reached in
      telemetry.reached(reached, generation: meter.generation)
      step(reached)
    }
    self.setup = setup
    self.meter = meter
    self.telemetry = telemetry
    lock = try setup.directory.lockForReplay()
    outcome = ReplayOutcome(mart: mart, generation: 0)
  }

  // MARK: Building and checking

  /// Builds the generation up to where the old one stands (or the limit), compares and verifies it. What speaks against
  /// putting it to use stands in the outcome's `refusal`.
  package func prepare() throws -> ReplayOutcome {
    let found = try preflight()
    guard holdsLock else {
      throw ReplayError(
        .busy, mart: mart, cause: "another replay or rollback of this mart is at work", hint: "wait for it, or stop it")
    }
    guard found.problems.isEmpty else {
      throw ReplayError(
        .preflight, mart: mart, cause: found.problems.joined(separator: "; "), hint: "nothing was changed")
    }
    // What was asked for must make sense before anything is made.
    let limit = try limitEnds()
    setup.step(.preflight)
    try directory.cleanLeftovers(bootID: BootID.current)
    outcome.isDetached = setup.until != nil
    outcome.notes = found.notes
    outcome.old = outcome.isDetached ? nil : found.oldGeneration
    let old = try readableOld()
    try choose(old)
    if let limit {
      try build(to: limit)
      setup.step(.aligned)
    } else if let old {
      try buildBeside(old)
    } else {
      try build(to: try ends(of: try setup.openLog()))
      setup.step(.aligned)
    }
    try seal()
    try readResult()
    outcome.refusal = outcome.isDetached ? nil : refusal()
    if outcome.refusal != nil {
      telemetry.refused(
        outcome.generation, differingTables: outcome.comparison?.differingTables.count ?? 0)
    }
    return outcome
  }

  /// The generation being served, where the new one can be held against it.
  private func readableOld() throws -> Int? {
    guard let old = outcome.old else { return nil }
    do throws(MartError) {
      let reader = try MartReader(directory, generation: old)
      _ = try reader.positions()
      // Another log's offsets mean nothing here.
      return try reader.identity().parts["log"] == setup.identity.parts["log"] ? old : nil
    } catch {
      guard error.kind == .missing || error.kind == .damaged else { throw error }
      return nil
    }
  }

  /// The generation to go on with, or a new one, announced.
  private func choose(_ old: Int?) throws {
    let purpose: GenerationState.Purpose = outcome.isDetached ? .detached : .replacement
    let reader = try old.map { try MartReader(directory, generation: $0) }
    if let building = try resumable(reader), let state = try directory.state(of: building) {
      outcome.generation = building
      durability = state.phase == .verified ? .live : .building
    } else {
      if purpose == .replacement {
        for building in try GenerationList(directory).building { try directory.delete(building) }
      }
      outcome.generation = try directory.nextGeneration()
      try directory.write(
        GenerationState(
          purpose: purpose, phase: .building, bootID: BootID.current, until: setup.until?.text ?? "",
          snapshot: snapshotText),
        of: outcome.generation)
    }
    meter.generation = outcome.generation
    setup.step(.announced)
    try takeSnapshot(outcome.generation)
  }

  /// A generation that an earlier replay began for the same purpose and that can be trusted and is not ahead.
  func resumable(_ old: MartReader?) throws -> Int? {
    let list = try GenerationList(directory)
    let candidates = setup.until == nil ? list.building : list.detached
    let limits = setup.until == nil ? try? old?.positions().mapValues(\.nextOffset) : nil
    return try candidates.last { building in
      guard let state = try directory.state(of: building), state.isSound(bootID: BootID.current),
        state.until == setup.until?.text ?? "", state.snapshot == snapshotText,
        let reader = try? MartReader(directory, generation: building),
        let identity = try? reader.identity(), identity == setup.identity,
        let positions = try? reader.positions()
      else { return false }
      // After a rollback the mart stands behind what was built beside the newer generation.
      guard let limits else { return true }
      return positions.allSatisfy { $0.value.nextOffset <= limits[$0.key] ?? .first }
    }
  }

  private func limitEnds() throws -> [TopicPartition: Offset]? {
    guard let until = setup.until else { return nil }
    let log = try setup.openLog()
    return try until.limit.ends(log, of: try partitions(of: log), mart: mart)
  }

  /// Comes near the old generation first, which goes on living meanwhile; then stands exactly where a snapshot of it
  /// does.
  private func buildBeside(_ old: Int) throws {
    for _ in 0..<ReplayLimits.catchUpRounds {
      let target = try ends(of: old)
      try build(to: target)
      let behind = try ends(of: old).reduce(0) { $0 + (target[$1.key] ?? .first).distance(to: $1.value) }
      if behind <= ReplayLimits.snapshotLagEvents { break }
    }
    setup.step(.caughtUp)
    let reader = try MartReader(directory, generation: old)
    do {
      try reader.holdingSnapshot {
        try build(to: try reader.positions().mapValues(\.nextOffset))
        setup.step(.aligned)
        let new = try MartReader(directory, generation: outcome.generation)
        outcome.comparison = try new.holdingSnapshot {
          try MartComparison.compare(reader, new, tables: setup.definition.schema.tables)
        }
      }
    } catch let error as MartError where error.kind == .damaged {
      // Which of the two it is decides the verification of the new one, which follows.
      outcome.comparison = nil
      outcome.notes.append("generation \(old) is damaged, so nothing was compared: \(error.cause)")
    }
    if outcome.comparison?.isEqual == false { try explain(old) }
    setup.step(.compared)
  }

  /// Differences under equal rules mean that one of the two is wrong; what the old one says of itself helps to tell
  /// which.
  private func explain(_ old: Int) throws {
    let findings = try MartReader(directory, generation: old).verify(
      setup.definition.schema, isOther: outcome.comparison?.identity.isEmpty == false)
    for finding in findings { outcome.notes.append("generation \(old), \(finding)") }
    if findings.contains(where: { $0.hasPrefix("integrity check") }) { outcome.comparison = nil }
  }

  /// Runs the pipeline on the log's prefix that ends there.
  private func build(to ends: [TopicPartition: Offset]) throws {
    let prefix = LogPrefix(try setup.openLog(), ends: ends) { [meter] in meter.note($0, from: $1, to: $2) }
    let writer = try MartWriter(
      directory, generation: outcome.generation, schema: setup.definition.schema, identity: setup.identity,
      durability: durability)
    meter.begin(ends, at: try writer.ledger().positions.mapValues(\.nextOffset))
    let began = StopFlag()
    let step = setup.step
    let pipeline = MartPipeline(
      definition: setup.definition, log: prefix, writer: writer, tokenizer: setup.tokenizer, domain: setup.domain,
      order: setup.order, workers: setup.workers, logger: setup.logger, metrics: setup.metrics
    ) { progress in
      if progress.counts.eventsIn > 0, !began.isAsked {
        began.ask()
        step(.building)
      }
    }
    try pipeline.run(until: .atEnd(setup.stop))
    if setup.stop.isAsked { throw stopped }
  }

  private var stopped: ReplayError {
    ReplayError(
      .stopped, mart: mart, cause: "it was asked to",
      hint: "the same command goes on with generation \(outcome.generation)")
  }

  // MARK: Sealing

  /// Moves the write-ahead log into the file, verifies it, and makes it durable.
  private func seal() throws {
    do {
      let writer = try MartWriter(
        directory, generation: outcome.generation, schema: setup.definition.schema, identity: setup.identity,
        durability: durability)
      guard try (0..<ReplayLimits.checkpointTries).contains(where: { _ in try writer.close() }) else {
        throw ReplayError(
          .verification, mart: mart, cause: "somebody reads generation \(outcome.generation) all the time",
          hint: "end that report; then the same command again")
      }
    }
    setup.step(.checkpointed)
    let findings = try MartReader(directory, generation: outcome.generation).verify(
      setup.definition.schema, positions: meter.ends)
    guard findings.isEmpty else {
      throw ReplayError(
        .verification, mart: mart,
        cause: "generation \(outcome.generation) is not as it must be: \(findings.joined(separator: "; "))",
        hint: "the old generation stays in use; please report this, with the log if you can")
    }
    setup.step(.verified)
    try directory.sync(outcome.generation)
    try directory.write(
      GenerationState(
        purpose: outcome.isDetached ? .detached : .replacement, phase: .verified, bootID: BootID.current,
        until: setup.until?.text ?? "", snapshot: snapshotText), of: outcome.generation)
    durability = .live
    setup.step(.sealed)
  }

  private func readResult() throws {
    let reader = try MartReader(directory, generation: outcome.generation)
    outcome.positions = try reader.positions().mapValues(\.nextOffset)
    outcome.counts = try reader.counts()
    outcome.began = meter.began
  }

  // MARK: The verdict

  /// "orders@2": the projection `orders`, or another part of the identity, stands at 2 in the new generation.
  func accepts(_ accepted: String) -> Bool {
    setup.identity.parts.contains { "\(GenerationIdentity.shortName(of: $0.key))@\($0.value)" == accepted }
  }

  private var acceptedNames: Set<String> { Set(setup.accept.map { String($0.prefix { $0 != "@" }) }) }

  /// Why the new generation must not take the old one's place by itself; nil: it may.
  private func refusal() -> String? {
    guard let old = outcome.old else { return nil }
    guard let comparison = outcome.comparison else { return refusalUncompared(old) }
    if comparison.isEqual { return nil }
    let unexplained = comparison.differingTables.filter { !isAccepted($0) }
    if unexplained.isEmpty { return nil }
    let owners = setup.definition.tableOwners
    let changed = comparison.identity.map { GenerationIdentity.shortName(of: $0.part) }
    // Where only the books differ, it is the changed rule that is to be accepted.
    let owning = Set(unexplained.compactMap { owners[$0] })
    let names = owning.isEmpty ? Set(changed) : owning
    let accepting = setup.identity.parts.sorted { $0.key < $1.key }
      .filter {
        names.isEmpty ? $0.key.hasPrefix("projection.") : names.contains(GenerationIdentity.shortName(of: $0.key))
      }
      .map { "\(GenerationIdentity.shortName(of: $0.key))@\($0.value)" }
    let isSameRule = comparison.identity.isEmpty
    return "it differs in \(unexplained.joined(separator: ", "))"
      + (isSameRule ? " although nothing that it is made from has changed: one of the two is wrong" : "")
      + "; both are kept. Look with `millrace diff \(mart) \(old) \(outcome.generation)`; to put generation "
      + "\(outcome.generation) to use: `millrace replay \(mart) --accept \(accepting.joined(separator: ","))`"
  }

  /// What cannot be compared is replaced when it is broken, but not when it belongs to another log.
  private func refusalUncompared(_ old: Int) -> String? {
    guard let reader = try? MartReader(directory, generation: old), let identity = try? reader.identity(),
      let log = identity.parts["log"], log != setup.identity.parts["log"], !acceptedNames.contains("log")
    else { return nil }
    return
      "generation \(old) was fed from log \(log), this one from another, so they cannot be compared; both are kept. To put "
      + "generation \(outcome.generation) to use: `millrace replay \(mart) --accept log@\(setup.identity.parts["log"] ?? "")`"
  }

  /// The books (numbers, quarantine) belong to whoever's rule has changed.
  private func isAccepted(_ table: String) -> Bool {
    if let owner = setup.definition.tableOwners[table] { return acceptedNames.contains(owner) }
    let changed = (outcome.comparison?.identity ?? []).map { GenerationIdentity.shortName(of: $0.part) }
    return changed.isEmpty ? !acceptedNames.isEmpty : !acceptedNames.isDisjoint(with: changed)
  }

  // MARK: The swap

  /// Puts the prepared generation to use. A live projector makes way for the moment and goes on in the new generation.
  package func handOver() throws -> ReplayOutcome {
    guard outcome.generation > 0, !outcome.isDetached, outcome.refusal == nil else { return outcome }
    let asked = try? directory.currentGeneration()
    do {
      try swap(asked)
    } catch let error as MartError where error.kind == .locked && setup.stop.isAsked {
      throw stopped
    }
    outcome.deleted = try directory.retire(keeping: MartLimits.keptGenerations)
    try directory.cleanLeftovers(bootID: BootID.current)
    setup.step(.retired)
    return outcome
  }

  private func swap(_ asked: Int?) throws {
    try HandOver(directory).ask(
      of: asked ?? outcome.old ?? 1, withinMilliseconds: setup.handOverMilliseconds, stop: setup.stop
    ) { madeWay in
      setup.step(.handedOver)
      guard try outcome.old != nil || directory.currentGeneration() == nil else {
        throw ReplayError(
          .busy, mart: mart, cause: "a projector built the mart meanwhile", hint: "the same command compares the two")
      }
      if outcome.comparison != nil, let old = outcome.old { try applyTail(of: old) }
      setup.step(.controlled)
      try directory.makeCurrent(outcome.generation)
      outcome.isSwapped = true
      setup.step(.swapped)
      try directory.removeState(of: outcome.generation)
      setup.step(.unmarked)
      // Nobody else would bring it to the log's end.
      if !madeWay { try build(to: try ends(of: try setup.openLog())) }
      try readResult()
    }
  }

  /// The old generation stands still now: the new one is brought to exactly there, and both are summed up.
  private func applyTail(of old: Int) throws {
    try build(to: try ends(of: old))
    setup.step(.tailApplied)
    let tables = setup.definition.schema.tables
    let (left, right) = (
      try MartReader(directory, generation: old), try MartReader(directory, generation: outcome.generation)
    )
    let (before, after) = (try left.controlSums(of: tables), try right.controlSums(of: tables))
    let differing = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] && !isAccepted($0) }.sorted()
    guard differing.isEmpty else {
      throw ReplayError(
        .verification, mart: mart,
        cause: "in the moment of the swap the generations differ in \(differing.joined(separator: ", "))",
        hint: "nothing was swapped; the same command compares them anew")
    }
  }

  // MARK: Where things end

  func partitions(of log: any LogReader) throws -> [TopicPartition] {
    try setup.definition.topics.flatMap { try log.partitions(of: $0) }.sorted()
  }

  private func ends(of log: any LogReader) throws -> [TopicPartition: Offset] {
    var ends: [TopicPartition: Offset] = [:]
    for partition in try partitions(of: log) { ends[partition] = try log.bounds(of: partition).next }
    return ends
  }

  private func ends(of generation: Int) throws -> [TopicPartition: Offset] {
    try MartReader(directory, generation: generation).positions().mapValues(\.nextOffset)
  }
}
