package import Capture
package import Entity
internal import Events
internal import Money
package import Privacy

/// Sheets of leads. A folder may have several lists, told apart by their files' names without numbers and days; each
/// sheet is its whole list as it was at a time, which the leads themselves tell.
package struct LeadSheets: SheetMapping {
  package let title = "lead sheet"
  package let version = "leads 1"
  package let scope: SheetScope
  package let fileTypes: Set<String> = ["csv", "tsv", "xlsx"]
  package let numbers: Set<String> = ["estimated_annual_revenue"]
  package let signs: String?
  package let isAddition: Bool
  package let columns = LeadRow.columns
  package let required = LeadRow.required
  package let topic = Topic.leads
  package let tokens = SheetTokenNames(
    file: "sheet-name", bytes: "sheet-content", key: "lead", content: "lead-row", rejected: "lead-rejected")
  private let router: Router
  /// Whose the leads are.
  private let owner: SystemScope
  private let placeholders: PlaceholderIdentity

  /// `system`: the name of the source. `scope`: `.list`, or `.everything` where all files are one list. `signs`,
  /// `isAddition`: see `SheetMapping`. `placeholders`: addresses that are nobody's. Throws where the keys cannot be derived.
  package init(
    keyring: Keyring, system: String, scope: SheetScope = .list, signs: String? = nil, isAddition: Bool = false,
    placeholders: PlaceholderIdentity = PlaceholderIdentity()
  ) throws(PrivacyError) {
    self.scope = scope
    self.signs = signs
    self.isAddition = isAddition
    self.placeholders = placeholders
    router = try Router(keyring)
    owner = SystemScope(system, first: SourceName.leads)
  }

  package func key(of row: SheetRow) -> [UInt8]? {
    let id = LeadRow(row.cells, placeholders).leadID
    return id.isEmpty ? nil : Array(id.utf8)
  }

  package func entry(of row: SheetRow) throws(RowFault) -> SheetEntry {
    let lead = LeadRow(row.cells, placeholders)
    _ = try lead.lead()
    return SheetEntry(key: Array(lead.leadID.utf8), content: row.content, subjects: lead.subjects(owner))
  }

  package func event(before: [UInt8]?, after: [UInt8]?) -> MappedEvent? {
    let (old, new) = (
      before.flatMap { LeadRow(content: $0, placeholders) }, after.flatMap { LeadRow(content: $0, placeholders) }
    )
    guard let row = new ?? old else { return nil }
    let lead = new.flatMap { self.lead($0) }
    var previous = old.flatMap { self.lead($0) }
    if lead == nil, previous == nil { return nil }
    if let old, old.subjects(owner) != row.subjects(owner) {
      // One event's fields are sealed for one person: those of an earlier contact are left out.
      previous?.contactName = nil
      previous?.contactEmail = nil
      previous?.contactPhone = nil
    }
    return MappedEvent(
      topic: topic, route: router.token("lead", Array(row.leadID.utf8)),
      key: (lead ?? previous)?.naturalKey(), content: Payload<Person>.lead(Change(before: previous, after: lead)),
      subjects: .all(row.subjects(owner)),
      flags: new?.hasPlaceholder == true ? [CheckRules.placeholder] : [], time: lead?.statusUpdatedAt)
  }

  /// A lead that two lists have is as the newer of them says.
  package func together(_ contents: [[UInt8]]) throws(RowFault) -> [UInt8]? {
    var newest: [UInt8]?
    for content in contents where (time(of: content) ?? .min) >= (newest.flatMap { time(of: $0) } ?? .min) {
      newest = content
    }
    return newest
  }

  package func time(of content: [UInt8]) -> Int64? {
    LeadRow(content: content, placeholders).flatMap { try? $0.lead().statusUpdatedAt.millis }
  }

  package func route(ofRejected key: [UInt8]?, raw: [UInt8]) -> Token { router.token("lead", key ?? raw) }

  /// Some lists number their leads by e-mail address. The event then names the lead by a token, always the same one.
  private func lead(_ row: LeadRow) -> Lead<Person>? {
    guard var lead = try? row.lead() else { return nil }
    if TextScrubber.scrubIfSuspicious(lead.leadID) != lead.leadID {
      lead.leadID = "~" + router.token("lead", Array(lead.leadID.utf8)).hexadecimal
    }
    return lead
  }
}

