import Enrichment
import Entity
import Events
import Marts
import Money
import Projections
import SQLite
import ShopMarts
import TestSupport
import Testing

/// Marts that keep rows of several systems.
@Suite("Rows of several systems", .temporaryFolder)
struct TwoSystemsTests {
  private func mart(_ definition: MartDefinition, _ name: String = "mart") throws -> MartUnderTest {
    try MartUnderTest(definition, folder: TemporaryFolder.path + "/" + name)
  }

  private func event(
    _ payload: Payload<PersonToken>, _ operation: EventOperation = .create, of system: String,
    key: RowKey<PersonToken>? = nil, version: UInt64 = 1, flags: [String] = []
  ) -> ProjectionInput {
    var event = ProjectionsTests.event(payload, operation, version: version, flags: flags)
    event.source = system
    event.key = key ?? payload.naturalKey()
    return ProjectionInput(event: event, facts: nil)
  }

  /// One of each type, of integers on both sides of what needs a table, and of several parts.
  private static let keys: [RowKey<PersonToken>] = [
    RowKey(1), RowKey(7), RowKey(385), RowKey(0), RowKey(-1), RowKey(.min), RowKey(1 << 48), RowKey(1 << 48 - 1),
    RowKey(.max), RowKey(.text("")), RowKey(.text("7")), RowKey(.text("it's")), RowKey(.text("e\u{301}")),
    RowKey(.text("\u{e9}")), RowKey(.uuid(high: 1, low: 7)), RowKey(.bytes([])), RowKey(.bytes([0, 255])),
    RowKey(.personal(token(7))), RowKey(.integer(7), [.text("a")]), RowKey(.integer(7), [.integer(1)]),
    RowKey(.text("7"), [.personal(token(7)), .bytes([7])]),
  ]

