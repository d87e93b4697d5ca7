/// What is wrong with a row of a spend sheet, on purpose.
enum SpendFault: String, CaseIterable {
  case impossibleDay = "spend on an impossible day"
  case unknownMarket = "spend in an unknown market"
  case unknownChannel = "spend in an unknown channel"
  case badAmount = "spend of a bad amount"
  case unknownCurrency = "spend in an unknown currency"
  case missingValue = "spend without a value"
  /// Stands on the sheet as two rows, of two ad groups say, that add up.
  case repeated = "spend row twice"

  /// The reason under which it must show up; nil: it must not.
  var code: String? {
    switch self {
    case .impossibleDay: "date.impossible"
    case .unknownMarket, .unknownChannel: "row.unknownValue"
    case .badAmount: "money.badAmount"
    case .unknownCurrency: "money.unknownCurrency"
    case .missingValue: "row.missingField"
    case .repeated: nil
    }
  }

  static let unusableSheet = "spend sheet without a column"
  static let unusableCode = "sheet.missingColumn"
}

/// The files of a simulated company's spend.
extension SimulatedAdvertising {
  private static let columns = ["day", "market", "channel", "campaign", "amount", "currency"]

  /// A sheet per month, and the one that lacks a column.
  func write(into folder: String) throws {
    var sheets: [String: [UInt8]] = [:]
    for entry in Self.sorted(spend) {
      let name = "spend-\(Days.monthText(entry.day))"
      var lines: [[String]] = [cells(entry)]
      if entry.fault == .repeated {
        var (part, rest) = (entry, entry)
        part.amount = entry.amount / 3
        rest.amount = entry.amount - part.amount
        lines = [cells(part), cells(rest)]
      }
      for line in lines {
        sheets[name, default: Array((Self.columns.joined(separator: ",") + "\r\n").utf8)] +=
          (line.joined(separator: ",") + "\r\n").utf8
      }
    }
    if let first = unusable.first {
      let rows = [Self.columns] + Self.sorted(unusable).map(cells)
      sheets["spend-\(Days.monthText(first.day))-late"] = rows.flatMap {
        Array(($0.dropLast().joined(separator: ",") + "\r\n").utf8)
      }
    }
    for (name, bytes) in sheets.sorted(by: { $0.key < $1.key }) {
      var file = try OutputFile("\(folder)/\(name).csv", .create)
      try file.write { $0 = bytes }
      try file.flush()
    }
  }

  private static func sorted(_ entries: [Spend]) -> [Spend] {
    entries.sorted {
      ($0.day, $0.country, $0.channel, $0.campaign) < ($1.day, $1.country, $1.channel, $1.campaign)
    }
  }

  /// As the sheet has it. A faulty cell keeps what tells the row from others, since equal rows are rejected once.
  private func cells(_ entry: Spend) -> [String] {
    let country = Geography.countries[entry.country]
    let currency = Geography.currencies[country.currency]
    let amount = Price(unscaled: entry.amount, scale: currency.decimals).text
    var day = Days.text(entry.day)
    var cells = [day, country.code, entry.channel, entry.campaign, amount, currency.code]
    switch entry.fault {
    case .impossibleDay:
      // No month has a 32nd.
      day = "\(Days.monthText(entry.day))-\(Days.civil(entry.day).day + 31)"
      cells[0] = day
    case .unknownMarket: cells[1] = "the " + country.code
    case .unknownChannel: cells[2] = entry.channel + " posters"
    case .badAmount:
      cells[4] = ["-1.00", "about " + amount, "\"1,00,0.00\"", amount + "?"][entry.day % 4]
    case .unknownCurrency: cells[5] = Geography.currencies[Geography.unknownCurrency].code
    case .missingValue: cells[entry.day % 2 == 0 ? 4 : 5] = ""
    case .repeated, nil: break
    }
    return cells
  }
}
