/// A block of IP addresses in CIDR notation (RFC 4632, RFC 4291): "203.0.113.0/24", "2001:db8::/120", or one address. A
/// block of IPv4-mapped IPv6 is one of IPv4, as each of its addresses is.
package struct AddressBlock: Hashable, Sendable {
  /// Lowest address.
  package let first: IPAddress
  /// How many addresses: a power of two, 1 to `maximumCount`.
  package let count: Int

  /// The widest block that is read; also a sensible sum of several.
  package static let maximumCount = Limits.blockAddresses

  /// Throws for anything else than an address or a block of at most `maximumCount` addresses that is named by its first
  /// one: 203.0.113.9/24 may be meant as one address or as 256, and who is wrong about it leaves out the wrong people.
  package init(_ text: String) throws(EnrichmentError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = parts.first, let address = IPAddress(head.utf8) else {
      throw Self.error(
        "'\(Self.shown(text))' is no IP address and no block of them",
        "write 203.0.113.7, 203.0.113.0/24, \"2001:db8::7\" or \"2001:db8::/120\"")
    }
    guard parts.count == 2 else {
      self.init(first: address, count: 1)
      return
    }
    // The length of a mapped address's prefix counts the 96 bits before the IPv4 address too.
    let isWrittenAsV6 = head.utf8.contains(UInt8(ascii: ":"))
    let width = isWrittenAsV6 ? 128 : 32
    guard let length = Self.number(parts[1].utf8), length <= width else {
      throw Self.error(
        "the prefix length of '\(Self.shown(text))' is no number from 0 to \(width)",
        "write the address alone for one address")
    }
    let hostBits = width - length
    guard hostBits < Int.bitWidth - 1, 1 << hostBits <= Self.maximumCount else {
      throw Self.error(
        "'\(Self.shown(text))' has more than \(Self.maximumCount) addresses",
        "name narrower blocks: at least /16 of IPv4, /112 of IPv6")
    }
    let lowest = address.clearing(bits: hostBits)
    guard lowest == address else {
      throw Self.error(
        "'\(Self.shown(text))' does not begin with the block's first address",
        "write \(lowest.text)/\(length) for the block, or \(address.text) for one address")
    }
    self.init(first: address, count: 1 << hostBits)
  }

  private init(first: IPAddress, count: Int) {
    self.first = first
    self.count = count
  }

  /// The texts of all addresses, lowest first: readable by `inet_pton`, IPv6 not abbreviated. Made as they are asked
  /// for.
  package var addresses: some Sequence<String> {
    let first = first
    return (0..<UInt64(count)).lazy.map { offset in
      switch first {
      case .v4(let address): IPAddress.v4(address &+ UInt32(truncatingIfNeeded: offset)).text
      case .v6(let high, let low): IPAddress.v6(high: high, low: low &+ offset).text
      }
    }
  }

  /// Plain digits, without a leading zero that some programs read as octal.
  private static func number(_ digits: Substring.UTF8View) -> Int? {
    guard (1...3).contains(digits.count), digits.allSatisfy({ $0 &- 0x30 < 10 }),
      digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }

  private static func shown(_ text: String) -> String {
    String(text.prefix(Limits.addressBytes + 4).map { $0.isASCII && ($0.asciiValue ?? 0) >= 32 ? $0 : "?" })
  }

  private static func error(_ cause: String, _ hint: String) -> EnrichmentError {
    EnrichmentError(operation: "read a block of addresses", cause: cause, hint: hint)
  }
}

extension IPAddress {
  /// Without its lowest bits; at most 63 of IPv6.
  fileprivate func clearing(bits: Int) -> IPAddress {
    switch self {
    case .v4(let address): .v4(bits >= 32 ? 0 : (address >> UInt32(bits)) << UInt32(bits))
    case .v6(let high, let low): .v6(high: high, low: (low >> UInt64(bits)) << UInt64(bits))
    }
  }

  fileprivate var text: String {
    switch self {
    case .v4(let address):
      (0..<4).map { String(address >> UInt32(24 - 8 * $0) & 255) }.joined(separator: ".")
    case .v6(let high, let low):
      [high, low].flatMap { half in (0..<4).map { String(half >> UInt64(48 - 16 * $0) & 0xffff, radix: 16) } }
        .joined(separator: ":")
    }
  }
}
