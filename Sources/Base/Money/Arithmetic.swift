/// Powers of ten that fit Int64; nil for an exponent outside 0...18.
@inlinable
package func powerOfTen(_ exponent: Int) -> Int64? {
  guard exponent >= 0, exponent <= 18 else { return nil }
  var power: Int64 = 1
  for _ in 0..<exponent { power &*= 10 }
  return power
}

/// `value` / `divisor`, half to even. The divisor is positive.
@inlinable
func dividedHalfToEven(_ value: Int128, by divisor: Int128) -> Int128 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  let twice = remainder.magnitude &* 2
  let roundsAway = twice > divisor.magnitude || (twice == divisor.magnitude && quotient & 1 != 0)
  guard roundsAway else { return quotient }
  return value < 0 ? quotient &- 1 : quotient &+ 1
}

/// `value` × 10^`shift`, half to even; nil when the result does not fit.
@inlinable
func scaled(_ value: Int128, byPowerOfTen shift: Int) -> Int64? {
  if shift >= 0 {
    guard let factor = powerOfTen(shift) else { return value == 0 ? 0 : nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: Int128(factor))
    return overflow ? nil : Int64(exactly: product)
  }
  guard let divisor = powerOfTen(0 &- shift) else { return nil }
  if let small = Int64(exactly: value) {
    // Division of 64 bits takes a tenth of the time of 128, and nearly every amount fits.
    let (quotient, remainder) = small.quotientAndRemainder(dividingBy: divisor)
    let twice = remainder.magnitude &* 2
    let roundsAway = twice > divisor.magnitude || (twice == divisor.magnitude && quotient & 1 != 0)
    guard roundsAway else { return quotient }
    return small < 0 ? quotient &- 1 : quotient &+ 1
  }
  return Int64(exactly: dividedHalfToEven(value, by: Int128(divisor)))
}

/// Converts an amount in minor units of one currency into minor units of another; `rate` = units of `target` for one
/// unit of `source`. Half to even; nil when the result does not fit or the rate's scale is out of range.
package func convert(_ minor: Int64, from source: Currency, to target: Currency, rate: Decimal64) -> Int64? {
  guard rate.scale <= Decimal64.maximumScale else { return nil }
  let product = Int128(minor) &* Int128(rate.unscaled)
  return scaled(product, byPowerOfTen: Int(target.exponent) - Int(source.exponent) - Int(rate.scale))
}
