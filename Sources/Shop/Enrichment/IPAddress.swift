internal import Text

/// An IP address as numbers. IPv4-mapped IPv6 (`::ffff:203.0.113.9`) is IPv4: it names the same host.
@usableFromInline
package enum IPAddress: Hashable, Sendable {
  case v4(UInt32)
  case v6(high: UInt64, low: UInt64)

  /// Reads text by the rules of `inet_pton`: four decimal numbers without leading zeros, or IPv6 with at most one `::`
  /// and perhaps an IPv4 tail; no zone, no brackets, no white space. nil for anything else. Does not allocate when the
  /// collection is contiguous.
  @inlinable
  package init?(_ text: some Collection<UInt8>) {
    let contiguous = text.withContiguousStorageIfAvailable { bytes in IPAddress(bytes: bytes) }
    guard let parsed = contiguous ?? IPAddress(copying: text) else { return nil }
    self = parsed
  }

  @usableFromInline
  init?(copying text: some Collection<UInt8>) {
    var bytes: [UInt8] = []
    for byte in text {
      guard bytes.count < Limits.addressBytes else { return nil }
      bytes.append(byte)
    }
    guard let parsed = bytes.withUnsafeBufferPointer({ IPAddress(bytes: $0) }) else { return nil }
    self = parsed
  }

  @usableFromInline
  init?(bytes: UnsafeBufferPointer<UInt8>) {
    if let address = IPAddress.scanV4(bytes, from: 0) {
      self = .v4(address)
    } else if let address = IPAddress.scanV6(bytes) {
      self = address
    } else {
      return nil
    }
  }

  /// The network that a person may be counted by without being known: "203.0.113.0/24" or "2001:db8:1::/48".
  package var truncatedPrefix: String {
    switch self {
    case .v4(let address):
      return String(unsafeUninitializedCapacity: 18) { buffer in
        var count = 0
        for index in 0..<3 as Range<UInt32> {
          let shift = 24 - 8 * index
          count = IPAddress.put(decimal: UInt8(truncatingIfNeeded: address >> shift), into: buffer, at: count)
          buffer[count] = UInt8(ascii: ".")
          count += 1
        }
        return IPAddress.put("0/24", into: buffer, at: count)
      }
    case .v6(let high, _):
      // Everything after the third group is zero, which is always the longest run: RFC 5952's form ends in "::".
      return String(unsafeUninitializedCapacity: 19) { buffer in
        var shown = 3
        while shown > 0, UInt16(truncatingIfNeeded: high >> UInt64(64 - 16 * shown)) == 0 { shown -= 1 }
        var count = 0
        for group in 0..<shown {
          if group > 0 { count = IPAddress.put(":", into: buffer, at: count) }
          count = IPAddress.put(
            hex: UInt16(truncatingIfNeeded: high >> UInt64(48 - 16 * group)), into: buffer, at: count)
        }
        return IPAddress.put("::/48", into: buffer, at: count)
      }
    }
  }
}

extension IPAddress {
  /// Four numbers from `start` to the end of the bytes.
  private static func scanV4(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> UInt32? {
    guard bytes.count &- start >= 7, bytes.count &- start <= 15 else { return nil }
    var address: UInt32 = 0
    var number: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in start..<bytes.count {
      let byte = bytes[index]
      if byte &- 0x30 < 10 {
        // A leading zero means octal to some readers: refused, as inet_pton does.
        if digits > 0, number == 0 { return nil }
        number = number &* 10 &+ UInt32(byte &- 0x30)
        digits &+= 1
        if number > 255 { return nil }
      } else if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
        address = address << 8 | number
        number = 0
        digits = 0
        dots &+= 1
      } else {
        return nil
      }
    }
    guard dots == 3, digits > 0 else { return nil }
    return address << 8 | number
  }

  private static func scanV6(_ bytes: UnsafeBufferPointer<UInt8>) -> IPAddress? {
    guard bytes.count >= 2, bytes.count <= Limits.addressBytes else { return nil }
    var head = Groups()
    var tail = Groups()
    var seenGap = false
    var index = 0
    if bytes[0] == UInt8(ascii: ":") {
      guard bytes[1] == UInt8(ascii: ":") else { return nil }
      seenGap = true
      index = 2
    }
    while index < bytes.count {
      let groupStart = index
      var group: UInt16 = 0
      while index < bytes.count, let digit = Hexadecimal.value(ofDigit: bytes[index]) {
        guard index &- groupStart < 4 else { return nil }
        group = group << 4 | UInt16(digit)
        index &+= 1
      }
      if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
        guard let v4 = scanV4(bytes, from: groupStart) else { return nil }
        push(UInt16(truncatingIfNeeded: v4 >> 16), after: seenGap, &head, &tail)
        push(UInt16(truncatingIfNeeded: v4), after: seenGap, &head, &tail)
        break
      }
      guard index > groupStart else { return nil }
      push(group, after: seenGap, &head, &tail)
      if index == bytes.count { break }
      guard bytes[index] == UInt8(ascii: ":") else { return nil }
      index &+= 1
      // A single colon at the end leaves a group out.
      guard index < bytes.count else { return nil }
      if bytes[index] == UInt8(ascii: ":") {
        guard !seenGap else { return nil }
        seenGap = true
        index &+= 1
      }
    }
    let count = head.count &+ tail.count
    guard seenGap ? count < 8 : count == 8 else { return nil }
    let (headHigh, headLow) = head.shifted(by: 8 &- head.count)
    let high = headHigh | tail.high
    let low = headLow | tail.low
    if high == 0, low >> 32 == 0xffff { return .v4(UInt32(truncatingIfNeeded: low)) }
    return .v6(high: high, low: low)
  }

  /// Up to eight groups, the last pushed lowest. More are counted, and refused by the count.
  private struct Groups {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var count = 0

    mutating func push(_ group: UInt16) {
      high = high << 16 | low >> 48
      low = low << 16 | UInt64(group)
      count &+= 1
    }

    func shifted(by groups: Int) -> (high: UInt64, low: UInt64) {
      switch groups {
      case ...0: (high, low)
      case 1...3: (high << UInt64(16 * groups) | low >> UInt64(64 - 16 * groups), low << UInt64(16 * groups))
      case 4...7: (low << UInt64(16 * (groups - 4)), 0)
      default: (0, 0)
      }
    }
  }

  private static func push(_ group: UInt16, after gap: Bool, _ head: inout Groups, _ tail: inout Groups) {
    if gap { tail.push(group) } else { head.push(group) }
  }
}

extension IPAddress {
  private static func put(_ text: StaticString, into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    for index in 0..<text.utf8CodeUnitCount { buffer[start + index] = text.utf8Start[index] }
    return start + text.utf8CodeUnitCount
  }

  private static func put(decimal: UInt8, into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    var index = start
    if decimal >= 100 {
      buffer[index] = 0x30 + decimal / 100
      index += 1
    }
    if decimal >= 10 {
      buffer[index] = 0x30 + decimal / 10 % 10
      index += 1
    }
    buffer[index] = 0x30 + decimal % 10
    return index + 1
  }

  private static func put(hex: UInt16, into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    var index = start
    for digits in 0..<4 as Range<UInt16> {
      let shift = 12 - 4 * digits
      let digit = UInt8(truncatingIfNeeded: hex >> shift & 15)
      guard digit > 0 || index > start || shift == 0 else { continue }
      buffer[index] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
      index += 1
    }
    return index
  }
}
