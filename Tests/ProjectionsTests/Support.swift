import Enrichment
import Entity
import EventLog
import Events
import Marts
import Money
import Projections
import SQLite
import ShopMarts
import TestSupport

/// One mart in a temporary folder, fed event by event, without a pipeline around it.
final class MartUnderTest {
  let definition: MartDefinition
  private let directory: MartDirectory
  private let writer: MartWriter
  private var ledger: MartLedger
  let projections: [any ShopProjection]

  init(_ definition: MartDefinition, folder: String) throws {
    self.definition = definition
    projections = definition.shopProjections()
    let types = projections.map { type(of: $0) }
    directory = MartDirectory(marts: folder, name: definition.name)
    writer = try MartWriter(
      directory,
      schema: MartSchema(
        name: definition.name, meaning: definition.meaning, tables: types.flatMap { $0.tables },
        views: types.flatMap { $0.views }),
      identity: GenerationIdentity(parts: ["test": "1"]))
    ledger = try writer.ledger()
  }

  func fold(_ input: ProjectionInput) throws {
    for projection in projections { try projection.fold(input) }
  }

  func flush() throws {
    try writer.absorb(&ledger) { transaction in
      for projection in projections { try projection.flush(into: transaction) }
    }
  }

  /// Flushes, but the transaction fails after the projections have written.
  func flushInVain() throws {
    struct Failure: Error {}
    do {
      try writer.absorb(&ledger) { transaction in
        for projection in projections { try projection.flush(into: transaction) }
        throw Failure()
      }
    } catch {
      for projection in projections { projection.discard() }
      ledger = try writer.ledger()
    }
  }

  func dump() throws -> String {
    try reader().canonicalDump(tables: projections.flatMap { type(of: $0).tables })
  }

  func reader() throws -> MartReader { try MartReader(directory) }

  /// Rows of a query as text, for comparison with a model.
  func rows(_ sql: String) throws -> [[String]] {
    try reader().database.rows(sql) { row in (0..<row.columnCount).map { CanonicalCell.text(row.value($0)) } }
  }
}

enum CanonicalCell {
  static func text(_ value: Value) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let integer): String(integer)
    case .real(let real): String(real)
    case .text(let text): text
    case .blob(let bytes): bytes.map { String($0, radix: 16) }.joined(separator: ".")
    }
  }
}

func event(
  _ payload: Payload<PersonToken>, _ operation: EventOperation = .create, version: UInt64 = 1, at millis: Int64 = 0,
  flags: [String] = [], key: RowKey<PersonToken>? = nil
) -> Event<PersonToken> {
  Event(
    source: "test", epoch: 1, number: version, position: SourcePosition(stream: "test", record: version),
    operation: operation, version: StateVersion(major: 1, minor: version), occurredAt: Timestamp(millis: millis),
    capturedAt: Timestamp(millis: millis), flags: flags, payload: payload, key: key)
}

func input(_ event: Event<PersonToken>, _ facts: RequestFacts? = nil) -> ProjectionInput {
  ProjectionInput(event: event, facts: facts)
}

func token(_ number: UInt64) -> Token { Token(high: number &* 0x9e37_79b9_7f4a_7c15, low: number) }

func day(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(daysSinceEpoch: 0) }
func moment(_ text: String) -> Int64 { Timestamp(text)?.millis ?? 0 }

func order(
  date: CivilDate = day("2026-03-10"), currency: String = "USD", status: OrderStatus = .completed,
  channel: Channel = .b2b, type: OrderType = .sale, customer: Int64? = nil, updated: Int64 = 0
) -> Order<PersonToken> {
  Order(
    customerID: customer.map { RowKey($0) }, channel: channel, orderType: type, status: status, orderDate: date,
    currency: currency, createdAt: date.startOfDay, updatedAt: Timestamp(millis: updated))
}

func line(of order: Int64, product: Int64 = 1, quantity: Int64 = 1, price: String) -> OrderLine<PersonToken> {
  OrderLine(
    orderID: RowKey(order), productID: RowKey(product), quantity: quantity, unitPrice: Decimal64(price) ?? .zero)
}

func created<Row>(_ row: Row) -> Change<Row> { Change(after: row) }
func deleted<Row>(_ row: Row) -> Change<Row> { Change(before: row) }

extension SeededGenerator {
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
