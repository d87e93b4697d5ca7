import Entity
import EventLog
import Events
import Marts
import Money
import Pipeline
import Privacy
import Projections
import ShopMarts
import TestSupport
import Testing

/// The law of replay where two systems have rows of the same keys.
@Suite("The law of replay for two systems", .temporaryFolder)
struct TwoSystemsReplayTests {
  /// Goal: a mart of two systems does not depend on which of them, and which key, came first. Method: rows with keys of every
  /// type and deletes by key alone, each on any partition and in any order of versions, from a log that is read under random
  /// interleavings; the dumps of the real marts are equal.
  @Test("random interleavings of two systems with keys of every type give equal dumps") func interleavings() throws {
    let world = try World()
    var random = SeededGenerator(seed: 9)
    for step in 0..<900 {
      try add(step, to: world, &random)
      if Int.random(in: 0..<8, using: &random) == 0 {
        try world.cut([orders, catalog, leads][step % 3][Int.random(in: 0..<3, using: &random)])
      }
    }
    try world.cutAll()
    let mart = RealMartsReplayTests.everything
    func dump(_ generation: Int, _ order: ReadOrder) throws -> String {
      try world.pipeline(mart, generation: generation, order: order, hasViews: false).run(until: .atEnd(nil))
      return try MartReader(world.directory(mart.name), generation: generation).canonicalDump(
        tables: mart.schema.tables)
    }
    let expected = try dump(1, .roundRobin())
    let counts = try MartReader(world.directory(mart.name), generation: 1).counts()
    #expect(counts.applied == 900 && counts.quarantined == 0)
    for table in ["orders", "order_lines", "customers", "products", "leads", "order_tombstones", "lead_tombstones"] {
      let rows = expected.split(separator: "\n").drop { $0 != "# \(table)" }.dropFirst().prefix { !$0.hasPrefix("# ") }
      for system in ["platform", "stores"] {
        #expect(rows.count { $0.contains("\"\(system)\"") } > 0, "\(table) of \(system)")
      }
    }
    #expect(expected.contains("\"token:") && expected.contains("\"'it''s'\"") && expected.contains("\"-5\""))
    for seed: UInt64 in 2...(Place.long ? 300 : 30) {
      // Some so small that the first flush has one system only, and not always the same.
      let flushEvents = Int.random(in: 1...(seed % 3 == 0 ? 2 : 120), using: &random)
      let order = ReadOrder.seeded(
        seed, readBytes: Int.random(in: 1...6_000, using: &random), flushEvents: flushEvents)
      #expect(try dump(Int(seed), order) == expected, "seed \(seed)")
    }
  }

  private let catalog = (0..<3).map { TopicPartition(Topic.catalog, $0) }
  private let leads = (0..<3).map { TopicPartition(Topic.leads, $0) }
  private let orders = (0..<3).map { TopicPartition(Topic.orders, $0) }

  private func add(_ step: Int, to world: World, _ random: inout SeededGenerator) throws {
    func below(_ bound: Int64) -> Int64 { Int64.random(in: 0..<bound, using: &random) }
    let isDelete = below(3) == 0
    let payload: Payload<Person>
    let topic: [TopicPartition]
    switch below(6) {
    case 0, 1:
      let order = Order<Person>(
        company: below(2) == 0 ? nil : .open("3070000000\(below(3))"), customerID: key(Int(below(12))),
        channel: .store, orderType: .sale, status: [.completed, .returned][Int(below(2))],
        orderDate: CivilDate(daysSinceEpoch: 20_500), currency: ["USD", "EUR"][Int(below(2))],
        createdAt: Timestamp(millis: 0), updatedAt: Timestamp(millis: below(9) * 86_400_000))
      (payload, topic) = (.order(isDelete ? Change() : Change(after: order)), orders)
    case 2:
      let line = OrderLine<Person>(
        orderID: key(Int(below(12))), productID: key(Int(below(12))), quantity: 1 + below(5),
        unitPrice: Decimal64(unscaled: below(1_000), scale: 2))
      (payload, topic) = (.orderLine(isDelete ? Change() : Change(after: line)), orders)
    case 3:
      let row = Customer<Person>(
        document: PersonalData("\(below(4))"), fullName: PersonalData("N\(below(4))"),
        email: PersonalData("e\(below(4))@example.com"), country: "US")
      (payload, topic) = (.customer(isDelete ? Change() : Change(after: row)), catalog)
    case 4:
      let row = Product<Person>(name: "P\(step)", category: "C", basePrice: .zero)
      (payload, topic) = (.product(isDelete ? Change() : Change(after: row)), catalog)
    default:
      let lead = Lead<Person>(
        leadID: "L\(below(4))", createdAt: Timestamp(millis: 0), campaign: "C", companyName: "Acme", industry: "",
        leadSource: "webinar", country: "US", status: "new", statusUpdatedAt: Timestamp(millis: Int64(step)))
      // A vanished one is told with its row, or by its key alone.
      let told: Change<Lead<Person>> = isDelete ? Change(before: below(3) == 0 ? lead : nil) : Change(after: lead)
      (payload, topic) = (.lead(told), leads)
    }
    let place = topic[Int(below(3))]
    var event = world.event(
      payload, on: place, version: UInt64(1 + below(100_000)), source: ["platform", "stores"][Int(below(2))])
    event.envelope.format = 2
    event.operation = isDelete ? .delete : .update
    event.key = key(Int(below(12)))
    if below(4) == 0 { event.flags = ["odd"] }
    try world.add(event, to: place)
  }

  /// Integers on both sides of what needs a table, and all other types.
  private func key(_ choice: Int) -> RowKey<Person> {
    let keys: [RowKey<Person>] = [
      RowKey(0), RowKey(7), RowKey(385), RowKey(-5), RowKey(1 << 48), RowKey(.text("7")), RowKey(.text("it's")),
      RowKey(.uuid(high: 7, low: 7)), RowKey(.bytes([0, 7])), RowKey(.personal(PersonalData("ada@example.org"))),
      RowKey(.integer(7), [.text("a")]), RowKey(.text("a"), [.personal(PersonalData("bo@example.org"))]),
    ]
    return keys[choice]
  }
}
