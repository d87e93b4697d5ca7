extension Truth {
  private func served(in window: ClosedRange<Int>) -> [Request] {
    served.filter { window.contains(Days.day(ofSecond: $0.time)) }
  }

  private func countryCode(_ request: Request) -> String { Geography.countries[Int(request.country)].code }

  /// Requests within a visit come from the site itself, so they count as direct.
  private func channel(_ request: Request) -> String {
    request.landing < 0 ? "direct" : Landing.all[Int(request.landing)].channel
  }

  /// Customers who act for a company, and companies' own logins.
  private func isCompanys(_ user: Int32) -> Bool {
    let user = Int(user)
    if user < 0 { return false }
    if user < world.customers.count { return world.customers[user].company != nil }
    return user < world.customers.count + world.companies.count
  }

  func topDevices() -> Report {
    struct Device: Hashable {
      var deviceClass: String
      var os: String
      var browser: String
    }
    var users: [Device: Set<Int32>] = [:]
    var requests: [Device: Int64] = [:]
    for request in served(in: rollingYear) where request.page != .health && isCompanys(request.user) {
      let agent = Agent.all[Int(request.agent)]
      if agent.isBot { continue }
      let device = Device(deviceClass: agent.deviceClass, os: agent.os, browser: agent.browser)
      users[device, default: []].insert(request.user)
      requests[device, default: 0] += 1
    }
    let ranked = users.keys.sorted {
      let left = (users[$0]?.count ?? 0, requests[$0] ?? 0)
      let right = (users[$1]?.count ?? 0, requests[$1] ?? 0)
      if left != right { return left > right }
      return ($0.deviceClass, $0.os, $0.browser) < ($1.deviceClass, $1.os, $1.browser)
    }
    return Report(
      key: "top-devices", name: "top-devices",
      rows: ranked.prefix(5).enumerated().map { index, device in
        .object([
          ("rank", .integer(Int64(index + 1))), ("device_class", .text(device.deviceClass)), ("os", .text(device.os)),
          ("browser", .text(device.browser)), ("users", .integer(Int64(users[device]?.count ?? 0))),
          ("requests", .integer(requests[device] ?? 0)),
        ])
      })
  }

  /// Requests under a name answered below 400, bots and health checks included: per user and country.
  private func presence() -> [Int32: [String: Int]] {
    var counts: [Int32: [String: Int]] = [:]
    for request in served(in: rollingYear) where request.user >= 0 && request.status < 400 {
      counts[request.user, default: [:]][countryCode(request), default: 0] += 1
    }
    return counts
  }

  func popularProducts() -> Report {
    let presence = presence()
    var users: [String: Int] = [:]
    var home: [Int32: String] = [:]
    for (user, countries) in presence {
      for country in countries.keys { users[country, default: 0] += 1 }
      home[user] = countries.min { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }?.key
    }
    let countries = users.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(5)

    struct Total: Hashable {
      var product: Int32
      var day: Int32
      var currency: Int8
    }
    var rows: [JSONValue] = []
    for (position, country) in countries.enumerated() {
      var units: [Int32: Int64] = [:]
      var totals: [Total: Int64] = [:]
      for order in booked.map(\.order) where !order.isPurchase && order.status != .cancelled {
        guard rollingYear.contains(Int(order.day)), order.customer >= 0, home[order.customer] == country.key else {
          continue
        }
        for line in acceptedLines(order) {
          units[line.product, default: 0] += Int64(line.quantity)
          totals[Total(product: line.product, day: order.day, currency: order.currency), default: 0] +=
            TruthMoney.amount(line.quantity, line.price, currency: Int(order.currency))
        }
      }
      var revenue: [Int32: Int64] = [:]
      for (key, total) in totals {
        let base = TruthMoney.base(total, currency: Int(key.currency), day: Int(key.day), world) ?? 0
        revenue[key.product, default: 0] += base
      }
      let best = units.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(5)
      for (rank, product) in best.enumerated() {
        rows.append(
          .object([
            ("country", .text(country.key)), ("country_rank", .integer(Int64(position + 1))),
            ("users", .integer(Int64(country.value))), ("rank", .integer(Int64(rank + 1))),
            ("product_id", .integer(Int64(product.key))), ("product_name", .text(world.productName(product.key))),
            ("units", .integer(product.value)), ("revenue_minor", .integer(revenue[product.key] ?? 0)),
            ("currency", .text("USD")),
          ]))
      }
    }
    return Report(key: "popular-products", name: "popular-products", rows: rows)
  }

  // MARK: The last thirty days

  /// Somebody as the log knows him: an address with a user agent.
  private struct Somebody: Hashable {
    var address: Int32
    var agent: Int16
  }

  /// Everything counts in the row of its session, whose channel and country are those of the session's first request:
  /// a visit that a campaign brought stays the campaign's when it moves on within the site.
  private struct VisitorDay: Hashable {
    var somebody: Somebody
    var day: Int
  }

  /// What each visitor asked for on each of the last thirty days.
  private func visitsByDay() -> [VisitorDay: [Request]] {
    var visits: [VisitorDay: [Request]] = [:]
    for request in served(in: lastThirtyDays) {
      let somebody = Somebody(address: request.address, agent: request.agent)
      visits[VisitorDay(somebody: somebody, day: Days.day(ofSecond: request.time)), default: []].append(request)
    }
    return visits
  }

  func siteTraffic() -> Report {
    struct Key: Hashable {
      var day: Int
      var country: String
      var channel: String
    }
    struct Row {
      var requests: Int64 = 0
      var bytes: Int64 = 0
      var visitors: Set<Somebody> = []
      var sessions: Int64 = 0
      var signIns: Int64 = 0
      var botRequests: Int64 = 0
    }
    var rows: [Key: Row] = [:]
    for (visit, requests) in visitsByDay() {
      let isBot = Agent.all[Int(visit.somebody.agent)].isBot
      let sorted = requests.sorted {
        ($0.time, Landing.rank(channel($0)), countryCode($0)) < ($1.time, Landing.rank(channel($1)), countryCode($1))
      }
      var key = Key(day: visit.day, country: "", channel: "")
      var previous: Int64?
      for request in sorted {
        // Up to half an hour of silence belongs to the session.
        if previous == nil || request.time - (previous ?? 0) > 1_800 {
          key = Key(day: visit.day, country: countryCode(request), channel: channel(request))
          if !isBot { rows[key, default: Row()].sessions += 1 }
        }
        previous = request.time
        if isBot {
          rows[key, default: Row()].botRequests += 1
          continue
        }
        rows[key, default: Row()].requests += 1
        rows[key, default: Row()].bytes += Int64(max(0, request.bytes))
        rows[key, default: Row()].visitors.insert(visit.somebody)
        if request.page == .login, request.status < 400 { rows[key, default: Row()].signIns += 1 }
      }
    }
    let sorted = rows.sorted {
      ($0.key.day, $0.key.country, $0.key.channel) < ($1.key.day, $1.key.country, $1.key.channel)
    }
    return Report(
      key: "site-traffic", name: "site-traffic",
      rows: sorted.map { key, row in
        .object([
          ("date", .text(Days.text(key.day))), ("country", .text(key.country)), ("channel", .text(key.channel)),
          ("requests", .integer(row.requests)), ("bytes", .integer(row.bytes)),
          ("visitors", .integer(Int64(row.visitors.count))), ("sessions", .integer(row.sessions)),
          ("sign_ins", .integer(row.signIns)), ("bot_requests", .integer(row.botRequests)),
        ])
      })
  }

  func advertisingShares() -> Report {
    var requests: [String: Int64] = [:]
    for request in served(in: lastThirtyDays) where request.page != .health && !Agent.all[Int(request.agent)].isBot {
      requests[countryCode(request), default: 0] += 1
    }
    let total = requests.values.reduce(0, +)
    var shares = requests.mapValues { $0 * 10_000 / max(1, total) }
    // What rounding down left over goes to those who lost most by it.
    let left = total == 0 ? 0 : 10_000 - shares.values.reduce(0, +)
    let byRemainder = requests.sorted {
      let leftRest = $0.value * 10_000 % max(1, total)
      let rightRest = $1.value * 10_000 % max(1, total)
      return leftRest != rightRest ? leftRest > rightRest : $0.key < $1.key
    }
    for (code, _) in byRemainder.prefix(Int(left)) { shares[code, default: 0] += 1 }
    let sorted = requests.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    return Report(
      key: "advertising-shares", name: "advertising-shares",
      rows: sorted.map { code, count in
        .object([
          ("country", .text(code)), ("requests", .integer(count)), ("share_bp", .integer(shares[code] ?? 0)),
        ])
      })
  }
}

extension Landing {
  /// Place in the one list of marketing channels, which decides between requests of the same second.
  fileprivate static func rank(_ channel: String) -> Int {
    ["search", "social", "email", "referral", "affiliate", "display", "trade_show", "webinar", "cold_call", "direct"]
      .firstIndex(of: channel) ?? 99
  }
}
