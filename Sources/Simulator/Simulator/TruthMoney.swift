/// Exact arithmetic of the truth's own, slow and plain.
enum TruthMoney {
  /// numerator / denominator, halves to the even neighbour. The denominator is positive.
  static func roundedHalfEven(_ numerator: Int128, _ denominator: Int128) -> Int64 {
    var quotient = numerator / denominator
    var rest = numerator % denominator
    if rest < 0 {
      quotient -= 1
      rest += denominator
    }
    if rest * 2 > denominator || (rest * 2 == denominator && quotient % 2 != 0) { quotient += 1 }
    return Int64(clamping: quotient)
  }

  static func powerOfTen(_ exponent: Int) -> Int128 { (0..<max(0, exponent)).reduce(1) { power, _ in power * 10 } }

  /// quantity × price in a currency's minor units.
  static func amount(_ quantity: Int32, _ price: Price, currency: Int) -> Int64 {
    let decimals = Geography.currencies[currency].decimals
    return roundedHalfEven(
      Int128(quantity) * Int128(price.unscaled) * powerOfTen(decimals), powerOfTen(price.scale))
  }

  /// Minor units of the base currency (two decimals); nil where the day has no rate.
  static func base(_ minor: Int64, currency: Int, day: Int, _ world: World) -> Int64? {
    if currency == Geography.usd { return minor }
    guard let rate = world.rate(currency: currency, day: day) else { return nil }
    let decimals = Geography.currencies[currency].decimals
    return roundedHalfEven(Int128(minor) * Int128(rate.unscaled) * 100, powerOfTen(decimals + rate.scale))
  }
}
