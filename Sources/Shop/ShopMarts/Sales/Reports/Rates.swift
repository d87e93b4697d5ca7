internal import Money
internal import SQLite

/// Exchange rates into the base currency, per day. Of several systems' rates of a day the first by system and key
/// counts.
struct Rates {
  private struct Key: Hashable {
    var currency: String
    var day: Int64
  }

  let base: Currency
  private var rates: [Key: Decimal64] = [:]

  init(_ sales: Database, base: Currency) throws {
    self.base = base
    try sales.query(SalesMart.ratesInOrder) { row in
      let key = Key(currency: row.text(0), day: row.int64(1))
      if rates[key] != nil { return }
      rates[key] = Decimal64(unscaled: row.int64(2), scale: UInt8(clamping: row.int64(3)))
    }
  }

  /// Half to even. nil: there is no rate for that very day, or the currency is unknown.
  func converted(_ amountMinor: Int64, currency: String, day: Int64) -> Int64? {
    if currency == base.code { return amountMinor }
    guard let rate = rates[Key(currency: currency, day: day)], let source = Currency(currency) else { return nil }
    return convert(amountMinor, from: source, to: base, rate: rate)
  }
}
