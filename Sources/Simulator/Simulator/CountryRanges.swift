internal import Files

/// Address ranges per country, from text in the form of the `tor-geoipdb` package: `INTIPLOW,INTIPHIGH,CC` for IPv4,
/// `IPV6LOW,IPV6HIGH,CC` for IPv6. A reader of the simulator's own, so that look-ups are checked against another one.
package struct CountryRanges: Sendable {
  struct V4: Sendable {
    var low: UInt32
    var high: UInt32
  }
  struct V6: Sendable {
    var low: UInt128
    var high: UInt128
  }

  private(set) var v4: [String: [V4]] = [:]
  private(set) var v6: [String: [V6]] = [:]

  /// Where Debian's tor-geoipdb puts its data.
  package static let debianPaths = (v4: "/usr/share/tor/geoip", v6: "/usr/share/tor/geoip6")

  /// The package's files are 7 and 20 MB; a larger file is not what it says.
  private static let largestFile = 200_000_000

  package init(v4Path: String, v6Path: String) throws(SimulatorError) {
    func bytes(_ path: String) throws(SimulatorError) -> [UInt8] {
      do {
        return try Files.read(path, limit: CountryRanges.largestFile).bytes
      } catch {
        throw SimulatorError(
          operation: "read country ranges", cause: "\(error)", hint: "install tor-geoipdb, or name its text files")
      }
    }
    self.init(v4Text: try bytes(v4Path), v6Text: try bytes(v6Path))
  }

  /// Lines that are no range, or of a country that the simulation does not use, are passed over.
  package init(v4Text: [UInt8], v6Text: [UInt8]) {
    var slots = [Int](repeating: -1, count: 65_536)
    for (index, country) in Geography.countries.enumerated() {
      slots[CountryRanges.slot(Array(country.code.utf8))] = index
    }
    var fours = [[V4]](repeating: [], count: Geography.countries.count)
    CountryRanges.eachLine(v4Text, slots) { low, high, country in
      guard let low = CountryRanges.number(low), let high = CountryRanges.number(high), low <= high else { return }
      fours[country].append(V4(low: low, high: high))
    }
    var sixes = [[V6]](repeating: [], count: Geography.countries.count)
    CountryRanges.eachLine(v6Text, slots) { low, high, country in
      guard let low = CountryRanges.address(low), let high = CountryRanges.address(high), low <= high else { return }
      sixes[country].append(V6(low: low, high: high))
    }
    for (index, country) in Geography.countries.enumerated() {
      v4[country.code] = fours[index]
      v6[country.code] = sixes[index]
    }
  }

  /// Whether visitors of this country can have addresses.
  func covers(_ code: String) -> Bool { !(v4[code] ?? []).isEmpty || !(v6[code] ?? []).isEmpty }

  private static func slot(_ code: [UInt8]) -> Int { code.count == 2 ? Int(code[0]) << 8 | Int(code[1]) : 0 }

  private static func eachLine(
    _ text: [UInt8], _ slots: [Int], _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>, Int) -> Void
  ) {
    text.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        var end = start
        var commas = (-1, -1)
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
          if bytes[end] == UInt8(ascii: ",") { commas = commas.0 < 0 ? (end, -1) : (commas.0, end) }
          end += 1
        }
        // Two letters between the last comma and the end.
        if commas.1 > 0, end - commas.1 == 3, bytes[start] != UInt8(ascii: "#") {
          let country = slots[Int(bytes[commas.1 + 1]) << 8 | Int(bytes[commas.1 + 2])]
          if country >= 0 {
            body(
              UnsafeBufferPointer(rebasing: bytes[start..<commas.0]),
              UnsafeBufferPointer(rebasing: bytes[(commas.0 + 1)..<commas.1]), country)
          }
        }
        start = end + 1
      }
    }
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>) -> UInt32? {
    var value: UInt64 = 0
    for byte in text {
      guard (48...57).contains(byte), value <= UInt64(UInt32.max) else { return nil }
      value = value * 10 + UInt64(byte - 48)
    }
    return text.isEmpty ? nil : UInt32(exactly: value)
  }

  /// Colon-separated groups with at most one "::"; the data has no embedded IPv4.
  private static func address(_ text: UnsafeBufferPointer<UInt8>) -> UInt128? {
    var groups: [UInt16] = []
    var gap: Int?
    var position = 0
    while position < text.count {
      if text[position] == UInt8(ascii: ":") {
        let isDouble = position + 1 < text.count && text[position + 1] == UInt8(ascii: ":")
        if isDouble {
          guard gap == nil else { return nil }
          gap = groups.count
          position += 2
        } else {
          position += 1
        }
        continue
      }
      var group: UInt32 = 0
      let start = position
      while position < text.count, text[position] != UInt8(ascii: ":") {
        guard position - start < 4, let digit = hexDigit(text[position]) else { return nil }
        group = group << 4 | UInt32(digit)
        position += 1
      }
      groups.append(UInt16(truncatingIfNeeded: group))
    }
    guard groups.count <= 8, gap != nil || groups.count == 8 else { return nil }
    let missing = 8 - groups.count
    var value: UInt128 = 0
    for (index, group) in groups.enumerated() {
      if index == gap { value <<= UInt128(16 * missing) }
      value = value << 16 | UInt128(group)
    }
    if gap == groups.count, missing < 8 { value <<= UInt128(16 * missing) }
    return value
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 97...102: byte - 87
    case 65...70: byte - 55
    default: nil
    }
  }
}

/// Addresses as text.
enum AddressText {
  static func v4(_ value: UInt32) -> String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
  }

  /// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups shortened.
  static func v6(_ value: UInt128) -> String {
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128(16 * (7 - $0))) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func joined(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    if best.isEmpty { return joined(groups[...]) }
    return joined(groups[..<best.lowerBound]) + "::" + joined(groups[best.upperBound...])
  }
}
