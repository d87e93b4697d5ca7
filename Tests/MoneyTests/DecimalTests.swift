import Money
import TestSupport
import Testing

@Suite("Decimal numbers and amounts")
struct DecimalTests {
  @Test(
    "decimal text is read exactly",
    arguments: [
      ("0", 0, 0), ("129.90", 12_990, 2), ("-0.05", -5, 2), ("+7", 7, 0), ("1.000000001", 1_000_000_001, 9),
      ("9223372036854775807", Int64.max, 0), ("-9223372036854775808", Int64.min, 0), ("007.10", 710, 2),
    ])
  func reads(text: String, unscaled: Int64, scale: UInt8) {
    #expect(Decimal64(text) == Decimal64(unscaled: unscaled, scale: scale))
  }

  @Test(
    "text that is no plain decimal is refused",
    arguments: [
      "", "-", "+", ".", "1.", ".5", "1e3", " 1", "1 ", "1,5", "1.2.3", "--1", "1.0000000001", "NaN", "inf", "0x10",
      "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1\u{0}", "١",
    ])
  func refuses(text: String) {
    #expect(Decimal64(text) == nil)
  }

  @Test("text that was read is written again unchanged")
  func roundTrip() {
    for text in ["0", "0.00", "129.90", "-0.05", "-12345.678900000", "-9223372036854775808"] {
      #expect(Decimal64(text)?.description == text)
    }
  }

  @Test(
    "a binary fraction becomes its shortest decimal, at most nine places",
    arguments: [
      (129.9, "129.9"), (0.1 + 0.2, "0.3"), (-2.5, "-2.5"), (0, "0"), (1e-9, "0.000000001"), (1e-12, "0"),
      (1e-300, "0"),
      (1e16, "10000000000000000"), (1.0005e5, "100050"), (123_456_789.123_456_7, "123456789.1234567"),
    ])
  func double(value: Double, text: String) {
    #expect(Decimal64(value)?.description == text)
  }

  @Test(
    "a binary fraction that is no number or too large is refused",
    arguments: [.nan, .infinity, -.infinity, 1e19, 1e300])
  func doubleRefused(value: Double) {
    #expect(Decimal64(value) == nil)
  }

  @Test(
    "rescaling rounds half to even",
    arguments: [
      ("0.125", 12), ("0.135", 14), ("-0.125", -12), ("-0.135", -14), ("0.1250001", 13), ("2.5", 250), ("3", 300),
      ("0.005", 0), ("0.015", 2), ("-0.005", 0),
    ])
  func halfToEven(text: String, cents: Int64) {
    #expect(Decimal64(text)?.minor(exponent: 2) == cents)
  }

  @Test("an amount that does not fit is nil, never a trap")
  func overflow() {
    #expect(Decimal64(unscaled: .max, scale: 0).minor(exponent: 2) == nil)
    #expect(Decimal64(unscaled: .min, scale: 0).minor(times: .min, exponent: 2) == nil)
    #expect(Decimal64(unscaled: .min, scale: 9).minor(times: .min, exponent: 0) == nil)
    #expect(Decimal64(unscaled: 1, scale: 200).minor(exponent: 2) == nil)
    #expect(Decimal64(unscaled: 1, scale: 200).compared(to: .zero) == nil)
    #expect(!Decimal64(unscaled: .min, scale: 200).description.isEmpty)
  }

  @Test("an amount is quantity times price, rounded once")
  func quantity() {
    // Rounding the price first would give 3 × 33 = 99.
    #expect(Decimal64("0.333")?.minor(times: 3, exponent: 2) == 100)
    #expect(Decimal64("129.90")?.minor(times: 8, exponent: 0) == 1039)
  }

  /// Goal: a discount of a price is exact where decimals can say it, and never traps. Method: cases worked out by hand; a binary
  /// 0.15 of a database that keeps floats is no decimal 0.15, and still costs the same to the cent.
  @Test("a price less a share of it is exact, or rounded to nine decimals, or nil")
  func products() {
    func net(_ price: String, _ discount: String) -> String? {
      guard let price = Decimal64(price), let left = Decimal64(discount)?.complement else { return nil }
      return price.multiplied(by: left)?.description
    }
    #expect(net("14.00", "0.15") == "11.9")
    #expect(net("19.99", "0.333") == "13.33333")
    #expect(net("5", "1") == "0")
    #expect(net("14", "0.150000006") == "11.899999916")
    #expect(net("0.123456785", "0.5") == "0.061728392")
    #expect(Decimal64(unscaled: .max, scale: 0).multiplied(by: Decimal64(2)) == nil)
    #expect(Decimal64(unscaled: .min, scale: 9).complement == nil)
    #expect(Decimal64(unscaled: 1, scale: 200).complement == nil)
  }

