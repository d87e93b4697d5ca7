internal import Money
internal import Spreadsheet

enum LeadStatus: Int {
  case new
  case contacted
  case qualified
  case converted
  case lost

  var text: String { ["new", "contacted", "qualified", "converted", "lost"][rawValue] }
}

struct Lead {
  var id: Int
  var createdAt: Int64
  var campaign: String
  var companyName: String
  var industry: String
  var contactName: String
  var contactEmail: String
  var contactPhone: String
  /// Index into `Words.leadSources`.
  var source: Int
  var revenue: Int
  var country: Int
  var status: LeadStatus
  var statusUpdatedAt: Int64
}

struct LeadSheet {
  enum Form {
    case usual
    case addedColumn
    /// A required column has another name, or is not there: no row of the sheet can be used.
    case renamedColumn
    case missingColumn
  }

  var day: Int
  /// A second sheet of the same day has a name that sorts behind the first one's.
  var isResent = false
  var rows: [Lead]
  var form = Form.usual
  /// XLSX and CSV in turn.
  var isWorkbook: Bool

  var isReadable: Bool { form == .usual || form == .addedColumn }

  static let header = [
    "lead_id", "created_at", "campaign", "company_name", "industry", "contact_name", "contact_email", "contact_phone",
    "lead_source", "estimated_annual_revenue", "country", "status", "status_updated_at",
  ]

  /// Header and rows in the sheet's form. Times are real dates in a workbook, numbers are numbers.
  func table(_ texts: DayTexts) -> SheetTable {
    var header = LeadSheet.header
    var rows = self.rows.map { lead -> [Cell] in
      [
        .text("L-" + Days.padded(lead.id, 6)), .date(texts.timestamp(lead.createdAt)), .text(lead.campaign),
        .text(lead.companyName), .text(lead.industry), .text(lead.contactName), .text(lead.contactEmail),
        .text(lead.contactPhone), .text(Words.leadSources[lead.source].text), .number("\(lead.revenue).00"),
        .text(Geography.countries[lead.country].code), .text(lead.status.text),
        .date(texts.timestamp(lead.statusUpdatedAt)),
      ]
    }
    switch form {
    case .usual: break
    case .addedColumn:
      header.append("score")
      for index in rows.indices { rows[index].append(.number(String(index % 10))) }
    case .renamedColumn: header[header.count - 2] = "stage"
    case .missingColumn:
      header.removeFirst()
      for index in rows.indices { rows[index].removeFirst() }
    }
    return SheetTable(header: header, rows: rows)
  }

  var name: String { "leads-\(Days.text(day))\(isResent ? "b" : "").\(isWorkbook ? "xlsx" : "csv")" }
}

/// Marketing's sheets: each a full list, a third of it carried over from the one before, with statuses moved on.
struct LeadSheetBuilder {
  private let plan: SimulationPlan
  private let world: World
  private var random: Random
  private let openCompanies: [Int]
  private let sourceSums = runningSums(Words.leadSources.map(\.weight))
  private var nextID = 1

  init(plan: SimulationPlan, world: World) {
    self.plan = plan
    self.world = world
    random = Random(seed: plan.seed, stream: 30)
    openCompanies = world.companies.indices.filter { !world.companies[$0].isNaturalPerson }
  }

  mutating func build() -> [LeadSheet] {
    guard plan.leads > 0 else { return [] }
    // Every other week; short simulations still see a dozen sheets where they have the days.
    let step = max(1, min(14, plan.days / 12))
    let count = (plan.days + step - 1) / step
    var sheets: [LeadSheet] = []
    var previous: [Lead] = []
    for index in 0..<count {
      let day = world.lastDay - (count - 1 - index) * step
      var rows = carriedOver(previous, until: day)
      let fresh = plan.leads * (index + 1) / count - plan.leads * index / count
      for _ in 0..<fresh { rows.append(lead(before: day, days: step)) }
      sheets.append(LeadSheet(day: day, rows: rows, isWorkbook: index % 2 == 0))
      previous = rows
    }
    return sheets
  }

  private mutating func carriedOver(_ rows: [Lead], until day: Int) -> [Lead] {
    let kept = random.distinct(rows.count / 3, below: rows.count).sorted()
    return kept.map { position in
      var lead = rows[position]
      guard lead.status.rawValue < LeadStatus.converted.rawValue, random.chance(percent: 65) else { return lead }
      lead.status = random.chance(percent: 15) ? .lost : LeadStatus(rawValue: lead.status.rawValue + 1) ?? .lost
      lead.statusUpdatedAt = max(lead.createdAt, lead.statusUpdatedAt, noon(day) - Int64(random.below(40_000)))
      return lead
    }
  }

  private func noon(_ day: Int) -> Int64 { Int64(day) * Days.secondsPerDay + 43_200 }

  private mutating func lead(before day: Int, days: Int) -> Lead {
    let created = noon(day) - Int64(random.within(1...days * 86_400))
    let first = random.pick(Words.firstNames)
    let last = random.pick(Words.lastNames)
    var email = "\(Words.plain(first)).\(Words.plain(last))@lead\(nextID).example"
    if random.chance(percent: 30) {
      // A known customer asks; people write their address in capitals as they like.
      email = world.customers[random.below(world.customers.count)].email
      if random.chance(percent: 30) { email = email.uppercased() }
    }
    var company =
      "\(random.pick(Words.companyFirst)) \(random.pick(Words.companySecond)) Prospect \(nextID)"
    if random.chance(percent: 20) {
      company = world.companies[random.pick(openCompanies)].name
      if random.chance(percent: 30) { company = " " + company.uppercased() + " " }
    }
    let status = LeadStatus(rawValue: [0, 0, 0, 0, 0, 1, 1, 2, 3, 4][random.below(10)]) ?? .new
    let country = random.pick(world.countries)
    defer { nextID += 1 }
    return Lead(
      id: nextID, createdAt: created, campaign: random.pick(Words.campaigns), companyName: company,
      industry: random.pick(Words.industries), contactName: "\(first) \(last)", contactEmail: email,
      contactPhone: "\(Geography.countries[country].phonePrefix) 555 \(Days.padded(random.below(10_000_000), 7))",
      source: random.index(cumulative: sourceSums), revenue: random.within(50...20_000) * 1_000, country: country,
      status: status, statusUpdatedAt: status == .new ? created : min(noon(day), created + Int64(random.below(86_400))))
  }
}
