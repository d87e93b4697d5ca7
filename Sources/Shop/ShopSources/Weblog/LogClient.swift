internal import Enrichment

/// Who asked, as the first field of a line says: an IP address, with or without a port, a host name, or the addresses
/// that a request was forwarded from ("8.8.8.8, 10.0.0.5": `X-Forwarded-For` in the client's place).
struct LogClient {
  /// Where the one that counts stands in the field, without port, brackets and zone.
  var range: Range<Int>
  /// nil: a host name.
  var address: IPAddress?

  /// nil: the field is none of these.
  init?(_ field: UnsafeBufferPointer<UInt8>) {
    if let address = IPAddress(field) {
      self.init(range: 0..<field.count, address: address)
    } else if field.contains(UInt8(ascii: ",")) {
      guard let client = LogClient.first(ofList: field) else { return nil }
      self = client
    } else if let client = LogClient.address(in: field, 0..<field.count) {
      self = client
    } else if LogClient.isHostName(field[...]) {
      self.init(range: 0..<field.count, address: nil)
    } else {
      return nil
    }
  }

  private init(range: Range<Int>, address: IPAddress?) {
    self.range = range
    self.address = address
  }

  /// Whether the text is "host:port", as Apache writes `%v:%p`.
  static func isHostWithPort(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let colon = portColon(text, 0..<text.count) else { return false }
    let host = text[..<colon]
    if IPAddress(UnsafeBufferPointer(rebasing: host)) != nil || isHostName(host) { return true }
    return host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
  }

  /// The first address that the public net knows, since companies' proxies write their own networks before it; where
  /// there is none, the first. nil where anything in the list is no address.
  private static func first(ofList field: UnsafeBufferPointer<UInt8>) -> LogClient? {
    var first: LogClient?
    var firstPublic: LogClient?
    for part in field.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      var range = part.startIndex..<part.endIndex
      while let start = range.first, field[start] == UInt8(ascii: " ") { range.removeFirst() }
      while let last = range.last, field[last] == UInt8(ascii: " ") { range.removeLast() }
      if field[range].elementsEqual("unknown".utf8) { continue }
      guard let client = address(in: field, range), let address = client.address else { return nil }
      if first == nil { first = client }
      if firstPublic == nil, address.isPublic { firstPublic = client }
    }
    return firstPublic ?? first
  }

  /// "192.0.2.7", "192.0.2.7:5678", "2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:5678", "fe80::7%eth0".
  private static func address(in field: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> LogClient? {
    func read(_ range: Range<Int>) -> LogClient? {
      IPAddress(UnsafeBufferPointer(rebasing: field[range])).map { LogClient(range: range, address: $0) }
    }
    if let plain = read(range) { return plain }
    if range.isEmpty { return nil }
    if field[range.lowerBound] == UInt8(ascii: "[") {
      let end = portColon(field, range) ?? range.upperBound
      guard field[end - 1] == UInt8(ascii: "]") else { return nil }
      let inner = (range.lowerBound + 1)..<max(range.lowerBound + 1, end - 1)
      guard let client = read(inner), case .v6? = client.address else { return nil }
      return client
    }
    if let colon = portColon(field, range), let client = read(range.lowerBound..<colon), case .v4? = client.address {
      return client
    }
    if let zone = field[range].firstIndex(of: UInt8(ascii: "%")), zone + 1 < range.upperBound,
      let client = read(range.lowerBound..<zone), case .v6? = client.address
    {
      return client
    }
    return nil
  }

  /// Where ":port" begins at the end of the text.
  private static func portColon(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    guard let colon = text[range].lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let port = text[(colon + 1)..<range.upperBound]
    guard colon > range.lowerBound, (1...5).contains(port.count), port.allSatisfy({ $0 &- 0x30 <= 9 }) else {
      return nil
    }
    return colon
  }

  /// Labels of letters, digits, hyphens and underscores; the last is no number, or it would be a broken address.
  private static func isHostName(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard text.count <= 253 else { return false }
    var text = text
    if text.last == UInt8(ascii: ".") { text.removeLast() }
    let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let last = labels.last, !last.allSatisfy({ $0 &- 0x30 <= 9 }) else { return false }
    return labels.allSatisfy { label in
      !label.isEmpty && label.count <= 63 && label.first != UInt8(ascii: "-")
        && label.allSatisfy {
          ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 <= 9 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
    }
  }
}

extension IPAddress {
  /// Whether the address may be somebody's on the public net: not of a private, shared, local or unset range.
  fileprivate var isPublic: Bool {
    switch self {
    case .v4(let address):
      let first = address >> 24
      return
        !(first == 0 || first == 10 || first == 127 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8
        || address >> 16 == 0xa9fe || address >> 22 == 0x191)
    case .v6(let high, let low):
      return !(high >> 57 == 0x7e || high >> 54 == 0x3fa || (high == 0 && low <= 1))
    }
  }
}
