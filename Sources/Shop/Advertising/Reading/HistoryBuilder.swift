internal import Money
internal import SQLite
internal import ShopMarts

/// Gathers a history from open marts: one pass over each table.
struct HistoryBuilder {
  typealias Touch = AdvertisingHistory.Touch

  let database: Database
  let query: AdvertisingQuery
  private let channelNames: [Int64: String]
  private let directID: Int64
  private let rates: DayRates
  private let days: ClosedRange<Int64>
  private let firstWeekDay: Int64
  private let weeks: Int
  private var quality = AdvertisingHistory.Quality()
  private var rowIndex: [RowID: Int32] = [:]
  private var rows: [AdvertisingHistory.RowKey] = []
  private var cells: [[AdvertisingHistory.Cell]] = []
  private var isDirect: [Bool] = []
  private var campaignIndex: [CampaignID: Int32] = [:]
  private var campaigns: [AdvertisingHistory.CampaignFigures] = []

  /// Touches in order of time, by visitor; and what leads brought, by e-mail token and by company name.
  private var visits: [Int64: [Touch]] = [:]
  private var leadsByEmail: [[UInt8]: [Touch]] = [:]
  private var leadsByCompany: [String: [Touch]] = [:]
  private var journeys: [AdvertisingHistory.Journey] = []

  private struct RowID: Hashable {
    var market: String
    var channel: Int64
  }
  private struct CampaignID: Hashable {
    var name: String
    var channel: Int64
  }

  init(_ database: Database, _ query: AdvertisingQuery) throws {
    self.database = database
    self.query = query
    channelNames = Dictionary(
      try database.rows("SELECT id, name FROM advertising.channels") { ($0.int64(0), $0.text(1)) },
      uniquingKeysWith: { first, _ in first })
    directID = channelNames.first { $0.value == AdvertisingHistory.directChannel }?.key ?? -1
    rates = try DayRates(database, base: query.baseCurrency)
    let asOf = Int64(query.asOf.daysSinceEpoch)
    func bound(_ what: String, _ table: String) throws -> Int64? {
      try database.integer("SELECT \(what)(day) FROM \(table) WHERE day <= ?1", [.integer(asOf)])
    }
    let traffic = (first: try bound("min", "traffic.sessions"), last: try bound("max", "traffic.sessions"))
    let spend = (
      first: try bound("min", "advertising.spend_days"), last: try bound("max", "advertising.spend_days")
    )
    func date(_ day: Int64?) -> CivilDate? { day.map { CivilDate(daysSinceEpoch: Int32(clamping: $0)) } }
    quality.firstTrafficDay = date(traffic.first)
    quality.lastTrafficDay = date(traffic.last)
    quality.firstSpendDay = date(spend.first)
    quality.lastSpendDay = date(spend.last)
    if let asked = query.days {
      days = Int64(asked.lowerBound.daysSinceEpoch)...Int64(asked.upperBound.daysSinceEpoch)
      firstWeekDay = days.lowerBound
      weeks = 0
      return
    }
    // Weeks that both traffic and spend cover whole: outside, zero would not mean none.
    let begin = Weeks.mondayFrom(date(max(traffic.first ?? asOf, spend.first ?? traffic.first ?? asOf)) ?? query.asOf)
    // A sheet that ends within the last week says nothing about the days after; so the week is not whole.
    let covered = min(asOf, max(traffic.last ?? asOf, 0), spend.last ?? asOf)
    let end = Weeks.monday(of: CivilDate(daysSinceEpoch: Int32(clamping: covered + 1)))
    let count = max(0, (Int(end.daysSinceEpoch) - Int(begin.daysSinceEpoch)) / 7)
    weeks = min(count, AdvertisingLimits.historyWeeks)
    firstWeekDay = Int64(end.daysSinceEpoch) - Int64(weeks * 7)
    days = firstWeekDay...max(firstWeekDay, Int64(end.daysSinceEpoch) - 1)
  }

  // MARK: Rows

  private mutating func row(_ market: String, _ channel: Int64) -> Int {
    let id = RowID(market: market, channel: channel)
    if let known = rowIndex[id] { return Int(known) }
    rowIndex[id] = Int32(rows.count)
    rows.append(AdvertisingHistory.RowKey(market: market, channel: channelNames[channel] ?? "unknown"))
    cells.append([AdvertisingHistory.Cell](repeating: AdvertisingHistory.Cell(), count: max(weeks, 1)))
    isDirect.append(channel == directID)
    return rows.count - 1
  }

