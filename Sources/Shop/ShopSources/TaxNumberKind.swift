internal import Entity

/// A kind of tax number: how companies of a country are known to everybody. A company is the same in all systems that
/// write its number, so the kind stands in the value: `gb-vat:980780684`. Numbers of the first kind that there was,
/// Argentina's CUIT, are digits alone, as in every log that holds them.
///
/// What may be a natural person's number is personal data, by a rule of each kind; so is what is none of its kind at
/// all, since nobody knows what somebody typed there.
package enum TaxNumberKind: String, Sendable, CaseIterable {
  /// Argentina: CUIT, 11 digits.
  case cuit
  /// Brazil: CNPJ, 14 digits, from 2026 on also with letters in the first twelve. Companies only.
  case brCNPJ = "br-cnpj"
  /// Canada: business number, 9 digits; a program account's suffix (RT0001) names no other company.
  case caBN = "ca-bn"
  /// Germany: USt-IdNr., 9 digits.
  case deVAT = "de-vat"
  /// Spain: NIF, with a letter at either end; a person's begins with a digit or with K, L, M, X, Y, Z.
  case esNIF = "es-nif"
  /// United Kingdom: VAT number, 9 digits (12 with a branch), or GD and HA with three.
  case gbVAT = "gb-vat"
  /// United States: EIN, 9 digits, without a check of its own.
  case usEIN = "us-ein"
  /// A number of some other kind: letters and digits. Nothing is known of it, so all are personal.
  case other

  /// Every name, for messages.
  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// What stands for the number everywhere: its digits and capital letters without what people set between them, with
  /// the kind in front; nil: no number of this kind. A wrong check digit is no reason: the number is what the company
  /// is known by.
  package func canonical(_ text: String) -> String? {
    guard var number = packed(text) else { return nil }
    if let country, number.starts(with: country.utf8) { number.removeFirst(country.utf8.count) }
    guard let own = own(number) else { return nil }
    let written = String(decoding: own, as: UTF8.self)
    return self == .cuit ? written : "\(rawValue):\(written)"
  }

  /// Whether the number passes the check of its kind; also false for what is no number of it.
  package func isValid(_ text: String) -> Bool {
    guard let canonical = canonical(text) else { return false }
    let number = Array(self == .cuit ? canonical.utf8[...] : canonical.utf8.dropFirst(rawValue.utf8.count + 1))
    switch self {
    case .cuit: return Self.isValidCUIT(number)
    case .brCNPJ: return Self.isValidCNPJ(number)
    case .caBN: return Self.passesLuhn(number)
    case .deVAT: return Self.isValidGerman(number)
    case .esNIF: return Self.isValidSpanish(number)
    case .gbVAT: return Self.isValidBritish(number)
    case .usEIN, .other: return true
    }
  }

  /// The number as it goes into an event: open for companies, personal for what may be a person's and for what is none.
  func guarded(_ text: String) -> Guarded<Person> {
    guard let canonical = canonical(text) else { return .personal(PersonalData(text)) }
    return isCompany(canonical) ? .open(canonical) : .personal(PersonalData(canonical))
  }

  // MARK: Forms

  /// What people write in front of the number.
  private var country: String? {
    switch self {
    case .deVAT: "DE"
    case .esNIF: "ES"
    case .gbVAT: "GB"
    case .cuit, .brCNPJ, .caBN, .usEIN, .other: nil
    }
  }

  /// Digits and capital letters; nil: something else than these and what is set between them.
  private func packed(_ text: String) -> [UInt8]? {
    var packed: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): packed.append(byte)
      case UInt8(ascii: "a")...UInt8(ascii: "z"): packed.append(byte & 0xdf)
      case UInt8(ascii: " "), UInt8(ascii: "-"): continue
      // What counts as a CUIT stays as it was: it is part of what old logs say.
      case UInt8(ascii: "."), UInt8(ascii: "/"): if self == .cuit { return nil }
      default: return nil
      }
      if packed.count > 32 { return nil }
    }
    return packed
  }

  /// The part that names the company; nil: not of this form.
  private func own(_ number: [UInt8]) -> [UInt8]? {
    let digits = number.prefix { Self.isDigit($0) }.count
    switch self {
    case .cuit: return number.count == 11 && digits == 11 ? number : nil
    case .brCNPJ: return number.count == 14 && number.suffix(2).allSatisfy(Self.isDigit) ? number : nil
    case .caBN:
      let isBare = number.count == 9 && digits == 9
      let hasAccount = number.count == 15 && digits == 9 && number.suffix(4).allSatisfy(Self.isDigit)
      return isBare || hasAccount ? Array(number.prefix(9)) : nil
    case .deVAT, .usEIN: return number.count == 9 && digits == 9 ? number : nil
    case .esNIF:
      let inner = number.dropFirst().dropLast()
      guard number.count == 9, inner.allSatisfy(Self.isDigit) else { return nil }
      return Self.isDigit(number[0]) && Self.isDigit(number[8]) ? nil : number
    case .gbVAT:
      if number.count == 5, number.starts(with: "GD".utf8) || number.starts(with: "HA".utf8) {
        return number.suffix(3).allSatisfy(Self.isDigit) ? number : nil
      }
      // The last three digits of twelve name a branch of the same company.
      return (number.count == 9 || number.count == 12) && digits == number.count ? Array(number.prefix(9)) : nil
    case .other: return number.isEmpty ? nil : number
    }
  }

  /// Whether a number can only be that of a company.
  private func isCompany(_ canonical: String) -> Bool {
    switch self {
    case .cuit: return ["30", "33", "34"].contains(canonical.prefix(2))
    case .brCNPJ, .caBN, .deVAT, .gbVAT, .usEIN: return true
    case .esNIF:
      guard let first = canonical.dropFirst(rawValue.count + 1).utf8.first else { return false }
      return "ABCDEFGHJNPQRSUVW".utf8.contains(first)
    case .other: return false
    }
  }
}

