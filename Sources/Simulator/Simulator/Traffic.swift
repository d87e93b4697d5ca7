internal import Money

enum PageKind: UInt8 {
  case catalog
  case product
  case health
  case login
  case orders
}

/// What stands in the file for a request.
enum LineForm: UInt8 {
  case complete
  case truncated
  case withoutTime
  case withoutRequest
}

struct Request {
  /// Seconds since 1970; what reports book by.
  var time: Int64
  /// When the line was written, which decides on file and place; later than `time` for late lines.
  var writtenAt: Int64
  /// Index into `Traffic.addresses`.
  var address: Int32
  var agent: Int16
  /// Index into `Traffic.users`, or -1.
  var user: Int32
  /// Country index of the address.
  var country: Int8
  var page: PageKind
  /// Category or product id or order number in the path.
  var detail: Int32
  /// Index into `Landing.all`, or -1 for a request within a visit.
  var landing: Int8
  var status: Int16
  /// -1: none, "-" in the file.
  var bytes: Int32
  var form = LineForm.complete
}

/// How a visit came about, and the marketing channel it counts for.
struct Landing {
  var query: String
  var referrer: String
  var channel: String
  var weight: Int

  static let site = "https://shop.electroniz.example"

  static let all: [Landing] = [
    Landing(query: "", referrer: "-", channel: "direct", weight: 34),
    Landing(
      query: "utm_source=google&utm_medium=cpc&utm_campaign=spring-sale", referrer: "https://www.google.com/",
      channel: "search", weight: 10),
    Landing(
      query: "utm_source=bing&utm_medium=ppc&utm_campaign=b2b-outlook", referrer: "https://www.bing.com/",
      channel: "search", weight: 3),
    Landing(
      query: "utm_source=facebook&utm_medium=social&utm_campaign=summer%20deals", referrer: "https://www.facebook.com/",
      channel: "social", weight: 6),
    Landing(
      query: "utm_source=linkedin&utm_medium=social&utm_campaign=b2b-outlook", referrer: "-", channel: "social",
      weight: 4),
    Landing(
      query: "utm_source=newsletter&utm_medium=email&utm_campaign=new-arrivals", referrer: "-", channel: "email",
      weight: 9),
    Landing(
      query: "utm_source=bestdeals&utm_medium=affiliate&utm_campaign=loyalty",
      referrer: "https://www.bestdeals.example/top", channel: "affiliate", weight: 5),
    Landing(
      query: "utm_source=adnet&utm_medium=display&utm_campaign=black-friday", referrer: "-", channel: "display",
      weight: 4),
    Landing(
      query: "utm_source=adnet&utm_medium=banner&utm_campaign=black-friday", referrer: "https://news.example/front",
      channel: "display", weight: 2),
    Landing(
      query: "utm_source=gadgetblog&utm_medium=referral&utm_campaign=new-arrivals",
      referrer: "https://gadgetblog.example/review", channel: "referral", weight: 2),
    Landing(query: "", referrer: "https://www.google.com/", channel: "search", weight: 12),
    Landing(query: "", referrer: "https://duckduckgo.com/", channel: "search", weight: 2),
    Landing(query: "", referrer: "https://www.linkedin.com/", channel: "social", weight: 2),
    Landing(query: "", referrer: "https://www.techreview.example/best-laptops", channel: "referral", weight: 5),
  ]
  static let direct = 0
}

/// Somebody who comes back with the same address and browser.
struct Visitor {
  var user: Int32
  var country: Int
  var address: Int32
  var agent: Int
}

/// All requests of all days.
struct Traffic {
  var addresses: [String] = []
  /// User names: customers' by their index, then companies' logins, then the site's own staff.
  var users: [String] = []
  var requests: [Request] = []
}

/// Visits of the simulated days: several pages within minutes, landings from campaigns, sign-ins, crawlers.
struct TrafficBuilder {
  private let plan: SimulationPlan
  private let world: World
  private var random: Random
  private var addresses: AddressBook
  /// Visits that advertising brings, by day.
  private let landings: [[SimulatedAdvertising.Visit]]
  /// Landings without a campaign, for the visits that come by themselves.
  private static let unpaid = Landing.all.indices.filter { Landing.all[$0].query.isEmpty }
  private let unpaidSums = runningSums(unpaid.map { Landing.all[$0].weight })
  private var traffic = Traffic()
  private var known: [Int: Visitor] = [:]
  private var crawlers: [Visitor] = []
  private let countrySums: [Int]
  private let humanSums: [Int]
  private let landingSums = runningSums(Landing.all.map(\.weight))
  private let pageSums = runningSums([40, 30, 15, 10, 5])
  /// Of the second page after a landing, which is a catalog page in four of seven cases and a product in three: with
  /// it, all pages keep their shares.
  private let secondPageSums = runningSums([229, 171, 300, 200, 100])
  private static let pages: [PageKind] = [.catalog, .product, .health, .login, .orders]
  private static let staff = 12