  /// Campaigns are compared as people write them: without regard to case and surrounding blanks.
  private mutating func campaign(_ name: String, _ channel: Int64) -> Int32 {
    let trimmed = Identities.company(name)
    guard !trimmed.isEmpty else { return -1 }
    let id = CampaignID(name: trimmed, channel: channel)
    if let known = campaignIndex[id] { return known }
    campaignIndex[id] = Int32(campaigns.count)
    campaigns.append(
      AdvertisingHistory.CampaignFigures(campaign: trimmed, channel: channelNames[channel] ?? "unknown"))
    return Int32(campaigns.count - 1)
  }

  /// Days outside whole weeks gather nowhere; without weeks all days are one.
  private func week(of day: Int64) -> Int? {
    guard days.contains(day) else { return nil }
    return weeks == 0 ? 0 : Int((day - firstWeekDay) / 7)
  }

  // MARK: Spend

  mutating func readSpend() throws {
    var found: [(day: Int64, market: String, channel: Int64, campaign: String, amount: Int64, currency: String)] = []
    try database.query(
      """
      SELECT day, market, channel, campaign, amount_minor, currency FROM advertising.spend_days
      WHERE day BETWEEN ?1 AND ?2
      """, [.integer(days.lowerBound), .integer(days.upperBound)]
    ) { found.append(($0.int64(0), $0.text(1), $0.int64(2), $0.text(3), $0.int64(4), $0.text(5))) }
    for entry in found {
      guard let week = week(of: entry.day) else { continue }
      quality.spendRows += 1
      guard let amount = rates.converted(entry.amount, entry.currency, entry.day) else {
        quality.unconvertedSpendRows += 1
        quality.leaveOut(.rate, entry.amount, entry.currency)
        continue
      }
      quality.spendMinor &+= amount
      if (channelNames[entry.channel] ?? "unknown") == "unknown" {
        quality.leaveOut(.channel, amount, query.baseCurrency.code)
      } else if entry.market.isEmpty {
        quality.leaveOut(.market, amount, query.baseCurrency.code)
      }
      cells[row(entry.market, entry.channel)][week].spendMinor &+= amount
      let campaign = campaign(entry.campaign, entry.channel)
      if campaign >= 0 { campaigns[Int(campaign)].spendMinor &+= amount }
    }
  }

  // MARK: Traffic

  /// Sessions of people, from thirty days before the first day on, since those may be touches.
  mutating func readSessions() throws {
    let staff = try staffVisitors()
    let names = Dictionary(
      try database.rows("SELECT campaign, name FROM traffic.campaigns") { ($0.int64(0), $0.text(1)) },
      uniquingKeysWith: { first, _ in first })
    var seenInWeek: Set<UInt64> = []
    var currentWeek = -1
    var seenByCampaign: Set<UInt64> = []
    let statement = try database.prepare(
      """
      SELECT day, visitor_id, start_millis, channel, country, campaign FROM traffic.sessions
      WHERE day BETWEEN ?1 AND ?2 AND bot = 0 AND requests > health_requests ORDER BY day, visitor_id, start_millis
      """)
    statement.bind(1, days.lowerBound - AdvertisingLimits.lookbackDays)
    statement.bind(2, days.upperBound)
    while try statement.step() {
      let visitor = statement.int64(1)
      if staff.contains(visitor) { continue }
      let channel = statement.int64(3)
      let row = row(statement.text(4), channel)
      let hash = statement.int64(5)
      let campaign = hash == 0 ? -1 : campaign(names[hash] ?? "", channel)
      visits[visitor, default: []].append(
        Touch(millis: statement.int64(2), row: Int32(row), campaign: campaign))
      guard let week = week(of: statement.int64(0)) else { continue }
      if week != currentWeek {
        currentWeek = week
        seenInWeek.removeAll(keepingCapacity: true)
      }
      cells[row][week].sessions &+= 1
      let mark = UInt64(bitPattern: visitor) << 20 ^ UInt64(row)
      if seenInWeek.insert(mark).inserted { cells[row][week].visitors &+= 1 }
      if campaign >= 0 {
        campaigns[Int(campaign)].sessions &+= 1
        if seenByCampaign.insert(UInt64(bitPattern: visitor) << 20 ^ UInt64(campaign)).inserted {
          campaigns[Int(campaign)].visitors &+= 1
        }
      }
    }
  }

