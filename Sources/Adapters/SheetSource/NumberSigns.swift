/// Which sign of a number parts its decimals, and which its thousands.
package enum NumberSigns: String, Sendable, CaseIterable {
  /// 1,234.50
  case point
  /// 1.234,50
  case comma

  private var decimal: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }
  private var group: UInt8 { self == .point ? UInt8(ascii: ",") : UInt8(ascii: ".") }

  /// The number as plain decimal text; nil: written so it is none. Blanks and apostrophes part thousands in either.
  func reading(_ text: String) -> String? {
    // One sign for every blank that people and programs put between thousands.
    let bytes = text.unicodeScalars.map { scalar -> UInt8 in
      switch scalar {
      case " ", "\u{a0}", "\u{202f}", "\u{2009}": UInt8(ascii: " ")
      case "'", "\u{2019}": UInt8(ascii: "'")
      case "\u{2212}": UInt8(ascii: "-")
      default: scalar.isASCII ? UInt8(scalar.value) : 0
      }
    }
    var rest = bytes[...]
    var sign = ""
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? "-" : ""
      rest = rest.dropFirst()
    }
    let parts = rest.split(separator: decimal, maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, let digits = Self.whole(whole, group) else { return nil }
    guard parts.count == 2 else { return sign + digits }
    guard !parts[1].isEmpty, parts[1].allSatisfy(Self.isDigit) else { return nil }
    return sign + digits + "." + String(decoding: parts[1], as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

  /// Digits alone, or in groups of three parted by one sign.
  private static func whole(_ bytes: ArraySlice<UInt8>, _ group: UInt8) -> String? {
    if !bytes.isEmpty, bytes.allSatisfy(isDigit) { return String(decoding: bytes, as: UTF8.self) }
    guard let sign = bytes.first(where: { !isDigit($0) }),
      [group, UInt8(ascii: " "), UInt8(ascii: "'")].contains(sign)
    else { return nil }
    let groups = bytes.split(separator: sign, omittingEmptySubsequences: false)
    guard let first = groups.first, (1...3).contains(first.count), first.first != UInt8(ascii: "0"),
      groups.allSatisfy({ $0.allSatisfy(isDigit) }), groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    return groups.map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  /// Why a column is not read: its numbers have two readings, of which none is told to be wrong.
  struct Ambiguous: Error {
    var words: String
  }

  /// What a whole column says; point where it says nothing, since then both read the same; nil where it has both, and
  /// each number one reading only. Throws where only a guess could tell.
  static func told(by texts: some Sequence<String>) throws(Ambiguous) -> NumberSigns? {
    var only: [NumberSigns: String] = [:]
    var open: (text: String, point: String, comma: String)?
    for text in texts {
      switch (NumberSigns.point.reading(text), NumberSigns.comma.reading(text)) {
      case (.some, nil): if only[.point] == nil { only[.point] = text }
      case (nil, .some): if only[.comma] == nil { only[.comma] = text }
      case (.some(let point), .some(let comma)) where point != comma:
        if open == nil { open = (text, point, comma) }
      default: break
      }
    }
    if only.count == 1, let told = only.keys.first { return told }
    if let open { throw Ambiguous(words: "\"\(open.text)\" may be \(open.point) or \(open.comma)") }
    return only.isEmpty ? .point : nil
  }
}
