internal import Enrichment
internal import Events
internal import Money

/// One row of a spend sheet: the cells of the known columns, in the order of `SpendRow.columns`.
struct SpendRow: Sendable, Equatable {
  static let columns = ["day", "market", "channel", "campaign", "amount", "currency"]

  /// Trimmed, one for each column; "" where the sheet has nothing.
  let cells: [String]

  /// What is missing at the end is empty.
  init(cells: [String]) {
    self.cells = Self.columns.indices.map { $0 < cells.count ? cells[$0] : "" }
  }

  var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }

  private subscript(_ name: String) -> String { Self.columns.firstIndex(of: name).map { cells[$0] } ?? "" }

  /// What the row is about; what it costs may still be wrong.
  func key() throws(RowFault) -> Spend {
    for (name, cell) in zip(Self.columns, cells) where cell.utf8.count > CaptureLimits.fieldBytes {
      throw RowFault(reason: "event.tooLarge", detail: name)
    }
    for name in Self.columns where name != "campaign" && self[name].isEmpty { throw .missingField(name) }
    // A spreadsheet program that opened the file may have added midnight.
    guard let date = CivilDate(self["day"]) ?? Timestamp(self["day"])?.day, date >= EventLimits.firstDay,
      date <= EventLimits.lastDay
    else { throw .impossibleDate("day") }
    let market = PlatformRow.country(self["market"]).uppercased()
    guard !market.isEmpty else { throw .unknownValue("market") }
    guard let channel = SpendRow.channel(self["channel"]) else { throw .unknownValue("channel") }
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

  /// The one channel list, in any case, words joined by "_", "-" or a blank.
  private static func channel(_ text: String) -> MarketingChannel? {
    let name = text.lowercased().replacing("-", with: "_").replacing(" ", with: "_")
    return MarketingChannel.allCases.first { $0.name == name }
  }

  /// The cells as bytes, each with its length in front, so that no two rows look alike.
  var content: [UInt8] { SpendRow.joined(cells) }

  static func joined(_ cells: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for cell in cells {
      withUnsafeBytes(of: UInt32(clamping: cell.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: cell.utf8)
    }
    return bytes
  }
}

extension Spend {
  /// What tells one row from another.
  var keyBytes: [UInt8] { SpendRow.joined([date.text, market, channel, campaign]) }

  /// Everything, so that the row can be compared with and told of later.
  var content: [UInt8] {
    SpendRow.joined([date.text, market, channel, campaign, String(amountMinor), currency])
  }

  /// Reads what `content` has written; nil for other bytes.
  init?(content bytes: [UInt8]) {
    var cells: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= rest.count else { return nil }
      cells.append(String(decoding: rest.prefix(length), as: UTF8.self))
      rest = rest.dropFirst(length)
    }
    guard cells.count == 6, let date = CivilDate(cells[0]), let amount = Int64(cells[4]) else { return nil }
    self.init(
      date: date, market: cells[1], channel: cells[2], campaign: cells[3], amountMinor: amount, currency: cells[5])
  }
}