  private func staffVisitors() throws -> Set<Int64> {
    var visitors: Set<Int64> = []
    func add(_ tokens: Set<[UInt8]>, _ sql: String) throws {
      guard !tokens.isEmpty else { return }
      let statement = try database.prepare(sql)
      for token in tokens {
        statement.bind(1, token)
        while try statement.step() { visitors.insert(statement.int64(0)) }
        statement.reset()
      }
    }
    try add(
      query.staff.users,
      """
      SELECT l.visitor_id FROM traffic.visitor_users l JOIN traffic.users u ON u.user_id = l.user_id WHERE u.token = ?1
      """)
    try add(
      query.staff.addresses,
      """
      SELECT v.visitor_id FROM traffic.visitors v JOIN traffic.clients c ON c.client_id = v.client_id WHERE c.token = ?1
      """)
    return visitors
  }

  // MARK: Leads

  mutating func readLeads() throws {
    var found: [(millis: Int64, campaign: String, channel: Int64, market: String, status: String)] = []
    var contacts: [(email: [UInt8]?, company: String)] = []
    try database.query(
      """
      SELECT l.created_at, l.campaign, l.channel, l.country, l.status, l.email, l.company_name FROM leads.leads l
      WHERE l.channel IS NOT NULL AND l.created_at >= ?1 AND l.created_at < ?2
      ORDER BY l.created_at, \(LeadsMart.orderOfLeads)
      """,
      [
        .integer((days.lowerBound - AdvertisingLimits.lookbackDays) * 86_400_000),
        .integer((days.upperBound + 1) * 86_400_000),
      ]
    ) {
      found.append(($0.int64(0), $0.text(1), $0.int64(2), $0.text(3), $0.text(4)))
      contacts.append(($0.isNull(5) ? nil : $0.blob(5), Identities.company($0.text(6), own: query.placeholders)))
    }
    var companies: [[UInt8]: Set<String>] = [:]
    for contact in contacts { if let email = contact.email { companies[email, default: []].insert(contact.company) } }
    for (lead, contact) in zip(found, contacts) {
      let row = row(lead.market, lead.channel)
      let campaign = campaign(lead.campaign, lead.channel)
      let touch = Touch(millis: lead.millis, row: Int32(row), campaign: campaign)
      if let email = contact.email, (companies[email]?.count ?? 0) <= Identities.peopleOfOneEmail {
        leadsByEmail[email, default: []].append(touch)
      }
      if !contact.company.isEmpty { leadsByCompany[contact.company, default: []].append(touch) }
      guard let week = week(of: lead.millis / 86_400_000) else { continue }
      let isQualified = LeadsMart.reachedQualification.contains(lead.status)
      cells[row][week].leads &+= 1
      if isQualified { cells[row][week].qualifiedLeads &+= 1 }
      if AdvertisingHistory.offlineChannels.contains(rows[row].channel) { cells[row][week].visitors &+= 1 }
      if campaign >= 0 {
        campaigns[Int(campaign)].leads &+= 1
        if isQualified { campaigns[Int(campaign)].qualifiedLeads &+= 1 }
      }
    }
  }

  // MARK: Orders

  mutating func readOrders() throws {
    let (people, companies) = try people()
    // Journeys that an order explains are told apart from those that ended without one.
    var explained: [Int64: [Int64]] = [:]
    let lookback = AdvertisingLimits.lookbackDays * 86_400_000
    let statement = try database.prepare(
      """
      SELECT customer_id, company, created_at, order_day, currency, amount_minor FROM main.orders o
      WHERE \(SalesMart.keptSales) AND order_day BETWEEN ?1 AND ?2 ORDER BY order_day, \(SalesMart.orderOfOrders)
      """)
    statement.bind(1, days.lowerBound)
    statement.bind(2, days.upperBound)
    while try statement.step() {
      quality.orders += 1
      let day = statement.int64(3)
      guard let revenue = rates.converted(statement.int64(5), statement.text(4), day), revenue >= 0 else {
        quality.unconvertedOrders += 1
        continue
      }
      let moment = statement.int64(2)
      let window = (moment &- lookback)...max(moment, moment &- lookback)
      var touches: [Touch] = []
      let person = statement.isNull(0) ? nil : people[statement.int64(0)]
      let company = statement.isNull(1) ? nil : companies[statement.text(1)]
      for visitor in (person?.visitors ?? []) + (company?.visitors ?? []) {
        append(visits[visitor], in: window, to: &touches)
        explained[visitor, default: []].append(moment)
      }
      if let email = person?.email { append(leadsByEmail[email], in: window, to: &touches) }
      if let name = company?.name { append(leadsByCompany[name], in: window, to: &touches) }
      touches = ordered(touches)
      journeys.append(AdvertisingHistory.Journey(touches: touches, converted: true, revenueMinor: revenue))
      guard let last = touches.last else { continue }
      quality.ordersWithTouch += 1
      if let week = week(of: day) {
        cells[Int(last.row)][week].orders &+= 1
        cells[Int(last.row)][week].revenueMinor &+= revenue
      }
      if last.campaign >= 0 {
        campaigns[Int(last.campaign)].orders &+= 1
        campaigns[Int(last.campaign)].revenueMinor &+= revenue
      }
    }
    addJourneysWithoutOrder(explained, lookback)
  }

