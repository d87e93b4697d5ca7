/// tor's text form: `16777216,16777471,AU` (IPv4 as unsigned decimals) and `2001:200::,2001:200:ffff:…,JP`, sorted,
/// with comments after `#`.
enum TorText {
  static func load(
    _ bytes: [UInt8], path: String, operation: String, v4: inout CountryTable<UInt32>, v6: inout CountryTable<UInt128>
  ) throws(EnrichmentError) {
    let bad = bytes.withUnsafeBufferPointer { load($0, &v4, &v6) }
    guard let bad else { return }
    throw EnrichmentError(
      operation: operation, cause: "\(path), line \(bad.line): \(bad.problem)",
      hint: "install the Debian package tor-geoipdb again; its geoip and geoip6 are such files")
  }

  private static func load(
    _ bytes: UnsafeBufferPointer<UInt8>, _ v4: inout CountryTable<UInt32>, _ v6: inout CountryTable<UInt128>
  ) -> (line: Int, problem: String)? {
    var line = 0
    var ranges = 0
    var start = 0
    while start < bytes.count {
      line += 1
      let end = find(UInt8(ascii: "\n"), bytes, from: start, to: bytes.count)
      defer { start = end + 1 }
      if start == end || bytes[start] == UInt8(ascii: "#") { continue }
      let first = find(UInt8(ascii: ","), bytes, from: start, to: end)
      let second = first < end ? find(UInt8(ascii: ","), bytes, from: first + 1, to: end) : end
      // Editors may have ended the line with a carriage return.
      let codeEnd = bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
      guard second < codeEnd, codeEnd - second == 3 else { return (line, "no range and country") }
      let code = CountryCode.number(bytes[second + 1], bytes[second + 2])
      let lower = UnsafeBufferPointer(rebasing: bytes[start..<first])
      let upper = UnsafeBufferPointer(rebasing: bytes[(first + 1)..<second])
      ranges += 1
      if let from = decimal(lower), let through = decimal(upper) {
        guard v4.append(from: from, through: through, code: code) else { return (line, "the ranges are not in order") }
      } else if case .v6(let high, let low)? = IPAddress(bytes: lower),
        case .v6(let lastHigh, let lastLow)? = IPAddress(bytes: upper)
      {
        let from = UInt128(high) << 64 | UInt128(low)
        let through = UInt128(lastHigh) << 64 | UInt128(lastLow)
        guard v6.append(from: from, through: through, code: code) else { return (line, "the ranges are not in order") }
      } else {
        return (line, "no range of addresses")
      }
    }
    return ranges > 0 ? nil : (line, "the file holds no ranges")
  }

  private static func find(_ byte: UInt8, _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
    var index = start
    while index < end, bytes[index] != byte { index &+= 1 }
    return index
  }

  private static func decimal(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
    guard !bytes.isEmpty, bytes.count <= 10 else { return nil }
    var value: UInt64 = 0
    for byte in bytes {
      guard byte &- 0x30 < 10 else { return nil }
      value = value &* 10 &+ UInt64(byte &- 0x30)
    }
    return UInt32(exactly: value)
  }
}
