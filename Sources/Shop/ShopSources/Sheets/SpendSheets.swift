package import Capture
internal import Enrichment
package import Entity
internal import Events
internal import Money
package import Privacy

/// Sheets of advertising spend. Each file holds its rows until it is sent again under the same name: then what changed
/// is an event, and rows that it no longer has are deleted. Rows of one day, market, channel and campaign add up, as
/// exports by ad group or device have several of them, and two accounts' files each their own.
package struct SpendSheets: SheetMapping {
  package let title = "spend sheet"
  package let version = "spend 1"
  package let scope = SheetScope.itsOwn
  package let fileTypes: Set<String> = ["csv", "tsv", "xlsx"]
  package let numbers: Set<String> = ["amount"]
  package let signs: String?
  package let isAddition: Bool
  package let keepsRolledOut: Bool
  package let columns = SpendRow.columns
  package let required = Set(SpendRow.columns)
  package let topic = Topic.spend
  package let tokens = SheetTokenNames(
    file: "spend-sheet", bytes: "spend-bytes", key: "spend-row", content: "spend-content", rejected: "spend-rejected")
  private let router: Router
  /// Nobody's data: what is kept is sealed all the same.
  private let subjects: [Subject]

  /// `system`: the name of the source. `signs`, `isAddition`, `keepsRolledOut`: see `SheetMapping`. Throws where the
  /// keys cannot be derived.
  package init(
    keyring: Keyring, system: String, signs: String? = nil, isAddition: Bool = false, keepsRolledOut: Bool = true
  ) throws(PrivacyError) {
    self.signs = signs
    self.isAddition = isAddition
    self.keepsRolledOut = keepsRolledOut
    router = try Router(keyring)
    subjects = [SystemScope(system, first: SourceName.spend).subject("spend", Array("sheets".utf8))]
  }

  package func key(of row: SheetRow) -> [UInt8]? { (try? SpendRow(row.cells).key())?.keyBytes }

  package func entry(of row: SheetRow) throws(RowFault) -> SheetEntry {
    let (spend, exact) = try SpendRow(row.cells).spend()
    return SheetEntry(key: spend.keyBytes, content: spend.content(exact: exact), subjects: subjects)
  }

  package func amount(ofRejected row: SheetRow) -> RejectedAmount? { SpendRow(row.cells).amount }

  package func place(of content: [UInt8]) -> Int64? {
    Spend(content: content).map { Int64($0.date.daysSinceEpoch) }
  }

  package func together(_ contents: [[UInt8]]) throws(RowFault) -> [UInt8]? {
    guard let first = contents.first, var sum = Spend(content: first), var exact = Spend.exact(first) else {
      return nil
    }
    for content in contents.dropFirst() {
      guard let next = Spend(content: content), let amount = Spend.exact(content) else { return nil }
      // One row of a mart has one currency.
      guard next.currency == sum.currency else { throw RowFault(reason: "money.otherCurrency", detail: "currency") }
      guard let more = exact.adding(amount) else { throw .badAmount("amount") }
      exact = more
    }
    guard let minor = exact.minor(exponent: Currency(sum.currency)?.exponent ?? 2) else { throw .badAmount("amount") }
    sum.amountMinor = minor
    return sum.content(exact: exact)
  }

  package func event(before: [UInt8]?, after: [UInt8]?) -> MappedEvent? {
    let change = Change(
      before: before.flatMap(Spend.init(content:)), after: after.flatMap(Spend.init(content:)))
    guard let spend = change.after ?? change.before else { return nil }
    return MappedEvent(
      topic: topic, route: router.token("campaign", Array(spend.campaign.utf8)),
      key: spend.naturalKey(), content: Payload<Person>.spend(change),
      flags: after.map(Spend.isRounded) == true ? ["money.rounded"] : [], time: spend.date.startOfDay)
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
    guard let date = CivilDate(written: self["day"]), date >= EventLimits.firstDay,
      date <= EventLimits.lastDay
    else { throw .impossibleDate("day") }
    guard let market = CountryCode.market(self["market"]) else { throw .unknownValue("market") }
    guard let channel = MarketingChannel(named: self["channel"]) else { throw .unknownValue("channel") }
    return Spend(
      date: date, market: market, channel: channel.name,
      // Typed by hand, and readable in the log.
      campaign: TextScrubber.scrubIfSuspicious(self["campaign"]), amountMinor: 0, currency: "")
  }

  /// What the row would have cost, whatever else is wrong with it; nil: that cannot be read.
  var amount: RejectedAmount? {
    guard let currency = Currency(self["currency"].uppercased()),
      let minor = Decimal64(Self.nineDecimals(self["amount"]))?.minor(exponent: currency.exponent), minor >= 0
    else { return nil }
    return RejectedAmount(minor: minor, currency: currency.code)
  }

  /// Also the amount as it stands, which may be finer than the currency's smallest unit.
  func spend() throws(RowFault) -> (Spend, exact: Decimal64) {
    var spend = try key()
    guard let currency = Currency(self["currency"].uppercased()) else { throw .unknownCurrency("currency") }
    // Platforms count in millionths, and programs print binary fractions; money that comes back is no spend.
    guard let amount = Decimal64(Self.nineDecimals(self["amount"])), !amount.isNegative,
      let minor = amount.minor(exponent: currency.exponent)
    else { throw .badAmount("amount") }
    spend.amountMinor = minor
    spend.currency = currency.code
    return (spend, amount)
  }

  private static func nineDecimals(_ text: String) -> String {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count > 9, parts[1].utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else {
      return text
    }
    return "\(parts[0]).\(parts[1].prefix(9))"
  }
}

/// What is kept of a row.
extension Spend {
  /// What tells one row from another.
  var keyBytes: [UInt8] { SheetRow.joined([date.text, market, channel, campaign]) }

  /// Everything, so that the row can be compared with and told of later. `exact`: the amount before it was rounded,
  /// which stands behind the others where it was.
  func content(exact: Decimal64) -> [UInt8] {
    let rounded = Decimal64(unscaled: amountMinor, scale: Currency(currency)?.exponent ?? 2)
    let isWhole = rounded.compared(to: exact) == 0
    return SheetRow.joined(
      [date.text, market, channel, campaign, String(amountMinor), currency]
        + (isWhole ? [] : [exact.normalized.description]))
  }

  static func isRounded(_ content: [UInt8]) -> Bool { SheetRow.separated(content)?.count == 7 }

  /// The amount of a content before it was rounded.
  static func exact(_ content: [UInt8]) -> Decimal64? {
    guard let cells = SheetRow.separated(content), cells.count >= 6, let minor = Int64(cells[4]) else { return nil }
    return cells.count == 7
      ? Decimal64(cells[6]) : Decimal64(unscaled: minor, scale: Currency(cells[5])?.exponent ?? 2)
  }

  /// Reads what `content` has written; nil for other bytes.
  init?(content bytes: [UInt8]) {
    guard let cells = SheetRow.separated(bytes), cells.count == 6 || cells.count == 7,
      let date = CivilDate(cells[0]),
      let amount = Int64(cells[4])
    else { return nil }
    self.init(
      date: date, market: cells[1], channel: cells[2], campaign: cells[3], amountMinor: amount, currency: cells[5])
  }
}
