internal import Money
internal import Reports
internal import SQLite

/// popular-products: where most users log in, and what is bought most by the customers of those countries.
enum PopularProducts {
  /// A customer's user counts as logging in where most answered requests under that name came from.
  private struct Homes {
    /// By token of the user name.
    var home: [[UInt8]: String] = [:]
    /// Distinct users who logged in there.
    var users: [String: Int64] = [:]
  }

  private struct Key: Hashable {
    var country: String
    var product: Int64
  }

  private struct Day: Hashable {
    var day: Int64
    var currency: String
  }

  private struct Sums {
    var units: Int64 = 0
    var totals: [Day: Int64] = [:]
  }

  /// Whose country is which, and how many users each country has.
  private struct Countries {
    /// Of each customer that has one here.
    var ofCustomers: [Int64: String] = [:]
    var users: [String: Int64] = [:]
    var notes: [String] = []
  }

  static func answer(_ request: ReportRequest, _ marts: OpenMarts, base: Currency) throws -> ReportContent {
    let countries = try countries(request, marts)
    let top = countries.users.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .prefix(request.count(ReportOption.countries.name) ?? 0)
    let chosen = Set(top.map(\.key))
    let sums = try sold(request, countries.ofCustomers.filter { chosen.contains($0.value) }, marts.sales)

    let products = try Products(marts.sales)
    let labels = try RowLabels(marts.sales, of: Set(sums.keys.lazy.map(\.product)))
    let rates = try Rates(marts.sales, base: base)
    var notes = countries.notes
    var hasUnconverted = false
    var rows: [[ReportCell]] = []
    for (countryIndex, country) in top.enumerated() {
      let found = sums.filter { $0.key.country == country.key }.map { key, sums in
        let (revenue, isWhole) = revenue(of: sums, rates)
        if !isWhole { hasUnconverted = true }
        return (product: key.product, rank: labels.rank(key.product), units: sums.units, revenue: revenue)
      }
      let isByRevenue = request.choice(ReportOption.rankBy.name) == "revenue"
      let ranked = found.sorted {
        isByRevenue
          ? ($1.revenue, $0.rank) < ($0.revenue, $1.rank) : ($1.units, $0.rank) < ($0.units, $1.rank)
      }
      for (index, product) in request.top(of: ranked).enumerated() {
        rows.append([
          .text(country.key), .integer(Int64(countryIndex + 1)), .integer(country.value), .integer(Int64(index + 1)),
          labels.cell(product.product), .text(products.name(product.product)), .integer(product.units),
          .integer(product.revenue), .text(base.code),
        ])
      }
    }
    if hasUnconverted {
      notes.append("Some orders have no exchange rate on their date; their amounts are missing from the revenue.")
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("country", .text), ReportColumn("country_rank", .identifier), ReportColumn("users", .count),
          ReportColumn("rank", .identifier), ReportColumn("product_id", .identifier),
          ReportColumn("product_name", .text), ReportColumn("units", .count), ReportColumn("revenue_minor", .money),
          ReportColumn("currency", .text),
        ], rows: rows),
      notes: notes)
  }

  private static func countries(_ request: ReportRequest, _ marts: OpenMarts) throws -> Countries {
    let homes = try homes(request.window, marts.traffic)
    let isByProfile = request.choice(ReportOption.countryBy.name) == "profile"
    var countries = Countries(users: homes.users)
    var profiles: [[UInt8]: String] = [:]
    try marts.sales.query("SELECT customer_id, user, country FROM customers") { row in
      let user = row.isNull(1) ? nil : row.blob(1)
      let profile = row.text(2)
      if isByProfile {
        countries.ofCustomers[row.int64(0)] = profile.isEmpty ? nil : profile
      } else {
        countries.ofCustomers[row.int64(0)] = user.flatMap { homes.home[$0] }
      }
      // Customers who share a user name: the first in the alphabet, so that it does not depend on the order of rows.
      if let user, !profile.isEmpty, homes.home[user] != nil {
        profiles[user] = min(profiles[user] ?? profile, profile)
      }
    }
    if isByProfile, homes.home.isEmpty {
      // Nobody is known to have logged in: the customers themselves are counted.
      countries.users = countries.ofCustomers.values.reduce(into: [:]) { $0[$1, default: 0] &+= 1 }
      countries.notes.append("No log-in is known in this window: users are the customers of a country.")
    } else if isByProfile {
      countries.users = profiles.values.reduce(into: [:]) { $0[$1, default: 0] &+= 1 }
      let different = Int64(profiles.count { homes.home[$0.key] != $0.value })
      countries.notes.append(
        "\(groupedText(different)) of \(groupedText(Int64(profiles.count))) customers who logged in did so mostly from "
          + "another country than that of their profile.")
    }
    return countries
  }

  /// In the base currency; not whole: some day has no rate.
  private static func revenue(of sums: Sums, _ rates: Rates) -> (minor: Int64, isWhole: Bool) {
    var revenue: Int64 = 0
    var isWhole = true
    for (day, total) in sums.totals {
      if let converted = rates.converted(total, currency: day.currency, day: day.day) {
        revenue &+= converted
      } else {
        isWhole = false
      }
    }
    return (revenue, isWhole)
  }

  private static func homes(_ window: DayWindow, _ traffic: Database) throws -> Homes {
    var requests: [Int64: [String: Int64]] = [:]
    try traffic.query(
      """
      SELECT user_id, country, ok_requests FROM user_days
      WHERE day BETWEEN ?1 AND ?2 AND ok_requests > 0 AND country <> ''
      """, [.integer(window.firstDay), .integer(window.lastDay)]
    ) { requests[$0.int64(0), default: [:]][$0.text(1), default: 0] &+= $0.int64(2) }
    var homes = Homes()
    try traffic.query("SELECT user_id, token FROM users") { row in
      guard let countries = requests[row.int64(0)] else { return }
      for country in countries.keys { homes.users[country, default: 0] &+= 1 }
      homes.home[row.blob(1)] = countries.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }
    return homes
  }

  private static func sold(
    _ request: ReportRequest, _ countries: [Int64: String], _ sales: Database
  ) throws -> [Key: Sums] {
    let window = request.window
    var sums: [Key: Sums] = [:]
    try sales.query(
      """
      SELECT o.customer_id, l.product_id, l.quantity, l.amount_minor, o.order_day, o.currency
      FROM order_lines l CROSS JOIN orders o ON o.order_id = l.order_id
      WHERE o.order_type = ?1 AND o.status <> \(SalesMart.cancelled) AND o.order_day BETWEEN ?2 AND ?3 AND o.customer_id IS NOT NULL
        AND (?4 IS NULL OR o.channel = ?4)
      """,
      [
        .integer(SalesMart.sale), .integer(window.firstDay), .integer(window.lastDay),
        .optional(request.salesChannel),
      ]
    ) { row in
      guard let country = countries[row.int64(0)] else { return }
      let key = Key(country: country, product: row.int64(1))
      sums[key, default: Sums()].units &+= row.int64(2)
      sums[key, default: Sums()].totals[Day(day: row.int64(4), currency: row.text(5)), default: 0] &+= row.int64(3)
    }
    return sums
  }
}