  private func append(_ touches: [Touch]?, in window: ClosedRange<Int64>, to found: inout [Touch]) {
    guard let touches else { return }
    // The touches of one visitor are in order of time.
    var low = 0
    var high = touches.count
    while low < high {
      let middle = (low + high) / 2
      if touches[middle].millis < window.lowerBound { low = middle + 1 } else { high = middle }
    }
    while low < touches.count, touches[low].millis <= window.upperBound {
      found.append(touches[low])
      low += 1
    }
  }

  /// In order of time; ties by row, so that arrival order cannot decide. Direct visits only where nothing else led
  /// there.
  private func ordered(_ touches: [Touch]) -> [Touch] {
    let led = touches.filter { !isDirect[Int($0.row)] }
    return (led.isEmpty ? touches : led).sorted {
      if $0.millis != $1.millis { return $0.millis < $1.millis }
      let (left, right) = (rows[Int($0.row)], rows[Int($1.row)])
      return left != right ? left < right : $0.campaign < $1.campaign
    }
  }

  /// Touches that no order followed within the lookback, cut into journeys where nothing happened for as long.
  private mutating func addJourneysWithoutOrder(_ explained: [Int64: [Int64]], _ lookback: Int64) {
    let first = days.lowerBound * 86_400_000
    var found: [AdvertisingHistory.Journey] = []
    for visitor in visits.keys.sorted() {
      let touches = visits[visitor] ?? []
      let orders = (explained[visitor] ?? []).sorted()
      var open: [Touch] = []
      func close() {
        if !open.isEmpty {
          found.append(AdvertisingHistory.Journey(touches: ordered(open), converted: false, revenueMinor: 0))
        }
        open = []
      }
      for touch in touches where touch.millis >= first {
        let isExplained = orders.contains { touch.millis <= $0 && $0 &- touch.millis <= lookback }
        if isExplained {
          close()
          continue
        }
        if let last = open.last, touch.millis &- last.millis > lookback { close() }
        open.append(touch)
      }
      close()
    }
    journeys += found
  }

  // MARK: Result

  /// Rows and campaigns in the order of their names; whatever order the tables were in, the result is the same.
  func history(positions: [AdvertisingHistory.Position]) -> AdvertisingHistory {
    let order = rows.indices.sorted { rows[$0] < rows[$1] }
    var place = [Int32](repeating: 0, count: rows.count)
    for (index, old) in order.enumerated() { place[old] = Int32(index) }
    let campaignOrder = campaigns.indices.sorted {
      (campaigns[$0].channel, campaigns[$0].campaign) < (campaigns[$1].channel, campaigns[$1].campaign)
    }
    var campaignPlace = [Int32](repeating: 0, count: campaigns.count)
    for (index, old) in campaignOrder.enumerated() { campaignPlace[old] = Int32(index) }
    let moved = journeys.map { journey in
      var journey = journey
      for index in journey.touches.indices {
        journey.touches[index].row = place[Int(journey.touches[index].row)]
        let campaign = journey.touches[index].campaign
        if campaign >= 0 { journey.touches[index].campaign = campaignPlace[Int(campaign)] }
      }
      return journey
    }
    func date(_ day: Int64) -> CivilDate { CivilDate(daysSinceEpoch: Int32(clamping: day)) }
    return AdvertisingHistory(
      query: query, days: date(days.lowerBound)...date(days.upperBound), firstWeek: date(firstWeekDay),
      weeks: max(weeks, query.days == nil ? 0 : 1), rows: order.map { rows[$0] },
      cells: order.flatMap { weeks == 0 && query.days == nil ? [] : cells[$0] }, journeys: moved,
      campaigns: campaignOrder.map { campaigns[$0] },
      channels: channelNames.sorted { $0.key < $1.key }.map(\.value), positions: positions, quality: quality)
  }
}

extension AdvertisingHistory.Quality {
  fileprivate mutating func leaveOut(_ lack: AdvertisingHistory.LeftOutSpend.Lack, _ minor: Int64, _ currency: String) {
    if let place = spendLeftOut.firstIndex(where: { $0.lacks == lack && $0.currency == currency }) {
      spendLeftOut[place].amountMinor &+= minor
      spendLeftOut[place].rows += 1
    } else {
      spendLeftOut.append(.init(lacks: lack, currency: currency, amountMinor: minor, rows: 1))
    }
  }
}
