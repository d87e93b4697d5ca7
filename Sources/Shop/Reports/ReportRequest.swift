package import Money

/// A question with its options. What is nil or false was not asked for.
package struct ReportRequest: Sendable {
  package enum RankBy: String, CaseIterable, Sendable {
    case units
    case revenue
  }

  package var name: ReportName
  /// Windows end with this day, inclusive.
  package var asOf: CivilDate
  package var from: CivilDate?
  package var to: CivilDate?
  /// Rows, or products per country.
  package var top: Int?
  package var countries: Int?
  package var rankBy: RankBy?
  /// Customers' own countries instead of those of their IP addresses.
  package var byProfile: Bool
  /// "b2b", "ecommerce" or "store".
  package var channel: String?
  /// Whole calendar months instead of rolling ones.
  package var calendar: Bool
  /// Days of cancellations and returns are those of this zone.
  package var timezone: ReportZone?

  package init(
    _ name: ReportName, asOf: CivilDate, from: CivilDate? = nil, to: CivilDate? = nil, top: Int? = nil,
    countries: Int? = nil, rankBy: RankBy? = nil, byProfile: Bool = false, channel: String? = nil,
    calendar: Bool = false, timezone: ReportZone? = nil
  ) {
    self.name = name
    self.asOf = asOf
    self.from = from
    self.to = to
    self.top = top
    self.countries = countries
    self.rankBy = rankBy
    self.byProfile = byProfile
    self.channel = channel
    self.calendar = calendar
    self.timezone = timezone
  }

  private var given: [ReportOption] {
    var given: [ReportOption] = []
    if from != nil { given.append(.from) }
    if to != nil { given.append(.to) }
    if top != nil { given.append(.top) }
    if countries != nil { given.append(.countries) }
    if rankBy != nil { given.append(.rankBy) }
    if byProfile { given.append(.byProfile) }
    if channel != nil { given.append(.channel) }
    if calendar { given.append(.calendar) }
    if timezone != nil { given.append(.timezone) }
    return given
  }

  /// Refuses options that this report cannot honour, rather than ignoring them.
  package func validate() throws(ReportError) {
    for option in given where !name.options.contains(option) {
      if option == .timezone, name.marts.first == "traffic" {
        throw ReportError(
          .usage, "--timezone does not apply to \(name.rawValue)", cause: "web traffic is kept in UTC days",
          hint: "leave --timezone out; days in this report are UTC")
      }
      let known = name.options.map { "--\($0.rawValue)" }.sorted()
      throw ReportError(
        .usage, "--\(option.rawValue) does not apply to \(name.rawValue)", cause: "the report has no such option",
        hint: known.isEmpty
          ? "it only takes --as-of and --format" : "it takes --as-of, --format, \(known.joined(separator: ", "))")
    }
    if calendar, from != nil || to != nil {
      throw ReportError(
        .usage, "--calendar and --from/--to exclude each other", cause: "both set the window", hint: "give one of them")
    }
    for (option, value) in [("top", top), ("countries", countries)] {
      guard let value, value < 1 || value > ReportLimits.rankedRows else { continue }
      throw ReportError(
        .usage, "--\(option) \(value) is out of range", cause: "it counts rows",
        hint: "give a number from 1 to \(ReportLimits.rankedRows)")
    }
    if let channel, SalesChannel(rawValue: channel) == nil {
      throw ReportError(
        .usage, "unknown channel", cause: "--channel names a sales channel",
        hint: "give one of \(SalesChannel.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let window = window
    if window.last < window.first {
      throw ReportError(
        .usage, "the window is empty", cause: "it runs from \(window.first) to \(window.last)",
        hint: "give a --from that is not after --to")
    }
    if window.dayCount > ReportLimits.windowDays {
      throw ReportError(
        .usage, "the window is too long", cause: "it has \(window.dayCount) days",
        hint: "give at most \(ReportLimits.windowDays) days")
    }
  }

  var salesChannel: SalesChannel? { channel.flatMap(SalesChannel.init(rawValue:)) }

  /// The days that the report covers.
  package var window: DayWindow {
    if calendar {
      let last = asOf.month
      return DayWindow(first: last.adding(-11).firstDay, last: last.lastDay)
    }
    let last = to ?? asOf
    let first: CivilDate =
      switch name {
      case .siteTraffic, .advertisingShares: last.adding(days: -29)
      default: last.adding(months: -12).adding(days: 1)
      }
    return DayWindow(first: from ?? first, last: last)
  }
}

/// Days from the first to the last, both included.
package struct DayWindow: Sendable, Equatable {
  package var first: CivilDate
  package var last: CivilDate

  package init(first: CivilDate, last: CivilDate) {
    self.first = first
    self.last = last
  }

  var dayCount: Int { Int(last.daysSinceEpoch) - Int(first.daysSinceEpoch) + 1 }
  var firstDay: Int64 { Int64(first.daysSinceEpoch) }
  var lastDay: Int64 { Int64(last.daysSinceEpoch) }
  func contains(_ day: Int64) -> Bool { day >= firstDay && day <= lastDay }
}

/// As the sales mart numbers them (its view `sales_channels`).
enum SalesChannel: String, CaseIterable {
  case b2b
  case ecommerce
  case store

  var number: Int64 {
    switch self {
    case .b2b: 1
    case .ecommerce: 2
    case .store: 3
    }
  }
}

/// As the sales mart numbers them (its views `order_types`, `order_statuses`, `ledger_kinds`).
enum SalesNumber {
  static let sale: Int64 = 1
  static let purchase: Int64 = 2
  static let cancelled: Int64 = 3
  static let returned: Int64 = 4
  static let grossEntry: Int64 = 1
  static let cancelledEntry: Int64 = 2
  static let returnedEntry: Int64 = 3
}
