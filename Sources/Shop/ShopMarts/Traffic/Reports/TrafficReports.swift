package import Reports

/// The reports of the traffic mart; two of them read the sales mart beside it.
extension ReportDefinition {
  /// What companies' users browse with.
  package static let topDevices = ReportDefinition(
    name: "top-devices", meaning: "the devices most used by B2B clients", marts: [TrafficMart.name, SalesMart.name],
    options: [.from, .to, .top(fallback: 5), .devicesBy], refusals: [TrafficMart.noZone], window: .months(12),
    newestEvent: TrafficMart.newestEvent,
    needs: .topDevices
  ) { try TopDevices.answer($0.request, $0.marts) }

  /// What is bought where people log in.
  package static let popularProducts = ReportDefinition(
    name: "popular-products", meaning: "the most popular products where most users log in",
    marts: [TrafficMart.name, SalesMart.name],
    options: [
      .from, .to, .top("how many products per country", fallback: 5), .countries, .rankBy, .countryBy, .channel,
    ], refusals: [TrafficMart.noZone], window: .months(12), newestEvent: TrafficMart.newestEvent,
    needs: .popularProducts
  ) { try PopularProducts.answer($0.request, $0.marts, base: $0.baseCurrency) }

  /// Visits per day.
  package static let siteTraffic = ReportDefinition(
    name: "site-traffic", meaning: "requests, visitors, sessions and sign-ins per day, country and channel",
    marts: [TrafficMart.name], options: [.from, .to], refusals: [TrafficMart.noZone], window: .days(30),
    newestEvent: TrafficMart.newestEvent, needs: ReportNeeds(.requests)
  ) { try SiteTraffic.answer($0.request, $0.marts) }

  /// Countries' shares of the visits.
  package static let advertisingShares = ReportDefinition(
    name: "advertising-shares", meaning: "each country's share of human traffic", marts: [TrafficMart.name],
    options: [.from, .to], refusals: [TrafficMart.noZone], window: .days(30), newestEvent: TrafficMart.newestEvent,
    needs: ReportNeeds(.requests, .countries)
  ) { try AdvertisingShares.answer($0.request, $0.marts) }

  /// Tags that name no channel.
  package static let utmWords = ReportDefinition(
    name: "utm-words", meaning: "words of UTM parameters that name no channel, with counts", marts: [TrafficMart.name],
    options: [.from, .to], refusals: [TrafficMart.noZone], window: .months(12), newestEvent: TrafficMart.newestEvent,
    needs: ReportNeeds(.requests)
  ) { try UTMWords.answer($0.request, $0.marts) }
}

extension ReportNeeds {
  fileprivate static let topDevices = ReportNeeds(by: { request in
    guard request.choice(ReportOption.devicesBy.name) == "user" else { return [.requests] }
    let instead = "millrace report top-devices --by visitor"
    return [.requests, .users(instead: instead), .clients(instead: instead)]
  })

  fileprivate static let popularProducts = ReportNeeds(by: { request in
    guard request.choice(ReportOption.countryBy.name) == "ip" else { return [.orders, .profiles] }
    return [.requests, .users(instead: "millrace report popular-products --by profile"), .countries, .orders]
  })
}

extension ReportOption {
  /// How many countries popular-products goes through; there are fewer than 300.
  static let countries = ReportOption("countries", .count(1...300), "how many countries", fallback: 5)
  /// Whose devices top-devices counts.
  static let devicesBy = ReportOption(
    "by", .choice(["user", "visitor"]), "devices of companies' users, or of all visitors", fallback: "user")
  /// What decides a product's rank.
  static let rankBy = ReportOption(
    "rank-by", .choice(["units", "revenue"]), "what decides the rank", fallback: "units")
  /// Whose countries count.
  static let countryBy = ReportOption(
    "by", .choice(["ip", "profile"]), "countries by IP address or by the customers' own data", fallback: "ip")
}
