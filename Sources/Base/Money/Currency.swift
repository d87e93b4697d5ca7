/// An active ISO 4217 currency: three capitals and the number of digits its minor unit has.
package struct Currency: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Base-26 number of the three letters, 0...17,575; orders like the code.
  @usableFromInline let letters: UInt16
  /// Digits after the point: 0 (JPY), 2 (USD), 3 (KWD) or 4 (CLF).
  package let exponent: UInt8

  @inlinable package static func < (left: Currency, right: Currency) -> Bool { left.letters < right.letters }

  /// The code, "USD".
  package var code: String {
    let letter = { (value: UInt16) in UInt8(ascii: "A") &+ UInt8(truncatingIfNeeded: value % 26) }
    return String(decoding: [letter(letters / 676), letter(letters / 26), letter(letters)], as: UTF8.self)
  }
  package var description: String { code }

  /// Nil unless `code` is an active code in capitals. Constant time, no allocation.
  package init?(_ code: String) {
    self.init(utf8: code.utf8.span)
  }

  package init?(utf8 bytes: borrowing Span<UInt8>) {
    guard let letters = Currency.letters(of: bytes) else { return nil }
    let entry = Currency.exponents[Int(letters)]
    guard entry != Currency.unknown else { return nil }
    self.letters = letters
    self.exponent = entry
  }

  /// All active currencies, by code.
  package static var all: [Currency] {
    exponents.indices.compactMap { index in
      exponents[index] == unknown ? nil : Currency(letters: UInt16(index), exponent: exponents[index])
    }
  }

  package static let usd = Currency(letters: (20 * 26 + 18) * 26 + 3, exponent: 2)

  private init(letters: UInt16, exponent: UInt8) {
    self.letters = letters
    self.exponent = exponent
  }

  private static func letters(of bytes: borrowing Span<UInt8>) -> UInt16? {
    guard bytes.count == 3 else { return nil }
    var result: UInt16 = 0
    for index in 0..<3 {
      let letter = bytes[index] &- UInt8(ascii: "A")
      guard letter < 26 else { return nil }
      result = result &* 26 &+ UInt16(letter)
    }
    return result
  }

  private static let unknown: UInt8 = 255

  /// Exponent per base-26 number: one look-up instead of hashing a string for every order.
  private static let exponents: [UInt8] = {
    var table = [UInt8](repeating: unknown, count: 26 * 26 * 26)
    for (exponent, codes) in [(0, noDigits), (2, twoDigits), (3, threeDigits), (4, fourDigits)] as [(UInt8, String)] {
      for code in codes.split(separator: " ") {
        if let index = letters(of: String(code).utf8.span) { table[Int(index)] = exponent }
      }
    }
    return table
  }()

  // ISO 4217, list one, 2026; metals, test codes and drawing rights have no minor unit and are left out. BGN stays: it
  // was legal tender until 2025-12-31, and history reaches back further.
  private static let noDigits = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
  private static let threeDigits = "BHD IQD JOD KWD LYD OMR TND"
  private static let fourDigits = "CLF UYW"
  private static let twoDigits =
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY \
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD \
    NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP \
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """
}
