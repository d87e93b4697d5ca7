/// The order in which sheets of a folder are taken that are of one minute: that of their names, in which runs of digits
/// count as numbers, so that "-10" follows "-9".
enum SheetOrder {
  static func precedes(_ left: String, _ right: String) -> Bool {
    // Without their endings: "leads.csv" comes before "leads (1).csv".
    let (shortLeft, shortRight) = (stem(left), stem(right))
    if shortLeft != shortRight { return compare(shortLeft, shortRight) }
    return compare(left, right)
  }

  private static func stem(_ name: String) -> String { name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name }

  private static func compare(_ left: String, _ right: String) -> Bool {
    let (mine, theirs) = (parts(of: left), parts(of: right))
    for (a, b) in zip(mine, theirs) where a != b {
      // A number is as long as its digits without leading zeros.
      if a.isNumber, b.isNumber, a.bytes.count != b.bytes.count { return a.bytes.count < b.bytes.count }
      return a.bytes.lexicographicallyPrecedes(b.bytes)
    }
    if mine.count != theirs.count { return mine.count < theirs.count }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  private struct NamePart: Equatable {
    var isNumber: Bool
    var bytes: ArraySlice<UInt8>
  }

  /// Runs of digits, without leading zeros, and what is between them.
  private static func parts(of name: String) -> [NamePart] {
    var parts: [NamePart] = []
    var rest = Array(name.utf8)[...]
    while let first = rest.first {
      let isNumber = first &- UInt8(ascii: "0") <= 9
      let run = rest.prefix { ($0 &- UInt8(ascii: "0") <= 9) == isNumber }
      rest = rest.dropFirst(run.count)
      parts.append(NamePart(isNumber: isNumber, bytes: isNumber ? run.drop { $0 == UInt8(ascii: "0") } : run))
    }
    return parts
  }
}
