import Advertising
import Enrichment
import Entity
import EventLog
import Events
import Marts
import Money
import Projections
import ShopMarts
import TestSupport

/// All marts, fed with rows as projections get them; what no test cares about has defaults.
final class MartsUnderTest {
  let folder: String
  private var writers: [String: (writer: MartWriter, projections: [any ShopProjection])] = [:]
  private var version: UInt64 = 0
  /// The source of what is added from now on.
  var system = "test"

  init(identity: [String: String] = [:]) throws {
    folder = TemporaryFolder.path + "/marts"
    for definition in Shop.marts {
      let projections = definition.shopProjections()
      let types = projections.map { type(of: $0) }
      let writer = try MartWriter(
        MartDirectory(marts: folder, name: definition.name),
        schema: MartSchema(
          name: definition.name, meaning: definition.meaning, tables: types.flatMap { $0.tables },
          views: types.flatMap { $0.views }),
        identity: GenerationIdentity(parts: ["keys.tokenVersion": identity[definition.name] ?? "1"]))
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

  func flush() throws {
    for definition in Shop.marts {
      guard let (writer, projections) = writers[definition.name] else { continue }
      var ledger = try writer.ledger()
      for topic in definition.topics {
        ledger.move(TopicPartition(topic, 0), to: LogAnchor(nextOffset: Offset(Int64(version))))
      }
      try writer.absorb(&ledger) { for projection in projections { try projection.flush(into: $0) } }
    }
  }

  func read(
    _ asOf: String, days: (String, String)? = nil, staff: AdvertisingQuery.Staff = .init()
  ) throws -> AdvertisingHistory {
    try flush()
    return try AdvertisingReader(marts: folder).read(
      AdvertisingQuery(asOf: date(asOf), days: days.map { date($0.0)...date($0.1) }, staff: staff))
  }

  // MARK: Rows

  func visit(
    _ time: String, ip: UInt64 = 1, user: UInt64? = nil, country: String = "US", channel: MarketingChannel? = .direct,
    campaign: String = "", bot: Bool = false, health: Bool = false
  ) throws {
    let row = WebRequest<PersonToken>(
      method: "GET", path: "/", status: 200, bytes: 100, referrer: "", userAgent: "Firefox", country: country,
      ipPrefix: "", countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: campaign, ip: token(ip),
      user: user.map(token))
    let agent = UserAgentFacts(deviceClass: "Desktop", os: "Linux", browser: "Firefox", isBot: bot)
    try add(
      .webRequest(row), at: Timestamp(time)?.millis ?? 0,
      facts: RequestFacts(
        agent: agent, channel: channel, isBot: bot, isHealthCheck: health, isSignIn: false, campaign: campaign))
  }

  func customer(_ id: Int64, user: UInt64? = nil, company: String? = nil, email: UInt64? = nil) throws {
    try add(
      .customer(
        Change(
          after: Customer(
            company: company.map { .open($0) }, username: user.map(token), email: email.map(token), country: "US"))),
      key: RowKey(id))
  }

  func company(_ cuit: String, _ name: String, login: UInt64? = nil) throws {
    try add(
      .company(
        Change(
          after: Company(
            taxNumber: .open(cuit), name: .open(name), kind: "client", country: "US", login: login.map(token)))))
  }

  func order(
    _ id: Int64, _ time: String, customer: Int64? = nil, company: String? = nil, price: String = "100.00",
    currency: String = "USD", status: OrderStatus = .completed, type: OrderType = .sale
  ) throws {
    let moment = Timestamp(time) ?? Timestamp(millis: 0)
    try add(
      .order(
        Change(
          after: Order(
            company: company.map { .open($0) }, customerID: customer.map { RowKey($0) }, channel: .ecommerce,
            orderType: type,
            status: status, orderDate: moment.day, currency: currency, createdAt: moment, updatedAt: moment))),
      key: RowKey(id))
    try add(
      .orderLine(
        Change(
          after: OrderLine(
            orderID: RowKey(id), productID: 1, quantity: 1, unitPrice: Decimal64(price) ?? .zero))),
      key: RowKey(id * 100))
  }

  func lead(
    _ id: String, _ time: String, source: String = "trade show", status: String = "new", campaign: String = "fair",
    company: String = "", email: UInt64? = nil, country: String = "US"
  ) throws {
    let moment = Timestamp(time) ?? Timestamp(millis: 0)
    try add(
      .lead(
        Change(
          after: Lead(
            leadID: id, createdAt: moment, campaign: campaign, companyName: company, industry: "",
            contactEmail: email.map(token), leadSource: source, country: country, status: status,
            statusUpdatedAt: moment))))
  }

  func spend(
    _ day: String, _ amount: Int64, market: String = "US", channel: String = "search", campaign: String = "spring",
    currency: String = "USD"
  ) throws {
    try add(
      .spend(
        Change(
          after: Spend(
            date: date(day), market: market, channel: channel, campaign: campaign, amountMinor: amount,
            currency: currency))))
  }

  func rate(_ day: String, _ currency: String, _ rate: String) throws {
    try add(
      .exchangeRate(Change(after: ExchangeRate(date: date(day), currency: currency, rate: Decimal64(rate) ?? .zero))))
  }
}

func date(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(daysSinceEpoch: 0) }
func token(_ number: UInt64) -> Token { Token(high: number &* 0x9e37_79b9_7f4a_7c15, low: number) }

extension AdvertisingHistory {
  /// "US search" per touch of each journey; converted ones end in "=" and their revenue.
  var shownJourneys: [String] {
    journeys.map { journey in
      let touches = journey.touches.map { "\(rows[Int($0.row)].market) \(rows[Int($0.row)].channel)" }
      return touches.joined(separator: ", ") + (journey.converted ? " = \(journey.revenueMinor)" : "")
    }.sorted()
  }

  func sum(_ market: String, _ channel: String) -> Cell {
    rows.firstIndex(of: RowKey(market: market, channel: channel)).map { total($0) } ?? Cell()
  }
}
