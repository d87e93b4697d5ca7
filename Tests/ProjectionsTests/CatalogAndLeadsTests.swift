import Enrichment
import Entity
import Events
import Marts
import Money
import Projections
import ShopMarts
import TestSupport
import Testing

@Suite("Catalog and leads", .temporaryFolder)
struct CatalogAndLeadsTests {
  private func mart(_ definition: MartDefinition, _ name: String = "mart") throws -> MartUnderTest {
    try MartUnderTest(definition, folder: TemporaryFolder.path + "/" + name)
  }

  private func customer(document: UInt64? = nil, name: UInt64 = 1, email: UInt64? = nil) -> Customer<PersonToken> {
    Customer(
      document: document.map(token), fullName: token(name), email: email.map(token), birthYear: 1980,
      country: "US")
  }

  private func lead(_ id: String, status: String = "new", source: String = "LinkedIn Ads") -> Lead<PersonToken> {
    Lead(
      leadID: id, createdAt: Timestamp(millis: 0), campaign: "spring", companyName: "ACME", industry: "Retail",
      leadSource: source, estimatedAnnualRevenue: Decimal64("1250.5"), country: "US", status: status,
      statusUpdatedAt: Timestamp(millis: 1_000))
  }

  /// Goal: newest states win, whatever their order. Method: random versions of few keys, deletes among them, shuffled and
  /// flushed at random; the survivors are those with the largest version.
  @Test("any order of catalog events gives the newest state of each key", arguments: 1...10)
  func catalogIsOrderIndependent(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var newest: [Int64: (version: UInt64, name: String?)] = [:]
    let events = (1...60).map { version -> Event<PersonToken> in
      let id = Int64(1 + random.below(6))
      let row = Product<PersonToken>(
        name: "v\(version)", category: "c", supplier: .open("30123456789"),
        basePrice: Decimal64(unscaled: 5, scale: 0))
      let isDelete = random.chance(25)
      newest[id] = (UInt64(version), isDelete ? nil : row.name)
      return event(
        .product(isDelete ? deleted(row) : created(row)), isDelete ? .delete : .update, version: UInt64(version),
        flags: isDelete ? [] : ["odd"], key: RowKey(id))
    }
    var first: String?
    for run in 0..<3 {
      let mart = try mart(.sales, "run\(run)")
      for event in (events + events.filter { _ in random.chance(20) }).shuffled(using: &random) {
        try mart.fold(input(event))
        if random.chance(20) { try mart.flush() }
      }
      try mart.flush()
      let living = newest.filter { $0.value.name != nil }.sorted { $0.key < $1.key }
      #expect(
        try mart.rows("SELECT product_id, name FROM products ORDER BY 1")
          == living.map { [String($0.key), $0.value.name ?? ""] })
      #expect(try mart.rows("SELECT count(*) FROM catalog_flags") == [[String(living.count)]])
      #expect(try mart.rows("SELECT count(*) FROM catalog_tombstones") == [[String(newest.count - living.count)]])
      let dump = try mart.dump()
      #expect(dump == first ?? dump)
      first = dump
    }
  }

  @Test("every kind of catalog row arrives, and natural persons only as tokens")
  func catalogRows() throws {
    let mart = try mart(.sales)
    let person = Guarded<PersonToken>.personal(Token(high: 1, low: 0xab))
    let payloads: [Payload<PersonToken>] = [
      .company(created(Company(taxNumber: .open("30123456789"), name: .open("ACME"), kind: "supplier", country: "US"))),
      .company(
        created(Company(taxNumber: person, name: .personal(token(3)), kind: "client", country: "US", login: token(4)))),
      .supplierPrice(
        created(
          SupplierPrice(
            company: .open("30123456789"), productID: 1, priceMinor: 1_995, currency: "USD",
            validFrom: day("2026-01-01")))),
      .supplierPrice(
        created(
          SupplierPrice(
            company: .open("30123456789"), productID: 1, priceMinor: 2_100, currency: "USD",
            validFrom: day("2026-03-01")))),
      .customer(created(customer())), .store(created(Store(city: "Austin", state: "TX"))),
      .country(created(Country(code: "US", name: "United States"))),
      .exchangeRate(
        created(ExchangeRate(date: day("2026-01-01"), currency: "EUR", rate: Decimal64(unscaled: 10_725, scale: 4)))),
      .product(
        created(
          Product(
            name: "Phone", category: "Phones", supplier: .open("30123456789"),
            basePrice: Decimal64(unscaled: 12_990, scale: 2)))),
    ]
    for payload in payloads { try mart.fold(input(event(payload, key: payload.naturalKey() ?? 1))) }
    try mart.flush()
    #expect(
      try mart.rows("SELECT company, name FROM companies ORDER BY company") == [
        ["30123456789", "ACME"], ["~000000000000000100000000000000ab", "NULL"],
      ])
    #expect(
      try mart.rows(
        "SELECT company_name, product_name, valid_from, valid_to, price FROM supplier_price_list ORDER BY 3") == [
          ["ACME", "Phone", "2026-01-01", "2026-02-28", "19.95"], ["ACME", "Phone", "2026-03-01", "NULL", "21.00"],
        ])
    #expect(try mart.rows("SELECT * FROM exchange_rate_list") == [["2026-01-01", "EUR", "1.0725"]])
    #expect(try mart.rows("SELECT base_price, supplier_name FROM product_list") == [["129.90", "ACME"]])
    #expect(try mart.rows("SELECT country_name FROM customer_list") == [["United States"]])
  }

  @Test("a document with two names and a shared e-mail flag every customer concerned")
  func computedFlags() throws {
    let mart = try mart(.sales)
    for (index, row) in [
      customer(document: 7, name: 1, email: 20), customer(document: 7, name: 2), customer(document: 8, email: 20),
      customer(document: 9, name: 1), customer(document: 9, name: 1),
    ].enumerated() {
      try mart.fold(input(event(.customer(created(row)), key: RowKey(Int64(index + 1)))))
    }
    try mart.flush()
    #expect(
      try mart.rows("SELECT code, id FROM flagged_rows ORDER BY 1, 2") == [
        ["customer.documentTwoNames", "1"], ["customer.documentTwoNames", "2"], ["customer.sharedEmail", "1"],
        ["customer.sharedEmail", "3"],
      ])
  }

  @Test("dates without a rate are listed as parked")
  func parkedRates() throws {
    let mart = try mart(.sales)
    try mart.fold(input(event(.order(created(order(currency: "CHF"))), key: 1)))
    try mart.fold(input(event(.order(created(order(currency: "EUR"))), key: 2)))
    try mart.fold(
      input(
        event(
          .exchangeRate(
            created(ExchangeRate(date: day("2026-03-10"), currency: "EUR", rate: Decimal64(unscaled: 1, scale: 0)))))))
    try mart.flush()
    #expect(try mart.rows("SELECT * FROM parked_rates") == [["CHF", "2026-03-10", "1"]])
  }

  @Test("a vanished lead keeps its last state, and comes back")
  func vanishedLead() throws {
    let mart = try mart(.leads)
    try mart.fold(input(event(.lead(created(lead("L1", status: "qualified"))), version: 1)))
    try mart.fold(input(event(.lead(deleted(lead("L1", status: "qualified"))), .delete, version: 2)))
    try mart.flush()
    #expect(
      try mart.rows("SELECT status, channel, vanished, estimated_annual_revenue FROM lead_details") == [
        ["qualified", "social", "1", "1250.5"]
      ])
    try mart.fold(input(event(.lead(created(lead("L1", status: "contacted"))), version: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT status, vanished FROM leads") == [["qualified", "1"]])
    try mart.fold(input(event(.lead(created(lead("L1", status: "lost"))), version: 3)))
    try mart.flush()
    #expect(try mart.rows("SELECT status, vanished FROM leads") == [["lost", "0"]])
  }

  @Test("the funnel counts later stages in earlier ones, and names unknown sources so")
  func funnel() throws {
    let mart = try mart(.leads)
    let states = [("a", "new"), ("b", "contacted"), ("c", "qualified"), ("d", "converted"), ("e", "lost")]
    for (id, status) in states { try mart.fold(input(event(.lead(created(lead(id, status: status)))))) }
    try mart.fold(input(event(.lead(created(lead("f", source: "carrier pigeon"))))))
    try mart.flush()
    #expect(
      try mart.rows("SELECT * FROM lead_funnel ORDER BY channel") == [
        ["social", "spring", "5", "3", "2", "1", "1", "0"], ["unknown", "spring", "1", "0", "0", "0", "0", "0"],
      ])
  }

  @Test("every table is documented, and its dump does not show the numbers of this file")
  func dictionary() {
    for definition in Shop.marts {
      for projection in definition.shopProjections() {
        for table in type(of: projection).tables {
          #expect(!table.meaning.isEmpty)
          #expect(table.columns.allSatisfy { !$0.meaning.isEmpty })
          #expect(!table.canonicalDump.contains("_id FROM") || definition.name != "traffic")
        }
        #expect(type(of: projection).views.allSatisfy { !$0.meaning.isEmpty && !$0.columns.isEmpty })
      }
    }
  }
}
