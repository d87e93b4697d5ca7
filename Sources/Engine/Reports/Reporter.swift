internal import EventLog
package import Marts
package import Money
internal import SQLite

/// Answers questions from the marts of one workspace. Opens what a report needs, reads it in one snapshot per mart,
/// closes it. Calls block.
package struct Reporter: Sendable {
  private let marts: String
  private let baseCurrency: Currency
  private let freshnessLimitSeconds: Int64
  private let sources: [String: [MartSource]]
  private let generations: [String: Int]
  private let quarantine: QuarantineRules
  private let breaks: [String: [String]]
  private let placeholders: [String]

  /// `marts`: the folder of all marts. `sources`: whom each mart depends on; the age of a mart that is not among them
  /// is unknown, and a mart with an empty list has none: its sources are switched off. The limit is at most the users'
  /// own (60 minutes). `generations`: marts to be read from another generation than the current one. `quarantine`:
  /// which events in quarantine still count. `placeholders`: see `ReportQuestion`.
  package init(
    marts: String, sources: [String: [MartSource]], baseCurrency: Currency = .usd, freshnessLimitSeconds: Int64? = nil,
    generations: [String: Int] = [:], quarantine: QuarantineRules = QuarantineRules(),
    breaks: [String: [String]] = [:], placeholders: [String] = []
  ) {
    self.placeholders = placeholders
    self.marts = marts
    self.generations = generations
    self.quarantine = quarantine
    self.breaks = breaks
    self.sources = sources
    self.baseCurrency = baseCurrency
    self.freshnessLimitSeconds = min(
      freshnessLimitSeconds ?? ReportLimits.freshnessSeconds, ReportLimits.freshnessSeconds)
  }

  /// Answers one question. `now` decides the age and nothing else. Blocks.
  ///
  /// Throws `.usage` for what the report cannot honour, `.mart` for a mart that cannot be read, and `.versions` when
  /// the tokens of its marts do not match.
  package func report(_ request: ReportRequest, now: Timestamp) throws(ReportError) -> Report {
    try request.validate()
    var readers: [MartReader] = []
    for name in request.report.marts {
      do {
        readers.append(try MartReader(MartDirectory(marts: marts, name: name), generation: generations[name]))
      } catch {
        throw ReportError(.mart, "cannot read mart \(name)", cause: error.cause, hint: error.hint, mart: error)
      }
    }
    do {
      return try snapshots(readers[...], opened: []) { try answer(request, $0, now: now) }
    } catch let error as ReportError {
      throw error
    } catch let error as MartError {
      throw ReportError(.mart, "cannot read mart \(error.mart)", cause: error.cause, hint: error.hint, mart: error)
    } catch {
      let cause = (error as? SQLiteError)?.message ?? "an unexpected error"
      throw ReportError(
        .mart, "cannot compute \(request.report.name)", cause: cause, hint: "rebuild the mart from the log")
    }
  }

  /// Nests the read transactions, so that everything below sees one state of each mart.
  private func snapshots(
    _ readers: ArraySlice<MartReader>, opened: [MartReader], _ body: ([MartReader]) throws -> Report
  ) throws -> Report {
    guard let first = readers.first else { return try body(opened) }
    return try first.snapshot { _ in try snapshots(readers.dropFirst(), opened: opened + [first], body) }
  }

  private func answer(_ request: ReportRequest, _ readers: [MartReader], now: Timestamp) throws -> Report {
    try requireOneKeyVersion(readers)
    let databases = OpenMarts(readers)
    let content = try request.report.answer(
      ReportQuestion(request: request, marts: databases, baseCurrency: baseCurrency, placeholders: placeholders))
    var notes = content.notes
    var emptiness: Emptiness?
    if content.table.isWithoutFigures {
      let (reason, sentence) = try EmptinessCheck(request: request, marts: databases).explain()
      emptiness = reason
      notes.append(sentence)
    }
    return Report(
      name: request.report.name, table: content.table, extras: content.extras, notes: notes + brokenHistories(readers),
      window: request.report.window == nil ? nil : request.window, emptiness: emptiness,
      standing: try standing(request, readers, databases, now: now))
  }

  /// Sentences on sources of these marts of which changes were missed.
  private func brokenHistories(_ readers: [MartReader]) -> [String] {
    let names = Set(readers.flatMap { sources[$0.name] ?? [] }.map(\.name)).sorted()
    return names.flatMap { name in
      (breaks[name] ?? []).map { "Changes of source \(name) may be missing here: \($0)." }
    }
  }

  /// Tokens of two key versions never match, so joined figures would silently be zero.
  private func requireOneKeyVersion(_ readers: [MartReader]) throws {
    var versions: [String: String] = [:]
    for reader in readers { versions[reader.name] = try reader.identity().parts["keys.tokenVersion"] }
    guard Set(versions.values).count > 1 else { return }
    let list = versions.sorted { $0.key < $1.key }.map { "\($0.key) has \($0.value)" }.joined(separator: ", ")
    throw ReportError(
      .versions, "the marts cannot be joined", cause: "their tokens were made with different key versions: \(list)",
      hint: "rebuild the marts so that all have the same key version")
  }

  private func standing(
    _ request: ReportRequest, _ readers: [MartReader], _ databases: OpenMarts, now: Timestamp
  ) throws -> ReportStanding {
    var positions: [ReportStanding.Position] = []
    var quarantined: Int64 = 0
    var read: [SourcesRead] = []
    var isAttended = false
    for reader in readers {
      for (partition, position) in try reader.positions().sorted(by: { $0.key < $1.key }) {
        positions.append(
          ReportStanding.Position(
            mart: reader.name, topic: partition.topic, partition: partition.partition,
            nextOffset: position.nextOffset))
      }
      quarantined &+= try reader.quarantineCounts(counting: quarantine).reduce(0) { $0 &+ $1.count }
      // A mart whose sources are all switched off has no age; the others decide.
      if sources[reader.name] == [] { continue }
      isAttended = true
      read.append(try reader.sourcesRead(sources[reader.name] ?? []))
    }
    let isKnown = read.allSatisfy { $0.upTo != nil }
    let oldest = read.compactMap(\.upTo).min()
    let endOfDay = request.asOf.adding(days: 1).startOfDay.millis - 1_000
    return ReportStanding(
      asOf: Timestamp(millis: min(now.millis, endOfDay)),
      ageSeconds: isKnown ? oldest.map { max(0, (now.millis &- $0) / 1_000) } : nil,
      silentSources: Set(read.flatMap(\.silent)).sorted(), isAttended: isAttended,
      freshnessLimitSeconds: freshnessLimitSeconds,
      positions: positions, quarantined: quarantined,
      newestEvent: try request.report.newestEvent.read(databases))
  }
}
