/// What reports must show, worked out from the generator's own data by plain loops, in the order the rules are written
/// down. It shares no code with what it checks; where a rule is subtle the comment says how it was read.
struct Truth {
  let world: World
  let traffic: Traffic
  let sheets: [LeadSheet]
  let asOf: Int

  init(world: World, traffic: Traffic, sheets: [LeadSheet]) {
    self.world = world
    self.traffic = traffic
    self.sheets = sheets
    asOf = world.lastDay
  }

  struct Report {
    var key: String
    var name: String
    var options: [String] = []
    var rows: [JSONValue]
    var extra: [(String, JSONValue)] = []

    var json: JSONValue {
      .object(
        [("report", .text(name)), ("options", .list(options.map(JSONValue.text))), ("rows", .list(rows))] + extra)
    }
  }

  /// Days d with (as of − 12 months) < d <= as of.
  var rollingYear: ClosedRange<Int> { (Days.yearBefore(asOf) + 1)...asOf }

  /// The month of the last day and the eleven before, from their first day on.
  var calendarYear: ClosedRange<Int> {
    let (year, month, _) = Days.civil(asOf)
    let first =
      month == 12 ? Days.from(year: year, month: 1, day: 1) : Days.from(year: year - 1, month: month + 1, day: 1)
    return first...asOf
  }

  var lastThirtyDays: ClosedRange<Int> { (asOf - 29)...asOf }

  /// All reports, in the order of their names' table.
  func reports(progress: (Double) -> Void) -> [Report] {
    var reports: [Report] = []
    let makers: [() -> Report] = [
      topDevices, popularProducts,
      { monthlySales(key: "monthly-sales", window: rollingYear, channel: nil, options: []) },
      { monthlySales(key: "monthly-sales-b2b", window: rollingYear, channel: .b2b, options: ["--channel", "b2b"]) },
      { monthlySales(key: "monthly-sales-calendar", window: calendarYear, channel: nil, options: ["--calendar"]) },
      quarterlySales, productSales, siteTraffic, advertisingShares, companySales, supplierSales, leadFunnel,
    ]
    for (index, make) in makers.enumerated() {
      reports.append(make())
      progress(Double(index + 1) / Double(makers.count))
    }
    return reports
  }

  func companyLabel(_ company: Company) -> (code: String, name: String) {
    // Who may not see a person's number sees a token of it, which depends on a key that the truth does not have.
    company.isNaturalPerson ? ("~", "natural person") : (company.digits, company.name)
  }
}
