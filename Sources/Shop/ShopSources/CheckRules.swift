internal import Capture
internal import Entity
internal import Events

/// Rules of numbers that carry their own check.
enum CheckRules {
  /// The digits of an Argentine tax number: eleven, with or without dashes or spaces; nil for anything else.
  static func cuitDigits(_ text: String) -> [UInt8]? {
    var digits: [UInt8] = []
    digits.reserveCapacity(11)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: " ") { continue }
      guard byte &- UInt8(ascii: "0") <= 9, digits.count < 11 else { return nil }
      digits.append(byte)
    }
    return digits.count == 11 ? digits : nil
  }

  /// Weights 5 4 3 2 7 6 5 4 3 2; check = 11 − (sum mod 11), where 11 counts as 0 and 10 does not exist.
  static func hasValidCheckDigit(cuit digits: [UInt8]) -> Bool {
    let weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]
    guard digits.count == 11 else { return false }
    var sum = 0
    for (weight, digit) in zip(weights, digits) { sum &+= weight &* Int(digit &- UInt8(ascii: "0")) }
    let check = 11 - sum % 11
    return check == 11 ? digits[10] == UInt8(ascii: "0") : check < 10 && Int(digits[10] &- UInt8(ascii: "0")) == check
  }

  /// A company's number is public; everything else may be a person's: natural persons' prefixes and what is malformed.
  static func guarded(cuit text: String) -> Guarded<Person> {
    guard let digits = cuitDigits(text), digits[0] == UInt8(ascii: "3"),
      [UInt8(ascii: "0"), UInt8(ascii: "3"), UInt8(ascii: "4")].contains(digits[1])
    else { return .personal(PersonalData(bytes: cuitDigits(text) ?? Array(text.utf8))) }
    return .open(String(decoding: digits, as: UTF8.self))
  }

  /// The digits of a card number that passes Luhn's check, 12 to 19 of them; nil otherwise.
  static func cardDigits(_ text: String) -> [UInt8]? {
    var digits: [UInt8] = []
    digits.reserveCapacity(19)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: " ") { continue }
      guard byte &- UInt8(ascii: "0") <= 9, digits.count < 19 else { return nil }
      digits.append(byte)
    }
    return digits.count >= 12 && TextScrubber.passesLuhn(digits) ? digits : nil
  }

  /// Trimmed and in small letters, so that one mailbox is one subject however it is written.
  static func canonicalEmail(_ text: String) -> [UInt8] {
    Array(ClearText.trimmed(text).lowercased().utf8)
  }
}
