/// An exact decimal number: `unscaled` / 10^`scale`, scale 0...9. Prices whose currency stands in another row, rates.
///
/// Equality is that of the written form: 1.5 and 1.50 differ; compare values with `compared(to:)` or `normalized`.
/// A scale above 9 can only come from foreign bytes; every operation then answers nil.
package struct Decimal64: Hashable, Sendable {
  package var unscaled: Int64
  package var scale: UInt8
  @inlinable package init(unscaled: Int64, scale: UInt8) {
    self.unscaled = unscaled
    self.scale = scale
  }

  /// Nine digits after the point hold every exchange rate in use, and 10^9 leaves nine digits before it in an Int64.
  @inlinable package static var maximumScale: UInt8 { 9 }
  package static let zero = Decimal64(unscaled: 0, scale: 0)
}

extension Decimal64 {
  @inlinable package init(_ value: Int64) { self.init(unscaled: value, scale: 0) }

  /// Strict decimal text: an optional sign, digits, optionally a point and one to nine digits. No exponent, no spaces,
  /// no separators; nil for anything else and for what does not fit.
  package init?(_ text: String) {
    self.init(utf8: text.utf8.span)
  }

  /// As `init(_: String)`, from bytes.
  package init?(utf8 bytes: borrowing Span<UInt8>) {
    var position = 0
    let end = bytes.count
    guard end > 0 else { return nil }
    let isNegative = bytes[0] == UInt8(ascii: "-")
    if isNegative || bytes[0] == UInt8(ascii: "+") { position = 1 }
    var value: Int64 = 0
    var digits = 0
    var fractionDigits = 0
    var sawPoint = false
    while position < end {
      let byte = bytes[position]
      position &+= 1
      if byte == UInt8(ascii: "."), !sawPoint, digits > 0 {
        sawPoint = true
        continue
      }
      let digit = byte &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      if sawPoint {
        fractionDigits &+= 1
        guard fractionDigits <= Int(Decimal64.maximumScale) else { return nil }
      } else {
        digits &+= 1
      }
      // Counted downwards, because Int64.min has no positive counterpart.
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, underflow) = shifted.subtractingReportingOverflow(Int64(digit))
      guard !overflow, !underflow else { return nil }
      value = next
    }
    guard digits > 0, !sawPoint || fractionDigits > 0 else { return nil }
    if !isNegative {
      guard value != .min else { return nil }
      value = 0 &- value
    }
    self.init(unscaled: value, scale: UInt8(truncatingIfNeeded: fractionDigits))
  }

  /// A binary fraction as SQLite's REAL columns hold it: its shortest decimal text, rounded half to even to nine places
  /// (0.1 + 0.2 becomes 0.3), without trailing zeros. Nil for infinities, NaN and what does not fit.
  package init?(_ value: Double) {
    guard value.isFinite else { return nil }
    var digits: Int128 = 0
    var fractionDigits = 0
    var exponent = 0
    var sawPoint = false
    let text = value.magnitude.description
    let parts = text.utf8.split(separator: UInt8(ascii: "e"))
    guard let mantissa = parts.first else { return nil }
    if parts.count == 2 {
      guard let parsed = Int(Substring(parts[1])) else { return nil }
      exponent = parsed
    }
    // A shortest text has at most 17 significant digits, so 128 bits hold them.
    for byte in mantissa {
      if byte == UInt8(ascii: ".") {
        sawPoint = true
        continue
      }
      digits = digits &* 10 &+ Int128(byte &- UInt8(ascii: "0"))
      if sawPoint { fractionDigits &+= 1 }
    }
    let places = fractionDigits &- exponent
    let scale = min(max(places, 0), Int(Decimal64.maximumScale))
    // Twenty places below the ninth nothing is left to round up.
    guard places <= 27 else {
      self = .zero
      return
    }
    guard let magnitude = scaled(digits, byPowerOfTen: scale &- places) else { return nil }
    let number = Decimal64(unscaled: value < 0 ? 0 &- magnitude : magnitude, scale: UInt8(scale))
    self = number.normalized
  }

  /// A number as programs print binary fractions: with more digits than a decimal keeps (16.799999999999997), or with
  /// an exponent (1.5e3). Rounded as `init(_: Double)` does. Nil for anything else, names of numbers and hexadecimal
  /// digits among them, and for what does not fit.
  package init?(printed text: String) {
    let isPlain = text.utf8.allSatisfy { byte in
      byte &- UInt8(ascii: "0") <= 9 || [UInt8(ascii: "."), 0x2B, 0x2D, 0x45, 0x65].contains(byte)
    }
    guard isPlain, text.utf8.count <= 40, text.utf8.first != UInt8(ascii: "."), let value = Double(text) else {
      return nil
    }
    self.init(value)
  }

  /// Without trailing zeros after the point.
  package var normalized: Decimal64 {
    var result = self
    while result.scale > 0, result.unscaled % 10 == 0 {
      result.unscaled /= 10
      result.scale &-= 1
    }
    return result
  }

  /// The value in units of 10^-`exponent` (a currency's minor units), half to even; nil when it does not fit.
  @inlinable package func minor(exponent: UInt8) -> Int64? {
    if scale == exponent { return unscaled }
    guard scale <= Decimal64.maximumScale else { return nil }
    return scaled(Int128(unscaled), byPowerOfTen: Int(exponent) - Int(scale))
  }

  /// `quantity` × this price in units of 10^-`exponent`, rounded once, half to even; nil when it does not fit.
  @inlinable package func minor(times quantity: Int64, exponent: UInt8) -> Int64? {
    guard scale <= Decimal64.maximumScale else { return nil }
    return scaled(Int128(unscaled) &* Int128(quantity), byPowerOfTen: Int(exponent) - Int(scale))
  }

  /// The product, exact where nine decimals hold it, otherwise rounded to nine, half to even; nil when it does not fit.
  package func multiplied(by other: Decimal64) -> Decimal64? {
    guard scale <= Decimal64.maximumScale, other.scale <= Decimal64.maximumScale else { return nil }
    let places = Int(scale) + Int(other.scale)
    let kept = min(places, Int(Decimal64.maximumScale))
    guard let product = scaled(Int128(unscaled) &* Int128(other.unscaled), byPowerOfTen: kept - places) else {
      return nil
    }
    return Decimal64(unscaled: product, scale: UInt8(kept)).normalized
  }

  /// The sum, exact; nil when it does not fit.
  package func adding(_ other: Decimal64) -> Decimal64? {
    let places = max(scale, other.scale)
    guard places <= Decimal64.maximumScale, let left = scaled(Int128(unscaled), byPowerOfTen: Int(places) - Int(scale)),
      let right = scaled(Int128(other.unscaled), byPowerOfTen: Int(places) - Int(other.scale))
    else { return nil }
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : Decimal64(unscaled: sum, scale: places).normalized
  }

  /// 1 less this value: what is left of a whole when this share of it goes; nil when it does not fit.
  package var complement: Decimal64? {
    guard let one = powerOfTen(Int(scale)) else { return nil }
    let (left, overflow) = one.subtractingReportingOverflow(unscaled)
    return overflow ? nil : Decimal64(unscaled: left, scale: scale)
  }

  /// -1, 0 or 1 as this value is less than, equal to or greater than the other; nil when a scale is out of range.
  package func compared(to other: Decimal64) -> Int? {
    guard let left = powerOfTen(Int(other.scale)), let right = powerOfTen(Int(scale)) else { return nil }
    let (mine, theirs) = (Int128(unscaled) &* Int128(left), Int128(other.unscaled) &* Int128(right))
    return mine < theirs ? -1 : mine > theirs ? 1 : 0
  }

  @inlinable package var isNegative: Bool { unscaled < 0 }
}

extension Decimal64: CustomStringConvertible {
  /// Plain decimal text with `scale` digits after the point: "129.90".
  package var description: String { decimalText(unscaled, places: Int(scale), groups: false) }
}
