/// Advertising of the simulated shop: what was spent, who landed because of it, and which orders came of that, after a
/// hidden world of response curves. Its own units are US cents.
struct SimulatedAdvertising {
  struct Spend {
    var day: Int
    var country: Int
    var channel: String
    var campaign: String
    /// Minor units of the country's currency.
    var amount: Int64
    var fault: SpendFault?

    /// Whether it must arrive, once, as it is here.
    var counts: Bool { fault == nil || fault == .repeated }
  }

  /// A visit that begins with a campaign's landing page.
  struct Visit {
    var second: Int64
    var country: Int
    var landing: Int
    /// Index of the customer who comes; nil: a stranger.
    var customer: Int?
  }

  /// One market × channel as it truly is, in the units of this shop.
  struct Row {
    var country: Int
    var channel: String
    /// Attributed orders a week at saturation (for the logarithm: per unit of the logarithm).
    var amplitude: Double
    /// Weekly spend in US cents at which the curve bends, and below which nothing happens.
    var scaleCents: Double
    var thresholdCents: Double
    var exponent: Double
    var baseOrders: Double
    var usualSpendCents: Double
  }

  var family = ""
  var rows: [Row] = []
  var spend: [Spend] = []
  /// Rows of a further sheet that lacks its column of currencies.
  var unusable: [Spend] = []
  /// By day from the first one on, in order of time.
  var visits: [[Visit]] = []
  var meanOrderCents = 0.0

  static let channels = ["search", "social", "email", "affiliate", "display"]
  /// No curve stands behind what fairs and calls cost: their leads come as they come.
  static let offline = ["trade_show", "webinar"]

  /// Landings of a channel that a campaign pays for.
  static func landings(_ channel: String) -> [Int] {
    Landing.all.indices.filter { Landing.all[$0].channel == channel && !Landing.all[$0].query.isEmpty }
  }

  /// The UTM parameter as people write it.
  static func campaign(_ landing: Int) -> String {
    let query = Landing.all[landing].query
    guard let name = query.split(separator: "=").last else { return "" }
    return String(name).replacing("%20", with: " ")
  }
}

/// Makes the advertising of a world that has its orders already: orders are not changed, some get a landing before
/// them.
struct SimulatedAdvertisingBuilder {
  private let plan: SimulationPlan
  private let world: World
  private var random: Random
  private var made = SimulatedAdvertising()
  /// When each customer bought anything, in order of time; and who lives where.
  private var purchases: [[Int64]] = []
  private var inhabitants: [[Int]] = []

  /// Of the orders that could have come by advertising, this many do.
  private static let shareOfOrders = 0.4
  /// Of the log's lines, this many belong to landings.
  private static let shareOfLines = 0.3
  static let linesPerVisit = 2

  init(plan: SimulationPlan, world: World) {
    self.plan = plan
    self.world = world
    random = Random(seed: plan.seed, stream: 50)
  }

