import Enrichment
import Entity
import EventLog
import Events
import Marts
import Money
import Pipeline
import Projections
import ShopMarts
import TestSupport
import Testing

@Suite("The law of replay on the real marts", .temporaryFolder) struct RealMartsReplayTests {
  /// Every projection of every mart in one file, so that a hundred generations take one set of files each.
  /// Without the views: two marts have one of the same name.
  static let everything = MartDefinition(
    name: "everything", meaning: "for tests", sources: Shop.marts.flatMap(\.sources),
    projections: { Shop.marts.flatMap { $0.projections() } })

  /// Goal: the projections people read from obey the law of replay, whatever partition an order's lines come by. Method: random
  /// orders, lines, catalog rows, requests and leads with versions out of order, deletes, repeats and faults; a hundred
  /// interleavings, batch sizes and numbers of workers; ordered dumps must be equal.
  @Test("a hundred random interleavings, batch sizes and numbers of workers give equal dumps of all marts")
  func equalDumps() throws {
    let world = try World()
    var random = SeededGenerator(seed: 5)
    for step in 0..<700 {
      let (payload, topic, key) = payload(step, &random)
      let place = TopicPartition(topic, Int32.random(in: 0..<World.partitions, using: &random))
      var event = world.event(
        payload, key: key, on: place, version: UInt64.random(in: 1...100_000, using: &random))
      if case .orderLine(let change) = payload, change.after == nil { event.operation = .delete }
      event.occurredAt = Timestamp(millis: 1_700_000_000_000 + Int64.random(in: 0..<300_000_000, using: &random))
      try world.add(event, to: place)
      if step.isMultiple(of: 17) { try world.add(event, to: place) }
      if Int.random(in: 0..<5, using: &random) == 0 { try world.cut(place) }
    }
    try world.cutAll()
    let agents = try UserAgentDatabase(regexes: "/usr/share/uap-core/regexes.yaml")
    let tables = RealMartsReplayTests.everything.schema.tables

    func dump(_ generation: Int, _ order: ReadOrder, workers: Int) throws -> String {
      let pipeline = try world.pipeline(
        RealMartsReplayTests.everything, generation: generation, order: order, workers: workers, hasViews: false,
        enricher: { Enricher(agents: agents, rules: SiteRules()) })
      try pipeline.run(until: .atEnd(nil))
      return try MartReader(world.directory("everything"), generation: generation).canonicalDump(tables: tables)
    }
    let expected = try dump(1, .roundRobin(), workers: 1)
    for table in tables where !table.canonicalDump.isEmpty { #expect(expected.contains("# \(table.name)\n")) }
    // Not equal because empty: most events are rows, and every kind of fault is there.
    let counts = try MartReader(world.directory("everything"), generation: 1).counts()
    #expect(counts.applied > 600 && counts.quarantined > 5 && counts.duplicates > 30)
    #expect(expected.contains("order.absurdQuantity"))
    for seed: UInt64 in 2...101 {
      let order = ReadOrder.seeded(
        seed, readBytes: Int.random(in: 1...6_000, using: &random), flushEvents: Int.random(in: 1...200, using: &random)
      )
      let workers = [1, 2, 3, 5][Int(seed % 4)]
      #expect(try dump(Int(seed), order, workers: workers) == expected, "seed \(seed), \(workers) workers")
    }
  }

  private func payload(
    _ step: Int, _ random: inout SeededGenerator
  ) -> (payload: Payload<Person>, topic: String, key: RowKey<Person>?) {
    func below(_ bound: Int64) -> Int64 { Int64.random(in: 0..<bound, using: &random) }
    let moment = Timestamp(millis: 1_700_000_000_000 + below(30_000_000_000))
    switch below(10) {
    case 0, 1, 2:
      let status = OrderStatus(rawValue: Int32(1 + below(4)))
      return (
        .order(
          Change(
            after: Order(
              company: below(2) == 0 ? nil : .open("3070000000\(below(9))"), customerID: RowKey(below(12)),
              channel: Channel(rawValue: Int32(1 + below(3))), orderType: below(6) == 0 ? .purchase : .sale,
              status: status, orderDate: moment.day, currency: below(30) == 0 ? "ZZZ" : ["USD", "EUR"][Int(below(2))],
              shipToAddress: PersonalData("Main Street \(step)"), createdAt: moment, updatedAt: moment))),
        Topic.orders, RowKey(below(40))
      )
    case 3, 4, 5:
      let line = OrderLine<Person>(
        orderID: RowKey(below(40)), productID: RowKey(below(9)), quantity: below(25) == 0 ? 5_000 : 1 + below(9),
        unitPrice: Decimal64(unscaled: 100 + below(10_000), scale: 2))
      return (.orderLine(below(8) == 0 ? Change(before: line) : Change(after: line)), Topic.orders, RowKey(below(60)))
    case 6:
      return (
        .customer(
          Change(
            after: Customer(
              document: PersonalData("\(below(10))"), username: PersonalData("user\(below(9))"),
              fullName: PersonalData("N\(below(9))"), email: PersonalData("e\(below(9))@example.com"), country: "US"))),
        Topic.catalog, RowKey(below(12))
      )
    case 7:
      return (
        .product(
          Change(
            after: Product(
              name: "P\(below(5))", category: "C\(below(3))",
              basePrice: Decimal64(unscaled: below(9_999), scale: 2)))),
        Topic.catalog, RowKey(below(9))
      )
    case 8:
      let agent = ["Mozilla/5.0 (Windows NT 10.0) Chrome/120.0", "Googlebot/2.1"][Int(below(2))]
      return (
        .webRequest(
          WebRequest(
            method: "GET", path: ["/login", "/health", "/catalog"][Int(below(3))], status: below(4) == 0 ? 401 : 200,
            bytes: below(9_000), referrer: "", userAgent: agent, country: ["US", "DE", ""][Int(below(3))],
            ipPrefix: "203.0.113.0/24", countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "",
            ip: PersonalData("203.0.113.\(below(6))"), user: below(2) == 0 ? nil : PersonalData("user\(below(9))"))),
        Topic.weblog, nil
      )
    default:
      return (
        .lead(
          Change(
            after: Lead(
              leadID: "L\(below(20))", createdAt: moment, campaign: "c\(below(3))", companyName: "ACME", industry: "x",
              contactEmail: PersonalData("e\(below(9))@example.com"), leadSource: "LinkedIn Ads", country: "US",
              status: ["new", "contacted", "converted", "lost"][Int(below(4))], statusUpdatedAt: moment))),
        Topic.leads, nil
      )
    }
  }
}
