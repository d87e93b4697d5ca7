import Auditor
import Capture
import Entity
import Events
import Money
import Privacy
import Projections
import ShopMarts
import ShopSources

/// What happens in the source system of one seed: events for capture, and the same facts in plain words for the auditor.
struct Script {
  enum Mart: CaseIterable {
    case sales, traffic, leads

    var definition: MartDefinition {
      switch self {
      case .sales: .sales
      case .traffic: .traffic
      case .leads: .leads
      }
    }

    var source: String {
      switch self {
      case .sales: SourceName.platform
      case .traffic: SourceName.weblog
      case .leads: SourceName.leads
      }
    }
  }

  let mart: Mart
  private(set) var events: [PendingEvent] = []
  /// Facts for the auditor, with the number of events before them; without what rules keep out.
  private(set) var sales: [(index: Int, fact: Event<PersonToken>)] = []
  private(set) var requests: [(index: Int, fact: PlainRequest)] = []
  private(set) var leads: [(index: Int, fact: PlainLead)] = []
  /// Events that a rule keeps out, by the number of events before them.
  private(set) var refused: [Int] = []
  /// Events that come after one that they should have come before.
  private(set) var late = 0
  private var draw: Draw
  private var newest: [String: UInt64] = [:]
  private var versions: [UInt64] = []