  init(
    plan: SimulationPlan, world: World, ranges: CountryRanges, landings: [[SimulatedAdvertising.Visit]] = []
  ) {
    self.plan = plan
    self.world = world
    self.landings = landings
    random = Random(seed: plan.seed, stream: 20)
    addresses = AddressBook(ranges)
    countrySums = runningSums(world.countries.map { Geography.countries[$0].weight })
    humanSums = runningSums(Agent.usual.map { $0.isBot ? 0 : $0.weight })
    traffic.users =
      world.customers.map(\.username) + world.companies.map(\.login) + (1...TrafficBuilder.staff).map { "staff.\($0)" }
  }

  mutating func build(progress: (Double) -> Void) -> Traffic {
    traffic.requests.reserveCapacity(plan.weblogLines)
    var weights: [Int] = []
    for day in world.firstDay...world.lastDay {
      let growth = 800 + 400 * (day - world.firstDay) / plan.days
      weights.append([100, 104, 106, 104, 96, 64, 58][Days.weekday(day)] * growth)
    }
    let sum = Int64(weights.reduce(0, +))
    var seen: Int64 = 0
    for (offset, weight) in weights.enumerated() {
      seen += Int64(weight)
      let due = Int(Int64(plan.weblogLines) * seen / sum)
      if landings.indices.contains(offset) {
        for landing in landings[offset] where traffic.requests.count < due { land(landing, until: due) }
      }
      while traffic.requests.count < due { visit(day: world.firstDay + offset, room: due - traffic.requests.count) }
      if offset % 32 == 0 { progress(Double(offset) / Double(weights.count)) }
    }
    traffic.addresses = addresses.texts
    return traffic
  }

  /// A visit that begins on a campaign's landing page, and looks at a page or two.
  private mutating func land(_ visit: SimulatedAdvertising.Visit, until due: Int) {
    var visitor: Visitor
    if let customer = visit.customer {
      visitor = self.visitor(user: customer, device: 0)
    } else {
      visitor = Visitor(
        user: -1, country: visit.country, address: addresses.make(country: visit.country, &random),
        agent: random.index(cumulative: humanSums))
    }
    request(visitor, random.below(7) < 4 ? .catalog : .product, landing: visit.landing, at: visit.second)
    guard traffic.requests.count < due else { return }
    let moment = min(visit.second + Int64(random.within(5...300)), Int64(world.lastDay + 1) * Days.secondsPerDay - 1)
    request(visitor, TrafficBuilder.pages[random.index(cumulative: secondPageSums)], landing: -1, at: moment)
  }

  private mutating func visit(day: Int, room: Int) {
    let draw = random.below(100)
    let isBot = draw >= 95
    var visitor = isBot ? crawler() : draw >= 90 ? stranger() : signedIn()
    if !isBot, random.chance(percent: 3) {
      // On a journey: the same device at an address elsewhere.
      visitor.country = world.countries[random.index(cumulative: countrySums)]
      visitor.address = addresses.make(country: visitor.country, &random)
    }
    var second = random.below(86_400 - 1)
    // About half of the visits fall into the visitor's working day.
    if random.chance(percent: 50) { second = 8 * 3_600 + random.below(10 * 3_600) }
    let count = min(room, isBot ? random.within(1...12) : random.within(1...9))
    for position in 0..<count {
      if position > 0 {
        // Now and then somebody comes back from lunch: a new session of the same visitor.
        second += random.chance(percent: 4) ? random.within(1_801...7_200) : random.within(2...400)
      }
      var moment = Int64(day) * Days.secondsPerDay + Int64(second)
      // A visit may run over midnight, but not beyond the last simulated day.
      moment = min(moment, Int64(world.lastDay + 1) * Days.secondsPerDay - 1)
      request(visitor, isBot: isBot, at: moment, isFirst: position == 0)
    }
  }

  private mutating func request(_ visitor: Visitor, isBot: Bool, at moment: Int64, isFirst: Bool) {
    let page = TrafficBuilder.pages[random.index(cumulative: pageSums)]
    var landing = -1
    if isFirst {
      let mayLand = !isBot && (page == .catalog || page == .product)
      landing = mayLand ? self.landing(of: visitor) : Landing.direct
    }
    request(visitor, page, landing: landing, at: moment)
  }

