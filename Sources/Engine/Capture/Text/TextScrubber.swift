/// Takes e-mail addresses and card numbers out of clear text: people and careless forms put both into addresses of
/// pages. Text is looked at as `PlainText` shows it, so escapes hide nothing.
package enum TextScrubber {
  /// What stands where something was taken out.
  package static let redacted = "[redacted]"
  /// What stands in a user agent for a card number: an address there tells of a program, a number does not.
  package static let redactedNumber = "[number]"

  /// A cheap look whether there is anything that `scrub` might find.
  package static func isSuspicious(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var digits = 0
    var isEscaped = false
    for byte in bytes {
      // 0xef begins the wide forms of digits and signs.
      if byte == UInt8(ascii: "@") || byte == 0xef { return true }
      if byte &- UInt8(ascii: "0") <= 9 { digits &+= 1 }
      if byte == UInt8(ascii: "%") { isEscaped = true }
    }
    // An "at" may be written %40, which two digits announce, or wide (%EF%BC%A0); a card number has at least thirteen.
    return (isEscaped && containsEncodedAt(bytes, digits: digits)) || (digits >= 13 && mayHoldCard(bytes))
  }

  /// Whether thirteen digits stand together, with nothing between them that parts a number for sure.
  private static func mayHoldCard(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var digits = 0
    // How much of an escape may still follow ("%20", "%252525C2", "\xc2").
    var escaped = 0
    for byte in bytes {
      if byte &- UInt8(ascii: "0") <= 9 {
        digits &+= 1
        if digits >= 13 { return true }
        escaped &-= 1
        continue
      }
      switch byte {
      case UInt8(ascii: "%"), UInt8(ascii: "\\"): escaped = 9
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "/"), 0x80...0xff, 0..<0x20:
        break
      default: if escaped <= 0 { digits = 0 }
      }
      escaped &-= 1
    }
    return false
  }

  /// `scrub` at the cost of a look where there is nothing to find.
  package static func scrubIfSuspicious(_ text: String) -> String {
    let mayHold = text.utf8.withContiguousStorageIfAvailable(isSuspicious) ?? true
    return mayHold ? scrub(text) : text
  }

  /// Replaces only what is plainly an address, user@host.tld, and card numbers: for user agents, where "@" has other
  /// uses.
  package static func withoutAddresses(_ text: String) -> String {
    guard text.utf8.withContiguousStorageIfAvailable(isSuspicious) ?? true else { return text }
    let plain = PlainText(text.utf8)
    let emails = emails(in: plain.bytes, isSure: true).map { ($0, redacted) }
    let cards = CardNumbers.find(in: plain.bytes).map { ($0, redactedNumber) }
    return plain.replacing(emails + cards) ?? text
  }

  /// Without e-mail addresses and card numbers.
  package static func scrub(_ text: String) -> String {
    let plain = PlainText(text.utf8)
    let found = emails(in: plain.bytes, isSure: false) + CardNumbers.find(in: plain.bytes)
    return plain.replacing(found.map { ($0, redacted) }) ?? text
  }

  /// "%40", "%2540", and "%EF", which begins the wide forms.
  private static func containsEncodedAt(_ bytes: UnsafeBufferPointer<UInt8>, digits: Int) -> Bool {
    guard bytes.count >= 3 else { return false }
    for index in 1..<(bytes.count &- 1) {
      let isAt = digits >= 2 && bytes[index] == UInt8(ascii: "4") && bytes[index &+ 1] == UInt8(ascii: "0")
      guard isAt || (bytes[index] | 0x20 == UInt8(ascii: "e") && bytes[index &+ 1] | 0x20 == UInt8(ascii: "f")) else {
        continue
      }
      var start = index
      while start > 2, bytes[start &- 1] == UInt8(ascii: "5"), bytes[start &- 2] == UInt8(ascii: "2") { start &-= 2 }
      if bytes[start &- 1] == UInt8(ascii: "%") { return true }
    }
    return false
  }

  // MARK: E-mail

  private static func isLocalByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "%"), UInt8(ascii: "'"):
      true
    default: byte >= 0x80
    }
  }

  private static func isDomainByte(_ byte: UInt8) -> Bool {
    isLocalByte(byte) && byte != UInt8(ascii: "_") && byte != UInt8(ascii: "+") && byte != UInt8(ascii: "%")
      && byte != UInt8(ascii: "'")
  }

  /// A host name that ends in a top-level domain of letters.
  private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: true)
    guard parts.count >= 2, let last = parts.last else { return false }
    return last.count >= 2 && last.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 || $0 >= 0x80 }
  }

  /// Something before and after an "@" makes an address, dot or not: better one word too many than a name. With
  /// `isSure` only what has a host name after it.
  private static func emails(in bytes: [UInt8], isSure: Bool) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var floor = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "@") else {
        index &+= 1
        continue
      }
      var start = index
      while start > floor, isLocalByte(bytes[start &- 1]) { start &-= 1 }
      var end = index &+ 1
      while end < bytes.count, isDomainByte(bytes[end]) { end &+= 1 }
      if start < index, end > index &+ 1, !isSure || isHost(bytes[(index &+ 1)..<end]) {
        found.append(start..<end)
        floor = end
      }
      index = end
    }
    return found
  }

  /// Whether the last of these decimal digits (ASCII) is the check digit of the others, as on cards.
  package static func passesLuhn(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
    var sum = 0
    var doubles = false
    for byte in digits.reversed() {
      var digit = Int(byte &- UInt8(ascii: "0"))
      if doubles { digit = digit > 4 ? digit &* 2 &- 9 : digit &* 2 }
      sum &+= digit
      doubles.toggle()
    }
    return sum % 10 == 0
  }
}
