import Enrichment
import Entity
import EventLog
import Events
import Marts
import Money
import Projections
import Reports
import ShopMarts
import TestSupport
import Testing

/// The marts of a workspace, fed with rows; what no test cares about has defaults.
final class Workspace {
  let folder: String
  private let registry: MartRegistry
  private var writers: [String: (writer: MartWriter, projections: [any ShopProjection])] = [:]
  private var version: UInt64 = 0
  private var sessionsOfUsers: UInt64 = 100

  /// The source of what is added from now on.
  var system = "test"

  init(
    identity: [String: [String: String]] = [:], _ registry: MartRegistry = Shop.registry, folder name: String = "marts"
  ) throws {
    folder = TemporaryFolder.path + "/" + name
    self.registry = registry
    for definition in registry.marts {
      let projections = definition.shopProjections()
      let types = projections.map { type(of: $0) }
      let schema = MartSchema(
        name: definition.name, meaning: definition.meaning, tables: types.flatMap { $0.tables },
        views: types.flatMap { $0.views })
      let writer = try MartWriter(
        MartDirectory(marts: folder, name: definition.name), schema: schema,
        identity: GenerationIdentity(parts: identity[definition.name] ?? ["keys.tokenVersion": "1"]))
      writers[definition.name] = (writer, projections)
    }
  }

  func add(
    _ payload: Payload<PersonToken>, _ operation: EventOperation = .create, key: RowKey<PersonToken>? = nil,
    at millis: Int64 = 0,
    facts: RequestFacts? = nil
  ) throws {
    version += 1
    let event = Event<PersonToken>(
      source: system, epoch: 1, number: version, position: SourcePosition(stream: "test", record: version),
      operation: operation, version: StateVersion(major: 1, minor: version), occurredAt: Timestamp(millis: millis),
      capturedAt: Timestamp(millis: millis), payload: payload, key: key)
    for (_, projections) in writers.values {
      for projection in projections { try projection.fold(ProjectionInput(event: event, facts: facts)) }
    }
  }

  /// Writes everything, with a heartbeat of every source. `silent`: a partition that is known and has none.
  func flush(readUpTo: Int64 = 0, silent: TopicPartition? = nil) throws {
    for definition in registry.marts {
      guard let (writer, projections) = writers[definition.name] else { continue }
      var ledger = try writer.ledger()
      for source in definition.sources {
        for topic in source.topics {
          let partition = TopicPartition(topic, 0)
          ledger.sourceRead(source.name, partition, upTo: readUpTo)
          ledger.move(partition, to: LogAnchor(nextOffset: Offset(Int64(version))))
          if let silent, silent.topic == topic { ledger.know(silent) }
        }
      }
      try writer.absorb(&ledger) { for projection in projections { try projection.flush(into: $0) } }
    }
  }

  func report(
    _ request: ReportRequest, base: Currency = .usd, now: String = "2026-11-01T00:00:10Z",
    breaks: [String: [String]] = [:], placeholders: [String] = []
  ) throws -> Report {
    let sources = Dictionary(uniqueKeysWithValues: registry.marts.map { ($0.name, $0.sources) })
    return try Reporter(
      marts: folder, sources: sources, baseCurrency: base, breaks: breaks, placeholders: placeholders
    ).report(
      request, now: Timestamp(now) ?? Timestamp(millis: 0))
  }

  /// Rows as text, cells joined by blanks.
  func rows(_ request: ReportRequest, base: Currency = .usd) throws -> [String] {
    shown(try report(request, base: base).table)
  }

  // MARK: Rows

  func order(
    _ id: Int64, _ date: String, _ currency: String = "USD", status: OrderStatus = .completed, updated: String? = nil,
    channel: Channel = .b2b, type: OrderType = .sale, company: Guarded<PersonToken>? = nil, customer: Int64? = nil,
    lines: [(product: Int64, quantity: Int64, price: String)]
  ) throws {
    let day = CivilDate(date) ?? CivilDate(daysSinceEpoch: 0)
    try add(
      .order(
        Change(
          after: Order(
            company: company, customerID: customer.map { RowKey($0) }, channel: channel, orderType: type,
            status: status,
            orderDate: day, currency: currency, createdAt: day.startOfDay,
            updatedAt: updated.flatMap { Timestamp($0) } ?? day.startOfDay))), key: RowKey(id))
    for (index, line) in lines.enumerated() {
      try add(
        .orderLine(
          Change(
            after: OrderLine(
              orderID: RowKey(id), productID: RowKey(line.product), quantity: line.quantity,
              unitPrice: Decimal64(line.price) ?? .zero))), key: RowKey(id * 100 + Int64(index)))
    }
  }