/// One row of a lead sheet: the cells of the known columns, in the order of `LeadRow.columns`.
struct LeadRow: Sendable, Equatable {
  private static let needed = [
    "lead_id", "created_at", "campaign", "company_name", "industry", "lead_source", "country", "status",
    "status_updated_at",
  ]
  static let required = Set(needed)
  static let columns = needed + ["contact_name", "contact_email", "contact_phone", "estimated_annual_revenue"]
  static let statuses: Set<String> = ["new", "contacted", "qualified", "converted", "lost"]

  /// Trimmed; "" where the sheet has nothing.
  private let cells: [String]
  /// Whether its e-mail address is nobody's.
  private(set) var hasPlaceholder = false

  var leadID: String { cells[0] }

  /// What is missing at the end is empty.
  init(_ cells: [String], _ placeholders: PlaceholderIdentity) {
    self.cells = Self.columns.indices.map { $0 < cells.count ? cells[$0] : "" }
    hasPlaceholder = placeholders.isEmail(self["contact_email"])
  }

  /// Reads what a row's `content` is; nil for other bytes.
  init?(content bytes: [UInt8], _ placeholders: PlaceholderIdentity) {
    guard let cells = SheetRow.separated(bytes), cells.count == Self.columns.count else { return nil }
    self.init(cells, placeholders)
  }

  private subscript(_ name: String) -> String { Self.columns.firstIndex(of: name).map { cells[$0] } ?? "" }

  func lead() throws(RowFault) -> Lead<Person> {
    guard !leadID.isEmpty else { throw .missingField("lead_id") }
    for (name, cell) in zip(Self.columns, cells) where cell.utf8.count > CaptureLimits.fieldBytes {
      throw .tooLarge(name)
    }
    let status = self["status"].lowercased()
    guard !status.isEmpty else { throw .missingField("status") }
    guard Self.statuses.contains(status) else { throw .unknownValue("status") }
    var revenue: Decimal64?
    if !self["estimated_annual_revenue"].isEmpty {
      revenue = Decimal64(self["estimated_annual_revenue"])
      guard revenue != nil else { throw .badNumber("estimated_annual_revenue") }
    }
    return Lead<Person>(
      leadID: leadID, createdAt: try time("created_at"), campaign: clear("campaign"),
      companyName: clear("company_name"),
      industry: clear("industry"), contactName: personal("contact_name"),
      contactEmail: hasPlaceholder ? nil : personal("contact_email"),
      contactPhone: personal("contact_phone"), leadSource: clear("lead_source"), estimatedAnnualRevenue: revenue,
      country: clear("country"), status: status, statusUpdatedAt: try time("status_updated_at"))
  }

  /// Whose keys seal the row: the contact's, or the lead's where there is no e-mail address.
  func subjects(_ scope: SystemScope) -> [Subject] {
    let email = self["contact_email"]
    return [
      email.isEmpty || hasPlaceholder
        ? scope.subject("lead", Array(leadID.utf8))
        : Subject("email", CheckRules.canonicalEmail(email))
    ]
  }

  private func time(_ name: String) throws(RowFault) -> Timestamp {
    let text = self[name]
    guard !text.isEmpty else { throw .missingField(name) }
    guard let time = Timestamp(text) ?? CivilDate(text)?.startOfDay else { throw .impossibleDate(name) }
    return time
  }

  /// Text that stays readable. Sheets are typed by hand, and addresses end up in any of their columns.
  private func clear(_ name: String) -> String { TextScrubber.scrubIfSuspicious(self[name]) }

  private func personal(_ name: String) -> PersonalData? { self[name].isEmpty ? nil : PersonalData(self[name]) }
}