  mutating func build() -> SimulatedAdvertising {
    made.visits = [[SimulatedAdvertising.Visit]](repeating: [], count: plan.days)
    let countries = Geography.required.compactMap { code in Geography.countries.firstIndex { $0.code == code } }
      .prefix(plan.orders < 1_000 ? 2 : 4)
    // Days since 1970 begin on a Thursday; weeks on Mondays.
    let firstMonday = world.firstDay + (7 - Days.weekday(world.firstDay)) % 7
    let weeks = (world.lastDay + 1 - firstMonday) / 7
    guard weeks > 0, plan.orders > 0, plan.weblogLines > 0 else { return made }
    let channels = plan.orders < 1_000 ? 3 : SimulatedAdvertising.channels.count
    let hidden = AdvertisingWorld(
      AdvertisingWorld.Plan(seed: plan.seed, weeks: weeks, markets: countries.count, channels: channels))
    made.family = hidden.family.rawValue
    let eligible = eligibleOrders(Array(countries), firstMonday: firstMonday, weeks: weeks)
    guard let scale = scale(hidden, orders: eligible.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }) else {
      return made
    }
    made.rows = hidden.rows.map { row in
      SimulatedAdvertising.Row(
        country: countries[row.market], channel: SimulatedAdvertising.channels[row.channel],
        amplitude: row.curve.amplitude * scale.perConversion, scaleCents: row.curve.scale * scale.money,
        thresholdCents: row.curve.threshold * scale.money, exponent: row.curve.exponent,
        baseOrders: row.baseConversions * scale.perConversion, usualSpendCents: row.usualSpendMinor * scale.money)
    }
    countInhabitants()
    var open = eligible
    for seen in hidden.observations {
      let row = made.rows[seen.market * hidden.channels + seen.channel]
      play(seen, row, scale, monday: firstMonday + seen.week * 7, open: &open[seen.market][seen.week])
    }
    spendOffline(Array(countries), firstMonday: firstMonday, weeks: weeks)
    for day in made.visits.indices { made.visits[day].sort { $0.second < $1.second } }
    return made
  }

  /// What one conversion, visitor and unit of money of the hidden company are in this shop.
  private struct Scale {
    /// In orders.
    var perConversion: Double
    /// In visits.
    var perVisitor: Double
    /// In US cents.
    var money: Double
  }

  /// `orders`: how many could have come by advertising. nil: there is nothing to scale from.
  private mutating func scale(_ hidden: AdvertisingWorld, orders: Int) -> Scale? {
    let total = hidden.observations.reduce(0.0) { $0 + Double($1.conversions) }
    let visitors = hidden.observations.reduce(0.0) { $0 + Double($1.visitors) }
    guard total > 0, visitors > 0, orders > 0 else { return nil }
    let perConversion = Double(orders) * Self.shareOfOrders / total
    // An order of this shop is worth something else than one of the hidden company: money is scaled so that a unit of
    // spend brings what it brings there.
    made.meanOrderCents = meanOrderCents()
    let meanHidden = hidden.rows.reduce(0.0) { $0 + $1.orderValueMinor } / Double(max(hidden.rows.count, 1))
    return Scale(
      perConversion: perConversion,
      perVisitor: Double(plan.weblogLines) * Self.shareOfLines / Double(Self.linesPerVisit) / visitors,
      money: perConversion * made.meanOrderCents / max(meanHidden, 1))
  }

  /// One row's week: its spend, visitors who buy nothing, and landings before orders, which are taken from `open`.
  private mutating func play(
    _ seen: AdvertisingWorld.Observation, _ row: SimulatedAdvertising.Row, _ scale: Scale, monday: Int,
    open: inout [Int]
  ) {
    spend(Double(seen.spendMinor) * scale.money, row.country, row.channel, monday: monday)
    let landings = SimulatedAdvertising.landings(row.channel)
    for _ in 0..<whole(Double(seen.visitors) * scale.perVisitor) {
      let second = Int64(monday) * Days.secondsPerDay + Int64(random.below(7 * 86_400))
      add(
        SimulatedAdvertising.Visit(
          second: second, country: row.country, landing: random.pick(landings),
          customer: idleCustomer(row.country, at: second)))
    }
    for _ in 0..<whole(Double(seen.conversions) * scale.perConversion) {
      guard !open.isEmpty else { break }
      let order = world.orders[open.removeLast()]
      // Minutes to days before, most of them soon.
      let before = random.chance(percent: 60) ? random.within(300...7_200) : random.within(7_200...4 * 86_400)
      let second = max(order.createdAt - Int64(before), Int64(world.firstDay) * Days.secondsPerDay)
      add(
        SimulatedAdvertising.Visit(
          second: second, country: row.country, landing: random.pick(landings), customer: Int(order.customer)))
    }
  }

  /// Sales of people who live in the market and do not buy in a store, by market and week, in random order.
  private mutating func eligibleOrders(_ countries: [Int], firstMonday: Int, weeks: Int) -> [[[Int]]] {
    var found = [[[Int]]](repeating: [[Int]](repeating: [], count: weeks), count: countries.count)
    for (index, order) in world.orders.enumerated() {
      guard !order.isPurchase, order.channel != .store, order.customer >= 0, order.status != .cancelled,
        order.status != .returned, Int(order.day) >= firstMonday, Int(order.day) < firstMonday + weeks * 7,
        let market = countries.firstIndex(of: world.customers[Int(order.customer)].country)
      else { continue }
      found[market][(Int(order.day) - firstMonday) / 7].append(index)
    }
    for market in found.indices {
      for week in found[market].indices {
        let list = found[market][week]
        found[market][week] = random.distinct(list.count, below: list.count).map { list[$0] }
      }
    }
    return found
  }

  private mutating func countInhabitants() {
    purchases = [[Int64]](repeating: [], count: world.customers.count)
    for order in world.orders where !order.isPurchase && order.customer >= 0 {
      purchases[Int(order.customer)].append(order.createdAt)
    }
    inhabitants = [[Int]](repeating: [], count: Geography.countries.count)
    for (index, customer) in world.customers.enumerated() { inhabitants[customer.country].append(index) }
  }

  /// Somebody with an account, as nine in ten visitors are, who buys nothing within the thirty days after: the landing
  /// brings nothing. nil: a stranger.
  private mutating func idleCustomer(_ country: Int, at second: Int64) -> Int? {
    guard !random.chance(percent: 10), !inhabitants[country].isEmpty else { return nil }
    for _ in 0..<20 {
      let customer = random.pick(inhabitants[country])
      let buys = purchases[customer].contains { $0 >= second && $0 <= second + 30 * Days.secondsPerDay }
      if !buys { return customer }
    }
    return nil
  }

  /// Of sales that are neither cancelled nor returned, roughly: at prices' usual rates.
  private func meanOrderCents() -> Double {
    var sum = 0.0
    var count = 0.0
    for order in world.orders where !order.isPurchase && order.channel != .store {
      let currency = Geography.currencies[Int(order.currency)]
      var amount = 0.0
      for line in order.lines {
        var price = Double(world.lines[line].price.unscaled)
        for _ in currency.decimals..<max(world.lines[line].price.scale, currency.decimals) { price /= 10 }
        amount += price * Double(world.lines[line].quantity)
      }
      sum += amount * 1_000_000 / Double(max(currency.minorPerCent, 1))
      count += 1
    }
    return count > 0 ? sum / count : 0
  }

  /// Rounded up or down by chance, so that small numbers keep their mean.
  private mutating func whole(_ value: Double) -> Int {
    let floor = value.rounded(.down)
    return Int(floor) + (Double(random.below(1_000_000)) < (value - floor) * 1_000_000 ? 1 : 0)
  }

  private mutating func add(_ visit: SimulatedAdvertising.Visit) {
    let day = Days.day(ofSecond: visit.second) - world.firstDay
    guard made.visits.indices.contains(day) else { return }
    made.visits[day].append(visit)
  }

  /// A week's spend, day by day in large simulations, booked on Sundays in small ones; divided between campaigns.
  private mutating func spend(_ cents: Double, _ country: Int, _ channel: String, monday: Int) {
    let landings = SimulatedAdvertising.landings(channel)
    var campaigns: [String] = []
    for landing in landings where !campaigns.contains(SimulatedAdvertising.campaign(landing)) {
      campaigns.append(SimulatedAdvertising.campaign(landing))
    }
    let days = plan.orders >= 20_000 ? Array(0..<7) : [6]
    let pieces = Int64(days.count * campaigns.count)
    let amount = minor(cents, country)
    for (index, day) in days.enumerated() {
      for (number, campaign) in campaigns.enumerated() {
        let place = Int64(index * campaigns.count + number)
        made.spend.append(
          SimulatedAdvertising.Spend(
            day: monday + day, country: country, channel: channel, campaign: campaign,
            amount: amount * (place + 1) / pieces - amount * place / pieces))
      }
    }
  }

  private mutating func spendOffline(_ countries: [Int], firstMonday: Int, weeks: Int) {
    guard plan.orders >= 1_000 else { return }
    let usual = made.rows.reduce(0.0) { $0 + $1.usualSpendCents } / Double(max(made.rows.count, 1))
    for channel in SimulatedAdvertising.offline {
      for week in stride(from: 3, to: weeks, by: 4) {
        for country in countries.prefix(2) {
          made.spend.append(
            SimulatedAdvertising.Spend(
              day: firstMonday + week * 7 + 2, country: country, channel: channel,
              campaign: channel == "webinar" ? "b2b-outlook" : "loyalty",
              amount: minor(usual * Double(random.within(60...140)) / 100, country)))
        }
      }
    }
  }

  private func minor(_ cents: Double, _ country: Int) -> Int64 {
    let currency = Geography.currencies[Geography.countries[country].currency]
    return Int64((max(cents, 0) * Double(currency.minorPerCent) / 1_000_000).rounded())
  }
}

