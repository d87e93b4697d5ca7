internal import Money

/// What kinds of lines there are: named where one cannot be read, and told apart where a short line may be a cut one.
enum LineFormat {
  /// The format of a line that is none of ours, in words; nil when nothing tells.
  static func name(of line: UnsafeBufferPointer<UInt8>) -> String? {
    let words = line.prefix(512).split(separator: UInt8(ascii: " "), maxSplits: 4)
    guard let first = words.first, let byte = first.first else { return nil }
    let second = words.count > 1 ? words[1] : first[..<first.startIndex]
    switch byte {
    case UInt8(ascii: "{"): return "JSON"
    case UInt8(ascii: "#"): return "W3C extended (IIS, CloudFront)"
    case UInt8(ascii: "<"): return "syslog"
    case UInt8(ascii: "["):
      return LogClient(UnsafeBufferPointer(rebasing: first)) == nil ? "an error log of Apache" : nil
    case UInt8(ascii: "\""): return "CSV"
    default: break
    }
    if isDate(first, separator: UInt8(ascii: "/")), isTime(second) { return "an error log of nginx" }
    if isDate(first, separator: UInt8(ascii: "-")) {
      return first.contains(UInt8(ascii: "T")) ? "syslog" : "W3C extended (IIS, CloudFront)"
    }
    if months.contains(where: { first.elementsEqual($0.utf8) }), words.count > 2, isTime(words[2]) { return "syslog" }
    let balancers = ["http", "https", "h2", "ws", "wss", "grpcs"]
    if balancers.contains(where: { first.elementsEqual($0.utf8) }), isDate(second, separator: UInt8(ascii: "-")) {
      return "AWS load balancer"
    }
    if first.count == 64, words.count > 2, words[2].first == UInt8(ascii: "[") { return "AWS S3" }
    return nil
  }

  /// Whether the first whole line among these bytes, the first of a log, is of the common format; nil: none is whole.
  static func isCommon(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
    var rest = bytes[...]
    for _ in 0..<100 {
      guard let end = rest.firstIndex(of: 0x0a) else { return nil }
      var line = UnsafeBufferPointer(rebasing: rest[..<end])
      if line.last == UInt8(ascii: "\r") { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      if let scanned = try? LineScanner.scan(line) { return scanned.isCommon }
      rest = rest[(end + 1)...]
    }
    return nil
  }

  /// The time of the first line among these bytes that can be read; nil: there is none.
  static func firstTime(_ bytes: UnsafeBufferPointer<UInt8>) -> Timestamp? {
    for part in bytes.split(separator: 0x0a) {
      var line = UnsafeBufferPointer(rebasing: part.drop { $0 == 0 })
      if line.last == UInt8(ascii: "\r") { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      if let scanned = try? LineScanner.scan(line) { return scanned.time }
    }
    return nil
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// "2026-11-30", or longer.
  private static func isDate(_ word: Slice<UnsafeBufferPointer<UInt8>>, separator: UInt8) -> Bool {
    let bytes = Array(word.prefix(10))
    return bytes.count == 10 && bytes[4] == separator && bytes[7] == separator
      && bytes.indices.allSatisfy { $0 == 4 || $0 == 7 || bytes[$0] &- 0x30 <= 9 }
  }

  /// "00:10:00", or longer.
  private static func isTime(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    let bytes = Array(word.prefix(8))
    return bytes.count == 8 && bytes[2] == UInt8(ascii: ":") && bytes[5] == UInt8(ascii: ":")
  }
}
