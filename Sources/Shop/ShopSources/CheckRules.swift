internal import Capture
internal import Entity
internal import Events

/// Rules of numbers that carry their own check.
enum CheckRules {
  /// Finding: an e-mail address that is nobody's; it is left out.
  static let placeholder = "email.placeholder"

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
