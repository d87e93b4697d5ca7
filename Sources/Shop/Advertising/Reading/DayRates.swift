internal import Money
internal import SQLite
internal import ShopMarts

/// Exchange rates into the base currency, of the very day. Of several systems' rates the first by system and key
/// counts.
struct DayRates {
  private struct Key: Hashable {
    var currency: String
    var day: Int64
  }
  private let base: Currency
  private var rates: [Key: Decimal64] = [:]

  init(_ database: Database, base: Currency) throws {
    self.base = base
    var rates: [Key: Decimal64] = [:]
    try database.query(SalesMart.ratesInOrder) { row in
      let key = Key(currency: row.text(0), day: row.int64(1))
      if rates[key] != nil { return }
      rates[key] = Decimal64(unscaled: row.int64(2), scale: UInt8(clamping: row.int64(3)))
    }
    self.rates = rates
  }

  /// Half to even; nil: no rate of that day, or no such currency.
  func converted(_ amount: Int64, _ currency: String, _ day: Int64) -> Int64? {
    if currency == base.code { return amount }
    guard let rate = rates[Key(currency: currency, day: day)], let source = Currency(currency) else { return nil }
    return convert(amount, from: source, to: base, rate: rate)
  }
}