  static let addresses = (1...4).map { "203.0.113.\($0)" }
  static let users = (1...3).map { "user\($0)" }
  static let emails = (1...4).map { "e\($0)@example.com" }
  /// Browser family, as the user agent database names it, and a text that it knows it by.
  private static let agents = [
    ("Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"),
    (
      "Edge",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
        + "Safari/537.36 Edg/120.0.0.0"
    ),
    ("Googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
  ]
  /// Some day of 2026, far from both ends of its month.
  private static let firstDay: Int64 = 20_500

  init(_ mart: Mart, count: Int, _ draw: inout Draw) {
    self.mart = mart
    self.draw = Draw(draw.next())
    // Versions in order but for neighbours that changed places: late states.
    versions = (0..<count).map { UInt64($0 + 1) * 10 }
    for index in versions.indices where self.draw.chance(25) {
      versions.swapAt(index, min(versions.count - 1, index + self.draw.below(9)))
    }
    for index in 0..<count {
      switch mart {
      case .sales: addSale(index)
      case .traffic: addRequest(index)
      case .leads: addLead(index)
      }
    }
  }

  private mutating func note(_ entity: String, at place: UInt64) {
    if place < newest[entity] ?? 0 { late += 1 }
    newest[entity] = max(place, newest[entity] ?? 0)
  }

  private mutating func add(
    _ payload: Payload<Person>, key: RowKey<Person>? = nil, _ operation: EventOperation, topic: String,
    _ version: PendingVersion, at millis: Int64, index: Int
  ) {
    events.append(
      PendingEvent(
        topic: topic, route: Token(high: draw.next() % 7, low: 1), operation: operation,
        position: SourcePosition(stream: "script", record: UInt64(index)), version: version,
        occurredAt: Timestamp(millis: millis), key: key ?? payload.naturalKey(), payload: payload,
        subjects: .all([Subject("user", [UInt8(draw.below(5))])])))
  }

  // MARK: Orders and their lines

  private mutating func addSale(_ index: Int) {
    let version = versions[index]
    let isDelete = draw.chance(12)
    let operation: EventOperation = isDelete ? .delete : draw.pick([.create, .update, .snapshot])
    let millis = Self.firstDay * 86_400_000 + Int64(draw.below(5 * 86_400_000))
    if draw.chance(40) {
      let id = Int64(1 + draw.below(6))
      let day = CivilDate(daysSinceEpoch: Int32(Self.firstDay) + Int32(draw.below(3)))
      let currency = draw.pick(["USD", "JPY", "KWD"])
      let status = OrderStatus(rawValue: Int32(1 + draw.below(4)))
      let channel = Channel(rawValue: Int32(1 + draw.below(2)))
      let type: OrderType = draw.chance(15) ? .purchase : .sale
      func row<P: Phase>() -> Order<P> {
        Order(
          channel: channel, orderType: type, status: status, orderDate: day, currency: currency,
          createdAt: day.startOfDay, updatedAt: Timestamp(millis: millis))
      }
      note("order \(id)", at: version)
      add(
        .order(isDelete ? Change(before: row()) : Change(after: row())), key: RowKey(id), operation,
        topic: Topic.orders,
        .state(version), at: millis, index: index)
      know(.order(isDelete ? Change(before: row()) : Change(after: row())), RowKey(id), operation, version, index)
    } else {
      let isAbsurd = draw.chance(4)
      let id = Int64(1 + draw.below(12))
      let (order, product) = (Int64(1 + draw.below(7)), Int64(1 + draw.below(3)))
      let quantity = isAbsurd ? 5_000 : Int64(1 + draw.below(20))
      let price = Decimal64(unscaled: Int64(draw.below(100_000)), scale: UInt8(draw.below(6)))
      func change<P: Phase>() -> Change<OrderLine<P>> {
        let line = OrderLine<P>(
          orderID: RowKey(order), productID: RowKey(product), quantity: quantity, unitPrice: price)
        return isDelete ? Change(before: line) : Change(after: line)
      }
      add(
        .orderLine(change()), key: RowKey(id), operation, topic: Topic.orders, .state(version), at: millis, index: index
      )
      // Rules look at new states only: a bad row must be possible to delete.
      if isAbsurd, !isDelete {
        refused.append(index)
      } else {
        note("line \(id)", at: version)
        know(.orderLine(change()), RowKey(id), operation, version, index)
      }
    }
  }

  private mutating func know(
    _ payload: Payload<PersonToken>, _ key: RowKey<PersonToken>, _ operation: EventOperation, _ version: UInt64,
    _ index: Int
  ) {
    let fact = Event(
      source: mart.source, epoch: 1, number: 1, position: SourcePosition(stream: "script", record: 0),
      operation: operation, version: StateVersion(major: 1, minor: version), occurredAt: Timestamp(millis: 0),
      capturedAt: Timestamp(millis: 0), payload: payload, key: key)
    sales.append((index, fact))
  }

  // MARK: Requests

  private mutating func addRequest(_ index: Int) {
    let (browser, agent) = draw.pick(Self.agents)
    let ip = draw.below(Self.addresses.count)
    let user = draw.chance(50) ? draw.below(Self.users.count) : nil
    // Steps of six minutes collide and bridge often; two days, both ends of midnight.
    let millis = Self.firstDay * 86_400_000 + Int64(draw.below(480)) * 360_000
    let path = draw.pick(["/", "/login", "/health", "/products/7"])
    let status = draw.pick([200, 302, 404, 401] as [Int32])
    let isSearch = draw.chance(30)
    let request = PlainRequest(
      millis: millis, ip: UInt64(ip), agent: browser, user: user.map { UInt64($0) },
      country: draw.pick(["US", "CA", ""]), channel: isSearch ? 1 : 10, status: status, bytes: Int64(draw.below(5_000)),
      isBot: browser == "Googlebot", isHealth: path == "/health", isSignIn: path == "/login" && status < 400)
    note("visitor \(ip) \(browser)", at: UInt64(millis))
    requests.append((index, request))
    add(
      .webRequest(
        WebRequest(
          method: "GET", path: path, status: status, bytes: request.bytes,
          referrer: isSearch ? "https://www.google.com/" : "", userAgent: agent, country: request.country,
          ipPrefix: "203.0.113.0/24", countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "",
          ip: PersonalData(Self.addresses[ip]), user: user.map { PersonalData(Self.users[$0]) })),
      .create, topic: Topic.weblog, .eventTime, at: millis, index: index)
  }

  // MARK: Leads

  private mutating func addLead(_ index: Int) {
    let email = draw.below(Self.emails.count)
    let lead = PlainLead(
      id: "L\(draw.below(9))", version: versions[index], campaign: "c\(draw.below(3))",
      status: draw.pick(["new", "contacted", "qualified", "converted", "lost"]), email: "e\(email)",
      isVanished: draw.chance(15))
    let millis = Self.firstDay * 86_400_000 + Int64(index) * 1_000
    let row = Lead<Person>(
      leadID: lead.id, createdAt: Timestamp(millis: millis), campaign: lead.campaign, companyName: "ACME",
      industry: "x", contactEmail: PersonalData(Self.emails[email]), leadSource: "LinkedIn Ads",
      country: "US", status: lead.status, statusUpdatedAt: Timestamp(millis: millis))
    note("lead \(lead.id)", at: lead.version)
    leads.append((index, lead))
    add(
      .lead(lead.isVanished ? Change(before: row) : Change(after: row)), lead.isVanished ? .delete : .update,
      topic: Topic.leads, .state(lead.version), at: millis, index: index)
  }
}