  /// Goal: 64-bit and 128-bit paths of rounding agree. Method: seeded numbers against a model on 128-bit remainders.
  @Test("rounding agrees with a naive model on random numbers")
  func random() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<20_000 {
      let bits = Int.random(in: 0...62, using: &generator)
      let unscaled = Int64.random(in: (-1 << bits)...(1 << bits), using: &generator)
      let scale = UInt8.random(in: 0...9, using: &generator)
      let exponent = UInt8.random(in: 0...4, using: &generator)
      let quantity = Int64.random(in: -2000...2000, using: &generator)
      let numerator = Int128(unscaled) * Int128(quantity) * Int128(powerOfTen(Int(exponent)) ?? 0)
      let divisor = Int128(powerOfTen(Int(scale)) ?? 0)
      var floor = numerator / divisor
      if floor * divisor > numerator { floor -= 1 }
      let rest = (numerator - floor * divisor) * 2
      let rounded = rest > divisor || (rest == divisor && floor % 2 != 0) ? floor + 1 : floor
      #expect(
        Decimal64(unscaled: unscaled, scale: scale).minor(times: quantity, exponent: exponent)
          == Int64(exactly: rounded))
    }
  }

  @Test("values compare by worth, not by form")
  func compare() {
    #expect(Decimal64("1.50")?.compared(to: Decimal64(unscaled: 15, scale: 1)) == 0)
    #expect(Decimal64("-2")?.compared(to: Decimal64(unscaled: 15, scale: 1)) == -1)
    #expect(Decimal64("1.50")?.normalized == Decimal64(unscaled: 15, scale: 1))
  }
}

@Suite("Currencies")
struct CurrencyTests {
  @Test(
    "currencies have the exponents of ISO 4217",
    arguments: [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ZWG", 2)])
  func exponents(code: String, exponent: UInt8) {
    let currency = Currency(code)
    #expect(currency?.exponent == exponent)
    #expect(currency?.code == code)
  }

  @Test(
    "unknown codes are refused", arguments: ["", "usd", "US", "USDX", "XXX", "XTS", "ZZZ", "XAU", "DEM", "U$D", "ÜSD"])
  func unknown(code: String) {
    #expect(Currency(code) == nil)
  }

  @Test("every currency has its own code and codes order them")
  func all() {
    let codes = Currency.all.map(\.code)
    #expect(codes == codes.sorted())
    #expect(Set(codes).count == codes.count)
    #expect(codes.count == 166)
    #expect(Currency.usd == Currency("USD"))
  }

  @Test(
    "amounts are written with the currency's digits",
    arguments: [
      ("USD", 123_450, "1234.50", "1,234.50"), ("JPY", 1234, "1234", "1,234"), ("KWD", -5, "-0.005", "-0.005"),
      ("USD", 0, "0.00", "0.00"), ("USD", 99_999_999, "999999.99", "999,999.99"),
      ("USD", Int64.min, "-92233720368547758.08", "-92,233,720,368,547,758.08"),
      ("EUR", -100_000, "-1000.00", "-1,000.00"),
    ])
  func amounts(code: String, minor: Int64, plain: String, grouped: String) {
    #expect(Currency(code)?.plain(minor) == plain)
    #expect(Currency(code)?.grouped(minor) == grouped)
    #expect(groupedText(1_234_567) == "1,234,567")
  }

  @Test("base amounts are total times rate, half to even, between any exponents")
  func conversion() throws {
    let usd = Currency.usd
    let yen = try #require(Currency("JPY"))
    let dinar = try #require(Currency("KWD"))
    let euro = try #require(Currency("EUR"))
    #expect(convert(1000, from: euro, to: usd, rate: Decimal64(unscaled: 10_725, scale: 4)) == 1072)
    #expect(convert(1001, from: euro, to: usd, rate: Decimal64(unscaled: 15, scale: 1)) == 1502)
    #expect(convert(15_000, from: yen, to: usd, rate: Decimal64(unscaled: 66, scale: 4)) == 9900)
    #expect(convert(1234, from: dinar, to: usd, rate: Decimal64(unscaled: 325, scale: 2)) == 401)
    #expect(convert(250, from: usd, to: yen, rate: Decimal64(unscaled: 1, scale: 0)) == 2)
    #expect(convert(.max, from: yen, to: usd, rate: Decimal64(unscaled: .max, scale: 0)) == nil)
    #expect(convert(.min, from: usd, to: usd, rate: Decimal64(unscaled: 1, scale: 0)) == .min)
    #expect(convert(1, from: usd, to: usd, rate: Decimal64(unscaled: 1, scale: 77)) == nil)
  }
}
