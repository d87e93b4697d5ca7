internal import Entity
internal import Events
internal import Money
internal import Privacy

/// One row of a lead sheet: the cells of the known columns, in the order of `LeadRow.columns`.
struct LeadRow: Sendable, Equatable {
  static let required = [
    "lead_id", "created_at", "campaign", "company_name", "industry", "lead_source", "country", "status",
    "status_updated_at",
  ]
  static let columns = required + ["contact_name", "contact_email", "contact_phone", "estimated_annual_revenue"]
  static let statuses: Set<String> = ["new", "contacted", "qualified", "converted", "lost"]

  /// Trimmed; "" where the sheet has nothing.
  var cells: [String]

  var leadID: String { cells[0] }
  var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }

  init(cells: [String]) { self.cells = cells }

  /// Reads what `content` has written; nil for other bytes.
  init?(content bytes: [UInt8]) {
    var cells: [String] = []
    var position = 0
    while position < bytes.count {
      guard bytes.count - position >= 4 else { return nil }
      let length = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
      position += 4
      guard length <= bytes.count - position else { return nil }
      cells.append(String(decoding: bytes[position..<(position + length)], as: UTF8.self))
      position += length
    }
    guard cells.count == Self.columns.count else { return nil }
    self.cells = cells
  }

  /// The row as bytes, each cell with its length in front, so that no two rows look alike.
  var content: [UInt8] {
    var bytes: [UInt8] = []
    for cell in cells {
      let length = UInt32(clamping: cell.utf8.count)
      withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: cell.utf8)
    }
    return bytes
  }

  private subscript(_ name: String) -> String { Self.columns.firstIndex(of: name).map { cells[$0] } ?? "" }

  func lead() throws(RowFault) -> Lead<Person> {
    guard !leadID.isEmpty else { throw .missingField("lead_id") }
    for (name, cell) in zip(Self.columns, cells) where cell.utf8.count > CaptureLimits.fieldBytes {
      throw RowFault(reason: "event.tooLarge", detail: name)
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
      industry: clear("industry"), contactName: personal("contact_name"), contactEmail: personal("contact_email"),
      contactPhone: personal("contact_phone"), leadSource: clear("lead_source"), estimatedAnnualRevenue: revenue,
      country: clear("country"), status: status, statusUpdatedAt: try time("status_updated_at"))
  }

  /// Whose keys seal the row: the contact's, or the lead's where there is no e-mail address.
  var subjects: [Subject] {
    let email = self["contact_email"]
    return [
      email.isEmpty ? Subject("lead", Array(leadID.utf8)) : Subject("email", CheckRules.canonicalEmail(email))
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
