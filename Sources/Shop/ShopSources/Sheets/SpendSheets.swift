package import Capture
internal import Enrichment
package import Entity
internal import Events
internal import Money
package import Privacy

/// Sheets of advertising spend. Each file holds its rows until it is sent again under the same name: then what changed
/// is an event, and rows that it no longer has are deleted. A row that two files have (the same day, market, channel
/// and campaign) counts once, as it was taken last.
package struct SpendSheets: SheetMapping {
  package let title = "spend sheet"
  package let scope = SheetScope.itsOwn
  package let fileTypes: Set<String> = ["csv"]
  package let columns = SpendRow.columns
  package let required = Set(SpendRow.columns)
  package let topic = Topic.spend
  package let tokens = SheetTokenNames(
    file: "spend-sheet", bytes: "spend-bytes", key: "spend-row", content: "spend-content", rejected: "spend-rejected")
  private let router: Router
  /// Nobody's data: what is kept is sealed all the same.
  private let subjects: [Subject]

  /// `system`: the name of the source. Throws where the keys cannot be derived.
  package init(keyring: Keyring, system: String) throws(PrivacyError) {
    router = try Router(keyring)
    subjects = [SystemScope(system, first: SourceName.spend).subject("spend", Array("sheets".utf8))]
  }

  package func key(of row: SheetRow) -> [UInt8]? { (try? SpendRow(row.cells).key())?.keyBytes }

  package func entry(of row: SheetRow) throws(RowFault) -> SheetEntry {
    let spend = try SpendRow(row.cells).spend()
    return SheetEntry(key: spend.keyBytes, content: spend.content, subjects: subjects)
  }

  package func event(before: [UInt8]?, after: [UInt8]?) -> MappedEvent? {
    let change = Change(
      before: before.flatMap(Spend.init(content:)), after: after.flatMap(Spend.init(content:)))
    guard let spend = change.after ?? change.before else { return nil }
    return MappedEvent(
      topic: topic, route: router.token("campaign", Array(spend.campaign.utf8)),
      key: spend.naturalKey(), content: Payload<Person>.spend(change), time: spend.date.startOfDay)
  }

  package func route(ofRejected key: [UInt8]?, raw: [UInt8]) -> Token { router.token("rejected", raw) }
}

/// One row of a spend sheet: the cells of the known columns, in the order of `SpendRow.columns`.
struct SpendRow: Sendable, Equatable {
  static let columns = ["day", "market", "channel", "campaign", "amount", "currency"]

  /// Trimmed, one for each column; "" where the sheet has nothing.
  private let cells: [String]

  /// What is missing at the end is empty.
  init(_ cells: [String]) {
    self.cells = Self.columns.indices.map { $0 < cells.count ? cells[$0] : "" }
  }

  private subscript(_ name: String) -> String { Self.columns.firstIndex(of: name).map { cells[$0] } ?? "" }

  /// What the row is about; what it costs may still be wrong.
  func key() throws(RowFault) -> Spend {
    for (name, cell) in zip(Self.columns, cells) where cell.utf8.count > CaptureLimits.fieldBytes {
      throw .tooLarge(name)
    }
    for name in Self.columns where name != "campaign" && self[name].isEmpty { throw .missingField(name) }
    // A spreadsheet program that opened the file may have added midnight.
    guard let date = CivilDate(self["day"]) ?? Timestamp(self["day"])?.day, date >= EventLimits.firstDay,
      date <= EventLimits.lastDay
    else { throw .impossibleDate("day") }
    let market = FixedForm.country(self["market"]).uppercased()
    guard !market.isEmpty else { throw .unknownValue("market") }
    guard let channel = MarketingChannel(named: self["channel"]) else { throw .unknownValue("channel") }
    return Spend(
      date: date, market: market, channel: channel.name,
      // Typed by hand, and readable in the log.
      campaign: TextScrubber.scrubIfSuspicious(self["campaign"]), amountMinor: 0, currency: "")
  }

  func spend() throws(RowFault) -> Spend {
    var spend = try key()
    guard let currency = Currency(self["currency"].uppercased()) else { throw .unknownCurrency("currency") }
    // An amount finer than the smallest unit is not an amount in that currency; money that comes back is no spend.
    guard let amount = Decimal64(self["amount"]), let minor = amount.minor(exponent: currency.exponent), minor >= 0,
      Decimal64(unscaled: minor, scale: currency.exponent).compared(to: amount) == 0
    else { throw .badAmount("amount") }
    spend.amountMinor = minor
    spend.currency = currency.code
    return spend
  }
}

/// What is kept of a row.
extension Spend {
  /// What tells one row from another.
  var keyBytes: [UInt8] { SheetRow.joined([date.text, market, channel, campaign]) }

  /// Everything, so that the row can be compared with and told of later.
  var content: [UInt8] {
    SheetRow.joined([date.text, market, channel, campaign, String(amountMinor), currency])
  }

  /// Reads what `content` has written; nil for other bytes.
  init?(content bytes: [UInt8]) {
    guard let cells = SheetRow.separated(bytes), cells.count == 6, let date = CivilDate(cells[0]),
      let amount = Int64(cells[4])
    else { return nil }
    self.init(
      date: date, market: cells[1], channel: cells[2], campaign: cells[3], amountMinor: amount, currency: cells[5])
  }
}
