/// What reports must show, worked out from the generator's own data by plain loops, in the order the rules are written
/// down. It shares no code with what it checks; where a rule is subtle the comment says how it was read.
struct Truth {
  let world: World
  let traffic: Traffic
  let sheets: [LeadSheet]
  let asOf: Int
  /// Orders that reports may show at all, with what their accepted lines come to.
  let booked: [Booked]
  /// Lines of the logs that are requests at all.
  let served: [Request]
  private let firstText: Int
  private let months: [String]
  private let quarters: [String]

  struct Booked {
    var order: Order
    var amount: Int64
    var units: Int64
    /// The day on which the order became what it is now.
    var changedDay: Int
  }

  init(world: World, traffic: Traffic, sheets: [LeadSheet]) {
    self.world = world
    self.traffic = traffic
    self.sheets = sheets
    asOf = world.lastDay
    booked = world.orders.filter { !$0.isRejected }.map { order in
      var booked = Booked(order: order, amount: 0, units: 0, changedDay: Days.day(ofSecond: order.updatedAt))
      for line in order.lines.map({ world.lines[$0] }) where !line.isRejected {
        booked.amount += TruthMoney.amount(line.quantity, line.price, currency: Int(order.currency))
        booked.units += Int64(line.quantity)
      }
      return booked
    }
    served = traffic.requests.filter { $0.form == .complete }
    // Orders change state on simulated days only; the window may begin before them.
    firstText = min(world.firstDay, Days.yearBefore(asOf))
    let days = firstText...asOf
    months = days.map(Days.monthText)
    quarters = days.map(Truth.quarterText)
  }

  /// "2026-10".
  func month(_ day: Int) -> String { months[day - firstText] }

  /// "2026-Q4".
  func quarter(_ day: Int) -> String { quarters[day - firstText] }

  private static func quarterText(_ day: Int) -> String {
    let (year, month, _) = Days.civil(day)
    return "\(Days.padded(year, 4))-Q\((month - 1) / 3 + 1)"
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
      productReturns,
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
