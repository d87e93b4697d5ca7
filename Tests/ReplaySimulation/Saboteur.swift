import Entity
import EventLog
import Events
import Foundation
import Marts
import Projections
import ShopMarts

/// Ends the work of one mart's writer at a planned moment; shared by the pipelines of one seed.
final class Saboteur: @unchecked Sendable {
  private let lock = NSLock()
  private var flushes: Int?
  private var reads: Int?
  private var openings: Int?
  private var commits: (left: Int, body: () -> Void)?
  private var count = 0

  /// Crashes that happened since this was last asked.
  func takeCount() -> Int {
    lock.withLock {
      defer { count = 0 }
      return count
    }
  }

  /// nil: not at all. 0: the very next one.
  func plan(flushes: Int? = nil, reads: Int? = nil, openings: Int? = nil) {
    lock.withLock { (self.flushes, self.reads, self.openings) = (flushes, reads, openings) }
  }

  func plan(afterCommits left: Int, _ body: @escaping () -> Void) { lock.withLock { commits = (left, body) } }

  func forgetCommits() { lock.withLock { commits = nil } }

  private func strike(_ left: ReferenceWritableKeyPath<Saboteur, Int?>) -> Bool {
    lock.withLock {
      guard let now = self[keyPath: left] else { return false }
      self[keyPath: left] = now == 0 ? nil : now - 1
      if now == 0 { count += 1 }
      return now == 0
    }
  }

  func flush() throws { if strike(\.flushes) { throw PlannedCrash() } }
  func open() throws { if strike(\.openings) { throw PlannedCrash() } }
  func read() throws(LogError) {
    if strike(\.reads) { throw LogError(.damaged, operation: "read", cause: "planned", hint: "none") }
  }

  func committed() {
    let body: (() -> Void)? = lock.withLock {
      guard let (left, body) = commits else { return nil }
      commits = left == 0 ? nil : (left - 1, body)
      return left == 0 ? body : nil
    }
    body?()
  }
}

/// Comes last in a mart's transaction, when all rows are written and nothing is committed.
final class SabotagedFlush: ShopProjection {
  static let name = "sabotage"
  static let version = 1
  static let topics: [String] = []
  static let personalFields: PersonalFields = []
  static let tables: [TableDefinition] = []
  static let views: [ViewDefinition] = []
  private let saboteur: Saboteur

  init(_ saboteur: Saboteur) { self.saboteur = saboteur }

  func fold(_ input: ProjectionInput) throws(QuarantineReason) {}
  var pendingCount: Int { 0 }
  func flush(into transaction: MartTransaction) throws { try saboteur.flush() }
  func discard() {}
}

/// A projection without its views: nobody reads them here, and every opening of the file would parse them.
class Viewless<Base: ShopProjection>: ShopProjection {
  static var name: String { Base.name }
  static var version: Int { Base.version }
  static var topics: [String] { Base.topics }
  static var personalFields: PersonalFields { Base.personalFields }
  static var tables: [TableDefinition] { Base.tables }
  static var views: [ViewDefinition] { [] }
  static var invariants: [MartInvariant] { Base.invariants }
  let base: Base

  init(_ base: Base) { self.base = base }

  func fold(_ input: ProjectionInput) throws(QuarantineReason) { try base.fold(input) }
  var pendingCount: Int { base.pendingCount }
  func flush(into transaction: MartTransaction) throws { try base.flush(into: transaction) }
  func discard() { base.discard() }
}

final class ViewlessTraffic: Viewless<TrafficProjection>, RequestProjection {
  func fold(_ figures: RequestFigures) throws(QuarantineReason) { try base.fold(figures) }
}

extension Script.Mart {
  func sabotaged(by saboteur: Saboteur) -> MartDefinition {
    let make: @Sendable () -> [any Projection]
    switch self {
    case .sales: make = { [Viewless(OrdersProjection()), Viewless(CatalogProjection())] }
    case .traffic: make = { [ViewlessTraffic(TrafficProjection())] }
    case .leads: make = { [Viewless(LeadsProjection())] }
    }
    return MartDefinition(
      name: definition.name, meaning: definition.meaning, sources: definition.sources,
      projections: { make() + [SabotagedFlush(saboteur)] })
  }
}

/// The log as a mart sees it.
final class SabotagedLog: LogReader, @unchecked Sendable {
  private let base: any LogReader
  private let saboteur: Saboteur

  init(_ base: any LogReader, _ saboteur: Saboteur) {
    self.base = base
    self.saboteur = saboteur
  }

  var logID: String { base.logID }
  func topics() throws(LogError) -> [String] { try base.topics() }
  func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try base.partitions(of: topic) }
  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try base.bounds(of: partition) }
  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
    try saboteur.read()
    return try base.read(partition, from: offset, maximumBytes: maximumBytes)
  }
  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try base.anchor(of: partition, at: nextOffset)
  }
  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try base.check(anchor, of: partition)
  }
  func noteProgress(_ nextOffsets: [TopicPartition: Offset]) { saboteur.committed() }
}
