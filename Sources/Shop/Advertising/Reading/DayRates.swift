internal import Money
internal import SQLite

/// Exchange rates into the base currency, of the very day.
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
    try database.query("SELECT currency, day, rate_unscaled, rate_scale FROM main.exchange_rates") { row in
      rates[Key(currency: row.text(0), day: row.int64(1))] = Decimal64(
        unscaled: row.int64(2), scale: UInt8(clamping: row.int64(3)))
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