// MARK: Checks

extension TaxNumberKind {
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }
  /// Of a digit; letters count on from there, as CNPJ has it: A is 17.
  private static func value(_ byte: UInt8) -> Int { Int(byte) - 48 }

  private static func weighted(_ number: some Sequence<UInt8>, _ weights: [Int]) -> Int {
    zip(number, weights).reduce(0) { $0 + value($1.0) * $1.1 }
  }

  /// Check = 11 − (sum mod 11), where 11 counts as 0 and 10 does not exist.
  private static func isValidCUIT(_ number: [UInt8]) -> Bool {
    let check = 11 - weighted(number, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
    return check != 10 && value(number[10]) == check % 11
  }

  /// Two checks, each 11 − (sum mod 11), where 10 and 11 count as 0.
  private static func isValidCNPJ(_ number: [UInt8]) -> Bool {
    let weights = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    func check(_ sum: Int) -> Int { sum % 11 < 2 ? 0 : 11 - sum % 11 }
    let first = check(weighted(number.prefix(12), weights))
    let second = check(weighted(number.prefix(12), [6] + weights.dropLast()) + first * 2)
    return value(number[12]) == first && value(number[13]) == second
  }

  private static func passesLuhn(_ number: [UInt8]) -> Bool {
    number.reversed().enumerated().reduce(0) { sum, each in
      let doubled = value(each.element) * (each.offset % 2 + 1)
      return sum + (doubled > 9 ? doubled - 9 : doubled)
    } % 10 == 0
  }

  /// ISO 7064, MOD 11,10.
  private static func isValidGerman(_ number: [UInt8]) -> Bool {
    var product = 10
    for digit in number.dropLast() {
      let sum = (value(digit) + product) % 10
      product = 2 * (sum == 0 ? 10 : sum) % 11
    }
    return number[0] != UInt8(ascii: "0") && value(number[8]) == (11 - product) % 10
  }

  /// A person's letter is chosen by the number mod 23; a company's check is Luhn's of seven digits, as a digit or as a
  /// letter.
  private static func isValidSpanish(_ number: [UInt8]) -> Bool {
    let letters = Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)
    let inner = Array(number[1..<8])
    let digits = inner.reduce(0) { $0 * 10 + value($1) }
    if isDigit(number[0]) { return number[8] == letters[(value(number[0]) * 10_000_000 + digits) % 23] }
    if let sign = Array("XYZ".utf8).firstIndex(of: number[0]) {
      return number[8] == letters[(sign * 10_000_000 + digits) % 23]
    }
    let odd = stride(from: 0, to: 7, by: 2).reduce(0) { sum, place in
      let doubled = value(inner[place]) * 2
      return sum + doubled / 10 + doubled % 10
    }
    let even = stride(from: 1, to: 7, by: 2).reduce(0) { $0 + value(inner[$1]) }
    let check = (10 - (odd + even) % 10) % 10
    return value(number[8]) == check || number[8] == Array("JABCDEFGHI".utf8)[check]
  }

  /// Seven digits weighted 8 to 2 and the last two add up to 0 mod 97, or, since 2010, to 42 mod 97.
  private static func isValidBritish(_ number: [UInt8]) -> Bool {
    guard number.count == 9 else { return true }
    let sum = weighted(number, [8, 7, 6, 5, 4, 3, 2, 10, 1])
    return sum % 97 == 0 || sum % 97 == 42
  }
}
