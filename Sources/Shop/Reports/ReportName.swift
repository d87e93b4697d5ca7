/// The questions that can be asked.
package enum ReportName: String, CaseIterable, Sendable {
  case topDevices = "top-devices"
  case popularProducts = "popular-products"
  case monthlySales = "monthly-sales"
  case quarterlySales = "quarterly-sales"
  case productSales = "product-sales"
  case siteTraffic = "site-traffic"
  case advertisingShares = "advertising-shares"
  case companySales = "company-sales"
  case supplierSales = "supplier-sales"
  case leads

  /// One line for lists of reports.
  package var summary: String {
    switch self {
    case .topDevices: "the devices most used by B2B clients"
    case .popularProducts: "the most popular products where most users log in"
    case .monthlySales: "gross, cancelled, returned and net sales per month and currency"
    case .quarterlySales: "the same ledger per quarter"
    case .productSales: "the same ledger per category, product and quarter"
    case .siteTraffic: "requests, visitors, sessions and sign-ins per day, country and channel"
    case .advertisingShares: "each country's share of human traffic"
    case .companySales: "revenue, orders and customers per buying company"
    case .supplierSales: "units, revenue and price span per supplier"
    case .leads: "the funnel per channel and campaign"
    }
  }

  /// Marts that the report reads; its age is that of their sources. The first one's time is the newest event's.
  package var marts: [String] {
    switch self {
    case .topDevices: ["traffic", "sales"]
    case .popularProducts: ["traffic", "sales"]
    case .monthlySales, .quarterlySales, .productSales, .companySales, .supplierSales: ["sales"]
    case .siteTraffic, .advertisingShares: ["traffic"]
    case .leads: ["leads", "sales"]
    }
  }

  /// Options that the report understands besides `--as-of`, as on the command line.
  package var options: Set<ReportOption> {
    switch self {
    case .topDevices: [.from, .to, .top]
    case .popularProducts: [.from, .to, .top, .countries, .rankBy, .byProfile, .channel]
    case .monthlySales, .quarterlySales, .productSales: [.from, .to, .channel, .calendar, .timezone]
    case .siteTraffic, .advertisingShares: [.from, .to]
    case .companySales, .supplierSales: [.from, .to, .top, .channel]
    case .leads: []
    }
  }
}

package enum ReportOption: String, CaseIterable, Sendable {
  case from
  case to
  case top
  case countries
  case rankBy = "rank-by"
  case byProfile = "by"
  case channel
  case calendar
  case timezone
}