  func rate(_ date: String, _ currency: String, _ rate: String) throws {
    try add(
      .exchangeRate(
        Change(
          after: ExchangeRate(
            date: CivilDate(date) ?? CivilDate(daysSinceEpoch: 0), currency: currency, rate: Decimal64(rate) ?? .zero)))
    )
  }

  func store(_ id: Int64, _ city: String, at moment: String) throws {
    try add(.store(Change(after: Store(city: city, state: ""))), key: RowKey(id), at: Timestamp(moment)?.millis ?? 0)
  }

  func product(_ id: Int64, _ name: String, category: String = "Phones", supplier: Guarded<PersonToken>? = nil) throws {
    try add(
      .product(
        Change(after: Product(name: name, category: category, supplier: supplier, basePrice: .zero))), key: RowKey(id))
  }

  func company(_ cuit: Guarded<PersonToken>, _ name: Guarded<PersonToken>, login: UInt64? = nil) throws {
    try add(
      .company(
        Change(after: Company(taxNumber: cuit, name: name, kind: "client", country: "US", login: login.map(token)))))
  }

  func customer(_ id: Int64, user: UInt64? = nil, company: String? = nil, country: String = "US", email: UInt64? = nil)
    throws
  {
    try add(
      .customer(
        Change(
          after: Customer(
            company: company.map { .open($0) }, username: user.map(token), email: email.map(token), country: country))),
      key: RowKey(id))
  }

  func request(
    _ time: String, ip: UInt64 = 1, user: UInt64? = nil, country: String = "US", device: String = "Desktop",
    os: String = "Windows", browser: String = "Chrome", bot: Bool = false, health: Bool = false, signIn: Bool = false,
    status: Int32 = 200, channel: MarketingChannel? = .direct, unknownWords: String = ""
  ) throws {
    let row = WebRequest<PersonToken>(
      method: "GET", path: "/", status: status, bytes: 100, referrer: "", userAgent: "\(device)\(os)\(browser)",
      country: country, ipPrefix: "", countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "",
      ip: token(ip),
      user: user.map(token))
    let agent = UserAgentFacts(deviceClass: device, os: os, browser: browser, isBot: bot)
    try add(
      .webRequest(row), at: Timestamp(time)?.millis ?? 0,
      facts: RequestFacts(
        agent: agent, channel: channel, isBot: bot, isHealthCheck: health, isSignIn: signIn, unknownWords: unknownWords)
    )
  }

  func lead(
    _ id: String, _ status: String, campaign: String = "spring", source: String = "webinar",
    created: String = "2026-05-01",
    company: String = "", email: UInt64? = nil, vanished: Bool = false
  ) throws {
    let row = Lead<PersonToken>(
      leadID: id, createdAt: Timestamp(created + "T12:00:00Z") ?? Timestamp(millis: 0), campaign: campaign,
      companyName: company, industry: "", contactEmail: email.map(token), leadSource: source, country: "US",
      status: status,
      statusUpdatedAt: Timestamp(millis: 0))
    try add(.lead(vanished ? Change(before: row) : Change(after: row)), vanished ? .delete : .create)
  }
}

func token(_ number: UInt64) -> Token { Token(high: number &* 0x9e37_79b9_7f4a_7c15, low: number) }

func shown(_ table: ReportTable) -> [String] {
  table.rows.map { row in
    row.map { cell in
      switch cell {
      case .text(let text): text
      case .integer(let value): String(value)
      }
    }.joined(separator: " ")
  }
}

func date(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(daysSinceEpoch: 0) }

func zone(_ name: String) throws -> ReportZone { try #require(ReportZone(name)) }
