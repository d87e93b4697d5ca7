/// Takes e-mail addresses and card numbers out of clear text: people and careless forms put both into addresses of
/// pages.
package enum TextScrubber {
  /// What stands where something was taken out.
  package static let redacted = "[redacted]"

  /// A cheap look whether there is anything that `scrub` might find.
  package static func isSuspicious(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var digits = 0
    for byte in bytes {
      if byte == UInt8(ascii: "@") { return true }
      if byte &- UInt8(ascii: "0") <= 9 { digits &+= 1 }
    }
    // An "at" may be written %40, which two digits announce; a card number has at least thirteen.
    return digits >= 13 || (digits >= 2 && containsEncodedAt(bytes))
  }

  /// `scrub` at the cost of a look where there is nothing to find.
  package static func scrubIfSuspicious(_ text: String) -> String {
    let mayHold = text.utf8.withContiguousStorageIfAvailable(isSuspicious) ?? true
    return mayHold ? scrub(text) : text
  }

  /// Replaces only what is plainly an address, user@host.tld: for user agents, where "@" has other uses.
  package static func withoutAddresses(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
    return String(decoding: withoutEmails(Array(text.utf8), isSure: true), as: UTF8.self)
  }

  /// Without e-mail addresses and card numbers.
  package static func scrub(_ text: String) -> String {
    var bytes = Array(text.utf8)
    let before = bytes.count
    bytes = withoutEmails(bytes)
    bytes = withoutCards(bytes)
    return bytes.count == before && bytes.elementsEqual(text.utf8) ? text : String(decoding: bytes, as: UTF8.self)
  }

  private static func containsEncodedAt(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count >= 3 else { return false }
    for index in 0..<(bytes.count &- 2)
    where bytes[index] == UInt8(ascii: "%") && bytes[index &+ 1] == UInt8(ascii: "4")
      && bytes[index &+ 2] == UInt8(ascii: "0")
    {
      return true
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

  /// Something before and after an "@" (or "%40") makes an address, dot or not: better one word too many than a name.
  /// With `isSure` only what has a host name after it.
  private static func withoutEmails(_ bytes: [UInt8], isSure: Bool = false) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let isAt = bytes[index] == UInt8(ascii: "@")
      let isEncodedAt =
        bytes[index] == UInt8(ascii: "%") && index &+ 2 < bytes.count && bytes[index &+ 1] == UInt8(ascii: "4")
        && bytes[index &+ 2] == UInt8(ascii: "0")
      guard isAt || isEncodedAt else {
        result.append(bytes[index])
        index &+= 1
        continue
      }
      var start = result.count
      while start > 0, isLocalByte(result[start &- 1]) { start &-= 1 }
      var end = index &+ (isAt ? 1 : 3)
      let domainStart = end
      while end < bytes.count, isDomainByte(bytes[end]) { end &+= 1 }
      if start < result.count, end > domainStart, !isSure || isHost(bytes[domainStart..<end]) {
        result.removeSubrange(start...)
        result.append(contentsOf: redacted.utf8)
      } else {
        result.append(contentsOf: bytes[index..<end])
      }
      index = end
    }
    return result
  }

  // MARK: Cards

  /// Runs of 13 to 19 digits, single spaces, dashes or plus signs between them, that pass Luhn's check.
  private static func withoutCards(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index] &- UInt8(ascii: "0") <= 9 else {
        result.append(bytes[index])
        index &+= 1
        continue
      }
      var groups: [[UInt8]] = [[]]
      var end = index
      var position = index
      while position < bytes.count {
        if bytes[position] &- UInt8(ascii: "0") <= 9 {
          groups[groups.count - 1].append(bytes[position])
          position &+= 1
          end = position
        } else if isSeparator(bytes[position]), position &+ 1 < bytes.count,
          bytes[position &+ 1] &- UInt8(ascii: "0") <= 9
        {
          groups.append([])
          position &+= 1
        } else {
          break
        }
      }
      if holdCard(groups) {
        result.append(contentsOf: redacted.utf8)
      } else {
        result.append(contentsOf: bytes[index..<end])
      }
      index = end
    }
    return result
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "+")
  }

  /// Neighbouring groups that together are a card number; inside a group too long for one, any stretch of digits.
  private static func holdCard(_ groups: [[UInt8]]) -> Bool {
    for first in groups.indices {
      var digits: [UInt8] = []
      for group in groups[first...] {
        digits += group
        if digits.count > 19 { break }
        if digits.count >= 13, passesLuhn(digits) { return true }
      }
      let group = groups[first]
      guard group.count > 19 else { continue }
      for start in 0...(group.count - 13) {
        for length in 13...min(19, group.count - start) where passesLuhn(group[start..<(start + length)]) {
          return true
        }
      }
    }
    return false
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
