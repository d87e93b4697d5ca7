import Entity
import Events
import Foundation
import Marts
import Money
import Pipeline
import Projections
import SQLite
import ShopMarts

/// Newest row version of each order line, and units per product by state deltas: small, but with every trait that the law of
/// replay asks of a projection. Refuses quantity 66.
final class ToyLines: ShopProjection {
  static let name = "toyLines"
  static let version = 1
  static let topics = [Topic.orders]
  /// Reads none; but an address is what tests of broken seals break.
  static let personalFields: PersonalFields = [.address]
  static let views: [ViewDefinition] = []
  static let tables = [
    TableDefinition(
      "toy_lines", "newest lines",
      columns: [
        .init("line", "INTEGER PRIMARY KEY", "line"), .init("product", "INTEGER NOT NULL", "product"),
        .init("quantity", "INTEGER", "units; NULL: deleted"), .init("major", "INTEGER NOT NULL", "version"),
        .init("minor", "INTEGER NOT NULL", "version"),
      ], canonicalDump: "SELECT * FROM toy_lines ORDER BY line"),
    TableDefinition(
      "toy_products", "units per product",
      columns: [
        .init("product", "INTEGER PRIMARY KEY", "product"), .init("units", "INTEGER NOT NULL", "units"),
      ], canonicalDump: "SELECT * FROM toy_products WHERE units <> 0 ORDER BY product"),
  ]

  private struct State {
    var product: Int64
    var quantity: Int64?
    var version: StateVersion
  }

  private var pending: [Int64: State] = [:]
  /// What a test wants to happen at a product's lines.
  let surprise: @Sendable (Int64) -> Void

  init(surprise: @escaping @Sendable (Int64) -> Void = { _ in }) { self.surprise = surprise }

  func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .orderLine(let change) = input.event.payload, let row = change.after ?? change.before else { return }
    guard let line = input.event.key?.integer, let product = row.productID.integer else { return }
    surprise(product)
    if row.quantity == 66 { throw QuarantineReason("toy.refused", "quantity") }
    if let known = pending[line], known.version >= input.event.version { return }
    pending[line] = State(
      product: product, quantity: change.after?.quantity, version: input.event.version)
  }

  var pendingCount: Int { pending.count }

  func flush(into transaction: MartTransaction) throws {
    let old = try transaction.statement("SELECT product, quantity, major, minor FROM toy_lines WHERE line = ?1")
    let put = try transaction.statement("INSERT OR REPLACE INTO toy_lines VALUES (?1, ?2, ?3, ?4, ?5)")
    for (line, state) in pending {
      old.bind(1, line)
      if try old.step() {
        let stored = StateVersion(major: UInt64(old.int64(2)), minor: UInt64(old.int64(3)))
        let (product, quantity) = (old.int64(0), old.optionalInt64(1))
        old.reset()
        if stored >= state.version { continue }
        try add(-(quantity ?? 0), to: product, transaction)
      }
      old.reset()
      put.bind(1, line)
      put.bind(2, state.product)
      put.bind(3, state.quantity)
      put.bind(4, Int64(state.version.major))
      put.bind(5, Int64(state.version.minor))
      try put.run()
      try add(state.quantity ?? 0, to: state.product, transaction)
    }
    pending.removeAll()
  }

  private func add(_ units: Int64, to product: Int64, _ transaction: MartTransaction) throws {
    let statement = try transaction.statement(
      "INSERT INTO toy_products VALUES (?1, ?2) ON CONFLICT DO UPDATE SET units = units + excluded.units")
    statement.bind(1, product)
    statement.bind(2, units)
    try statement.run()
  }

  func discard() { pending.removeAll() }
}

/// Requests per visitor's token and device class: additive, so that a request folded twice shows.
final class ToyVisits: ShopProjection {
  static let name = "toyVisits"
  static let version = 1
  static let topics = [Topic.weblog]
  static let personalFields: PersonalFields = [.ip]
  static let views: [ViewDefinition] = []
  static let tables = [
    TableDefinition(
      "toy_visits", "requests per address",
      columns: [
        .init("ip", "BLOB NOT NULL PRIMARY KEY", "token"), .init("requests", "INTEGER NOT NULL", "requests"),
      ], withoutRowID: true, canonicalDump: "SELECT * FROM toy_visits ORDER BY ip")
  ]

  private var pending: [Token: Int64] = [:]

  func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .webRequest(let request) = input.event.payload else { return }
    pending[request.ip, default: 0] += 1
  }

  var pendingCount: Int { pending.count }

  func flush(into transaction: MartTransaction) throws {
    let statement = try transaction.statement(
      "INSERT INTO toy_visits VALUES (?1, ?2) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests")
    for (ip, requests) in pending {
      statement.bind(1, ip.bytes)
      statement.bind(2, requests)
      try statement.run()
    }
    pending.removeAll()
  }

  func discard() { pending.removeAll() }
}

extension MartDefinition {
  static let toy = MartDefinition.toy { _ in }

  static func toy(surprise: @escaping @Sendable (Int64) -> Void) -> MartDefinition {
    MartDefinition(
      name: "toy", meaning: "for tests",
      sources: [
        MartSource(SourceName.platform, topics: [Topic.orders]), MartSource(SourceName.weblog, topics: [Topic.weblog]),
      ],
      projections: { [ToyLines(surprise: surprise), ToyVisits()] })
  }
}