  /// Who has an account mostly comes by himself; what brings him otherwise is the advertising of `landings`.
  private mutating func landing(of visitor: Visitor) -> Int {
    guard visitor.user >= 0, !landings.isEmpty else { return random.index(cumulative: landingSums) }
    return random.chance(percent: 75) ? Landing.direct : TrafficBuilder.unpaid[random.index(cumulative: unpaidSums)]
  }

  private mutating func request(_ visitor: Visitor, _ page: PageKind, landing: Int, at moment: Int64) {
    var status = 200
    var detail = 0
    let luck = random.below(1_000)
    switch page {
    case .catalog:
      detail = random.below(Words.categories.count)
      status = luck < 30 ? 304 : luck < 35 ? 500 : 200
    case .product:
      detail = 1 + random.below(world.products.count)
      status = luck < 30 ? 304 : luck < 45 ? 404 : 200
    case .health: status = luck < 5 ? 503 : 200
    case .login: status = luck < 250 ? 401 : luck < 800 ? 302 : 200
    case .orders:
      detail = 1 + random.below(max(1, plan.orders))
      status = visitor.user < 0 ? 403 : luck < 100 ? 201 : 200
    }
    traffic.requests.append(
      Request(
        time: moment, writtenAt: moment, address: visitor.address, agent: Int16(visitor.agent), user: visitor.user,
        country: Int8(visitor.country), page: page, detail: Int32(detail), landing: Int8(landing),
        status: Int16(status),
        bytes: status == 304 ? -1 : page == .health ? 2 : Int32(random.within(180...64_000))))
  }

  /// Forty addresses do all the crawling.
  private mutating func crawler() -> Visitor {
    guard crawlers.count >= 40 else {
      let country = world.countries.first ?? 0
      let agent = Agent.usual.firstIndex { $0.isBot } ?? 0
      crawlers.append(
        Visitor(user: -1, country: country, address: addresses.make(country: country, &random), agent: agent))
      return crawlers[crawlers.count - 1]
    }
    return random.pick(crawlers)
  }

  private mutating func stranger() -> Visitor {
    let agent = random.index(cumulative: humanSums)
    let country = world.countries[random.index(cumulative: countrySums)]
    return Visitor(user: -1, country: country, address: addresses.make(country: country, &random), agent: agent)
  }

  private mutating func signedIn() -> Visitor {
    let draw = random.below(100)
    let user: Int
    if draw < 1 {
      user = world.customers.count + world.companies.count + random.below(TrafficBuilder.staff)
    } else if draw < 8 {
      user = world.customers.count + random.below(world.companies.count)
    } else {
      // Two draws, the smaller one: some come often.
      user = min(random.below(world.customers.count), random.below(world.customers.count))
    }
    // One in five visits comes from a second device.
    return visitor(user: user, device: random.chance(percent: 20) ? 1 : 0)
  }

  private mutating func visitor(user: Int, device: Int) -> Visitor {
    let key = user * 2 + device
    if let visitor = known[key] { return visitor }
    var country = world.countries.first ?? 0
    if user < world.customers.count {
      country = world.customers[user].country
    } else if user < world.customers.count + world.companies.count {
      country = world.companies[user - world.customers.count].country
    }
    let visitor = Visitor(
      user: Int32(user), country: country, address: addresses.make(country: country, &random),
      agent: random.index(cumulative: humanSums))
    known[key] = visitor
    return visitor
  }
}

/// Addresses within a country's ranges; equal texts share one index, since a visitor is known by the text.
struct AddressBook {
  private let v4: [[CountryRanges.V4]]
  private let v6: [[CountryRanges.V6]]
  private(set) var texts: [String] = []
  private var indices: [String: Int32] = [:]

  init(_ ranges: CountryRanges) {
    v4 = Geography.countries.map { ranges.v4[$0.code] ?? [] }
    v6 = Geography.countries.map { ranges.v6[$0.code] ?? [] }
  }

  /// One in four is IPv6 where the country has both.
  mutating func make(country: Int, _ random: inout Random) -> Int32 {
    let text = text(country: country, &random)
    if let index = indices[text] { return index }
    let index = Int32(texts.count)
    texts.append(text)
    indices[text] = index
    return index
  }

  /// An address that is not remembered.
  func text(country: Int, _ random: inout Random) -> String {
    let useV6 = v4[country].isEmpty || (!v6[country].isEmpty && random.chance(percent: 25))
    if useV6 {
      let range = v6[country][random.below(v6[country].count)]
      let wide = UInt128(random.next()) << 64 | UInt128(random.next())
      return AddressText.v6(
        range.low + (range.high - range.low == UInt128.max ? wide : wide % (range.high - range.low + 1)))
    }
    let range = v4[country][random.below(v4[country].count)]
    return AddressText.v4(range.low + UInt32(random.below(Int(range.high - range.low) + 1)))
  }
}