extension SimulatedAdvertising {
  /// What is true, for the truth file. Numbers with fractions are in millionths.
  var json: JSONValue {
    func millionths(_ value: Double) -> JSONValue {
      .integer(Int64(min(max(value * 1_000_000, -0x1p62), 0x1p62).rounded()))
    }
    func cents(_ value: Double) -> JSONValue { .integer(Int64(min(max(value, 0), 0x1p62).rounded())) }
    struct Key: Hashable {
      var country: Int
      var channel: String
    }
    var sums: [Key: Int64] = [:]
    for entry in spend where entry.counts {
      sums[Key(country: entry.country, channel: entry.channel), default: 0] += entry.amount
    }
    var rejected: [String: Int] = [:]
    for code in spend.compactMap(\.fault?.code) { rejected[code, default: 0] += 1 }
    if !unusable.isEmpty { rejected[SpendFault.unusableCode] = unusable.count }
    let spent = sums.sorted {
      (Geography.countries[$0.key.country].code, $0.key.channel)
        < (Geography.countries[$1.key.country].code, $1.key.channel)
    }
    return .object([
      ("family", .text(family)),
      ("mean_order_minor", cents(meanOrderCents)),
      (
        "curves",
        .list(
          rows.map { row in
            .object([
              ("market", .text(Geography.countries[row.country].code)), ("channel", .text(row.channel)),
              ("amplitude_millionths", millionths(row.amplitude)), ("scale_minor", cents(row.scaleCents)),
              ("threshold_minor", cents(row.thresholdCents)), ("exponent_millionths", millionths(row.exponent)),
              ("base_orders_millionths", millionths(row.baseOrders)), ("usual_spend_minor", cents(row.usualSpendCents)),
            ])
          })
      ),
      ("spend_rows", .integer(Int64(spend.filter(\.counts).count))),
      ("rejected", .counts(rejected)),
      (
        "spend",
        .list(
          spent.map { key, amount in
            .object([
              ("market", .text(Geography.countries[key.country].code)), ("channel", .text(key.channel)),
              ("currency", .text(Geography.currencies[Geography.countries[key.country].currency].code)),
              ("amount_minor", .integer(amount)),
            ])
          })
      ),
    ])
  }
}
