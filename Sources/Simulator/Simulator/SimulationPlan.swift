package import Money

/// What to build. The same plan (and country ranges) gives the same bytes in every file.
package struct SimulationPlan: Sendable, Equatable {
  /// The last simulated day; reports in the truth file are "as of" it.
  package var until: CivilDate
  /// Simulated days, `until` included.
  package var days: Int
  package var seed: UInt64
  package var orders: Int
  package var weblogLines: Int
  package var leads: Int
  /// Fraction of rows that a planted fault affects; 0 plants none.
  package var faultRate: Double
  package var companies: Int
  package var customers: Int
  package var products: Int
  package var stores: Int

  /// Thirteen months and a few days: the window of the yearly reports, and history before it.
  package static let defaultDays = 400
  package static let defaultOrders = 100_000
  package static let defaultWeblogLines = 200_000
  package static let defaultLeads = 3_000

  /// What is not given follows from what is: fewer days bring fewer orders, fewer orders need fewer customers.
  package init(
    until: CivilDate, days: Int = SimulationPlan.defaultDays, seed: UInt64 = 1, orders: Int? = nil,
    weblogLines: Int? = nil, leads: Int? = nil, faultRate: Double = 0
  ) {
    let usualOrders = max(1, SimulationPlan.defaultOrders * max(days, 1) / SimulationPlan.defaultDays)
    let orders = orders ?? usualOrders
    self.until = until
    self.days = days
    self.seed = seed
    self.orders = orders
    self.weblogLines =
      weblogLines
      ?? max(100, min(SimulationPlan.defaultWeblogLines * max(days, 1) / SimulationPlan.defaultDays, orders * 2))
    self.leads = leads ?? min(SimulationPlan.defaultLeads, max(60, orders / 30))
    self.faultRate = faultRate
    companies = min(100, max(12, orders / 100))
    customers = min(10_000, max(60, orders / 10))
    products = min(700, max(40, orders / 20))
    stores = min(50, max(5, orders / 200))
  }

  /// Refuses what cannot be built, with the option to change in the hint.
  func validate() throws(SimulatorError) {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(SimulatorError) {
      guard range.contains(value) else {
        throw SimulatorError(
          operation: "plan \(name)", cause: "\(value) is not within \(range.lowerBound) to \(range.upperBound)",
          hint: "give another number of \(name)")
      }
    }
    try check("days", days, 1...SimulatorLimits.days)
    try check("orders", orders, 0...SimulatorLimits.orders)
    try check("web log lines", weblogLines, 0...SimulatorLimits.weblogLines)
    try check("leads", leads, 0...SimulatorLimits.leads)
    try check("companies", companies, 8...SimulatorLimits.companies)
    try check("customers", customers, 20...SimulatorLimits.customers)
    try check("products", products, 10...SimulatorLimits.products)
    try check("stores", stores, 1...1_000)
    guard faultRate >= 0, faultRate <= SimulatorLimits.faultRate else {
      throw SimulatorError(
        operation: "plan faults", cause: "a rate of \(faultRate) is not within 0 and \(SimulatorLimits.faultRate)",
        hint: "give a fraction of rows, for example 0.01")
    }
    // Four-digit years keep every date text ten characters long, also 40 days before the first.
    guard (0...2_932_000).contains(Int(until.daysSinceEpoch) - days - 60) else {
      throw SimulatorError(
        operation: "plan dates", cause: "the simulated days leave the years 1970 to 9997",
        hint: "choose a later --until date")
    }
  }
}