  /// Goal: a mart of several systems is a function of the set of events, whatever their keys are and however they arrive.
  /// Method: states and deletes by key alone of rows with every kind of key, in two systems that have the same ones;
  /// shuffled, repeated and flushed at random. All dumps are equal, and what lives is what a dictionary says.
  @Test("any order of events of two systems with keys of every type gives the same dump", arguments: 1...10)
  func orderIndependent(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var newest: [RowName: (version: UInt64, name: String?)] = [:]
    var events: [ProjectionInput] = []
    for version in 1...UInt64(160) {
      let name = RowName(
        system: ["stores", "web", "a"][random.below(random.chance(10) ? 3 : 2)],
        key: Self.keys[random.below(Self.keys.count)])
      let isDelete = random.chance(25)
      let flags = random.chance(20) && !isDelete ? ["odd"] : []
      func add(_ payload: Payload<PersonToken>) {
        events.append(
          event(payload, isDelete ? .delete : .update, of: name.system, key: name.key, version: version, flags: flags))
      }
      switch random.below(4) {
      case 0:
        newest[name] = (version, isDelete ? nil : "v\(version)")
        add(
          .product(
            isDelete
              ? Change()
              : created(
                Product(name: "v\(version)", category: "c", basePrice: Decimal64(unscaled: 5, scale: 0))))
        )
      case 1:
        add(.customer(isDelete ? Change() : created(Customer(email: token(version % 3), country: "US"))))
      case 2: add(.order(isDelete ? Change() : created(order(customer: Int64(version % 3)))))
      default:
        add(
          .orderLine(
            isDelete
              ? Change() : created(line(of: [0, 1, 7, 385][random.below(4)], product: 7, price: "\(version % 4)"))))
      }
    }
    var first: String?
    for run in 0..<4 {
      let mart = try mart(.sales, "run\(run)")
      var order = events + events.filter { _ in random.chance(20) }
      if run > 0 { order.shuffle(using: &random) }
      for input in order {
        try mart.fold(input)
        if random.chance(run == 1 ? 50 : 5) { try mart.flush() }
        if random.chance(2) { try foldAndFail(mart, input) }
      }
      try mart.flush()
      let dump = try mart.dump()
      #expect(dump == first ?? dump)
      first = dump
      let living = newest.filter { $0.value.name != nil }.sorted { $0.key < $1.key }
      #expect(
        try mart.rows("SELECT \(SQLText.system("p.product_id")), p.name FROM products p ORDER BY \(productOrder)")
          == living.map { [$0.key.system, $0.value.name ?? ""] })
      for invariant in OrdersProjection.invariants {
        #expect(try mart.rows(invariant.violations) == [["0"]], "\(invariant.name)")
      }
    }
  }

  private var productOrder: String { SQLText.order(by: "p.product_id") }

  /// A transaction that fails takes the numbers with it that it gave.
  private func foldAndFail(_ mart: MartUnderTest, _ input: ProjectionInput) throws {
    try mart.flush()
    try mart.fold(input)
    try mart.flushInVain()
    try mart.fold(input)
  }

  /// Goal: SQL and Swift order rows alike. Method: every kind of key in two systems, in a mart that met them in another order.
  @Test("SQL orders rows by system and key as names of rows are ordered, and shows each key as its text")
  func orderInSQL() throws {
    let mart = try mart(.sales)
    var names = ["web", "Stores", "stores"].flatMap { system in Self.keys.map { RowName(system: system, key: $0) } }
    var random = SeededGenerator(seed: 3)
    for name in names.shuffled(using: &random) {
      let store = Store(city: name.system + " " + name.key.text, state: "")
      try mart.fold(event(.store(created(store)), of: name.system, key: name.key))
      if random.chance(30) { try mart.flush() }
    }
    try mart.flush()
    names.sort()
    #expect(
      try mart.rows("SELECT s.city FROM stores s ORDER BY \(SQLText.order(by: "s.store_id"))").map { $0[0] }
        == names.map { $0.system + " " + $0.key.text })
    #expect(
      try mart.rows(
        "SELECT s.city FROM stores s WHERE s.city <> \(SQLText.system("s.store_id")) || ' ' || "
          + SQLText.key("s.store_id")
      ).isEmpty)
    // In order of their bytes, too.
    let bytes = names.map { Array($0.system.utf8) + [0] + $0.key.canonicalBytes }
    #expect(bytes == bytes.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test("in a mart of one system an integer is its own number, and no table holds it")
  func plainNumbers() throws {
    let mart = try mart(.sales)
    for id in [0, 385, 1 << 48 - 1] as [Int64] {
      try mart.fold(event(.order(created(order())), of: "web", key: RowKey(id)))
    }
    try mart.flush()
    #expect(try mart.rows("SELECT order_id FROM orders ORDER BY 1") == [["0"], ["385"], ["281474976710655"]])
    #expect(try mart.rows("SELECT count(*) FROM row_keys") == [["0"]])
    #expect(try mart.rows("SELECT * FROM systems") == [["0", "web"]])
  }

  /// Goal: nothing of one system touches another's. Method: order 385 with line 1 in both; one system's line is deleted by its
  /// key alone, and its order before it ever came.
  @Test("a delete by key alone takes the row of its own system, also before the row comes")
  func deletes() throws {
    let mart = try mart(.sales)
    for (system, price) in [("stores", "10"), ("web", "3")] {
      try mart.fold(event(.order(created(order())), of: system, key: 385, version: 1))
      try mart.fold(event(.orderLine(created(line(of: 385, price: price))), of: system, key: 1, version: 2))
      try mart.fold(event(.orderLine(created(line(of: 385, price: "1"))), of: system, key: 2, version: 2))
    }
    try mart.flush()
    let orders = "SELECT system, order_id, lines, amount FROM order_details ORDER BY 1, 2"
    #expect(try mart.rows(orders) == [["stores", "385", "2", "11.00"], ["web", "385", "2", "4.00"]])
    try mart.fold(event(.orderLine(Change()), .delete, of: "web", key: RowKey(1), version: 3))
    try mart.fold(event(.order(Change()), .delete, of: "web", key: RowKey(386), version: 3))
    try mart.flush()
    try mart.fold(event(.order(created(order())), of: "web", key: 386, version: 2))
    try mart.fold(event(.order(created(order())), of: "stores", key: 386, version: 2))
    try mart.flush()
    #expect(
      try mart.rows(orders)
        == [["stores", "385", "2", "11.00"], ["stores", "386", "0", "0.00"], ["web", "385", "1", "1.00"]])
    #expect(throws: QuarantineReason("event.incomplete", "key")) {
      try mart.fold(event(.order(Change()), .delete, of: "web", version: 4))
    }
  }

  @Test("a lead that vanishes stays where the event has its row, and goes where it has the key alone")
  func vanished() throws {
    func lead(_ id: String) -> Lead<PersonToken> {
      Lead(
        leadID: id, createdAt: Timestamp(millis: 0), campaign: "spring", companyName: "ACME", industry: "Retail",
        leadSource: "webinar", country: "US", status: "new", statusUpdatedAt: Timestamp(millis: 0))
    }
    let mart = try mart(.leads)
    for id in ["A", "B"] { try mart.fold(event(.lead(created(lead(id))), of: "leads", flags: ["odd"])) }
    try mart.fold(event(.lead(created(lead("A"))), of: "fair", flags: ["odd"]))
    try mart.flush()
    try mart.fold(event(.lead(deleted(lead("A"))), .delete, of: "leads", version: 2))
    try mart.fold(event(.lead(Change()), .delete, of: "leads", key: RowKey(.text("B")), version: 2))
    try mart.flush()
    #expect(
      try mart.rows("SELECT system, lead_id, vanished FROM lead_details ORDER BY 1, 2")
        == [["fair", "A", "0"], ["leads", "A", "1"]])
    #expect(try mart.rows("SELECT code, system, id FROM flagged_rows") == [["odd", "fair", "'A'"]])
  }

  /// Goal: what is odd is odd within a system. Method: the same customers and orders in two systems, then once more in one.
  @Test("equal content, shared e-mails and documents with two names are found within one system only")
  func findings() throws {
    let mart = try mart(.sales)
    func customer(name: UInt64) -> Customer<PersonToken> {
      Customer(document: token(7), fullName: token(name), email: token(20), country: "US")
    }
    for system in ["stores", "web"] {
      try mart.fold(event(.customer(created(customer(name: system == "web" ? 1 : 2))), of: system, key: 7))
      try mart.fold(event(.order(created(order(customer: 7))), of: system, key: 385))
      try mart.fold(event(.orderLine(created(line(of: 385, product: 5, price: "2"))), of: system, key: 1))
    }
    try mart.flush()
    #expect(try mart.rows("SELECT * FROM flagged_rows").isEmpty)
    try mart.fold(event(.customer(created(customer(name: 5))), of: "web", key: 8))
    try mart.fold(event(.order(created(order(customer: 7))), of: "web", key: 386))
    try mart.fold(event(.orderLine(created(line(of: 386, product: 5, price: "2.0"))), of: "web", key: 2))
    try mart.flush()
    #expect(
      try mart.rows("SELECT code, system, id FROM flagged_rows ORDER BY 1, 3") == [
        ["customer.documentTwoNames", "web", "7"], ["customer.documentTwoNames", "web", "8"],
        ["customer.sharedEmail", "web", "7"], ["customer.sharedEmail", "web", "8"],
        ["order.sameContent", "web", "385"], ["order.sameContent", "web", "386"],
      ])
  }
}
