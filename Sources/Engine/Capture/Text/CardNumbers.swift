/// Finds card numbers among other digits: an issuer's range, a length that it gives out, and Luhn's check together, so
/// that stamps of time, order numbers and bar codes stay.
enum CardNumbers {
  private static let lengths = 13...19
  /// More blanks or dashes between two groups separate things, not groups.
  private static let separatorBytes = 3

  /// Where numbers stand, in order. `bytes` as `PlainText` shows them.
  static func find(in bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var index = 0
    while index < bytes.count {
      guard isDigit(bytes[index]) else {
        index &+= 1
        continue
      }
      let run = Run(bytes, from: index)
      index = run.groups[run.groups.count - 1].upperBound
      if run.digits >= lengths.lowerBound { found += run.cards(in: bytes) }
    }
    return found
  }

  /// Whether digits (ASCII) are a card's number by issuer, length and check digit.
  static func isCard(_ digits: ArraySlice<UInt8>) -> Bool {
    guard lengths.contains(digits.count), TextScrubber.passesLuhn(digits) else { return false }
    let prefix = digits.prefix(6).reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
    let isIssued = issuers.contains { $0.prefixes.contains(prefix) && $0.lengths.contains(digits.count) }
    // Visa's thirteen digits are long out of use, goods numbered 4… are not.
    return isIssued && !(digits.count == 13 && isGoodsNumber(digits))
  }

  /// First six digits, and how long such numbers are: ISO/IEC 7812 as the networks publish their ranges.
  private static let issuers: [(prefixes: ClosedRange<Int>, lengths: Set<Int>)] = [
    // Visa.
    (400_000...499_999, [13, 16, 19]),
    // Mastercard.
    (510_000...559_999, [16]), (222_100...272_099, [16]),
    // American Express.
    (340_000...349_999, [15]), (370_000...379_999, [15]),
    // Diners Club.
    (300_000...305_999, [14, 16]), (309_500...309_599, [14, 16]), (360_000...369_999, [14, 16, 19]),
    (380_000...399_999, [14, 16]),
    // JCB.
    (352_800...358_999, [16, 17, 18, 19]),
    // Discover, UnionPay, RuPay, InterPayment, and Maestro among them.
    (600_000...609_999, [16]), (620_000...629_999, [16, 17, 18, 19]), (644_000...659_999, [16, 17, 18, 19]),
    (810_000...829_999, [16, 17, 18, 19]), (500_000...509_999, [13, 14, 15, 16, 17, 18, 19]),
    (560_000...589_999, [13, 14, 15, 16, 17, 18, 19]), (630_000...639_999, [13, 14, 15, 16, 17, 18, 19]),
    (670_000...679_999, [13, 14, 15, 16, 17, 18, 19]),
    // Mir, Troy.
    (220_000...220_499, [16, 17, 18, 19]), (979_200...979_299, [16]),
  ]

  /// Whether thirteen digits pass the check of GTIN-13 ("EAN").
  private static func isGoodsNumber(_ digits: ArraySlice<UInt8>) -> Bool {
    var sum = 0
    for (place, byte) in digits.enumerated() { sum += Int(byte &- UInt8(ascii: "0")) * (place % 2 == 0 ? 1 : 3) }
    return sum % 10 == 0
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

  /// Groups of digits with nothing but separators between them.
  private struct Run {
    var groups: [Range<Int>] = []
    /// Whether only blanks and dashes stand before the group; dots, underscores and slashes part other things, too.
    var isLoose: [Bool] = []
    var digits = 0

    init(_ bytes: [UInt8], from start: Int) {
      var position = start
      var isLoose = true
      while true {
        let first = position
        while position < bytes.count, isDigit(bytes[position]) { position &+= 1 }
        groups.append(first..<position)
        self.isLoose.append(isLoose)
        digits &+= position &- first
        var next = position
        isLoose = true
        separators: while next < bytes.count, next &- position < separatorBytes {
          switch bytes[next] {
          case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "+"): next &+= 1
          case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"):
            isLoose = false
            next &+= 1
          default: break separators
          }
        }
        guard next > position, next < bytes.count, isDigit(bytes[next]) else { return }
        position = next
      }
    }

    func cards(in bytes: [UInt8]) -> [Range<Int>] {
      var found: [Range<Int>] = []
      var first = 0
      while first < groups.count {
        guard let last = end(ofCardAt: first, bytes) else {
          if let range = inside(groups[first], bytes) { found.append(range) }
          first += 1
          continue
        }
        // What stands close behind it is the month of expiry or the check value.
        var end = last
        while end + 1 < groups.count, isLoose[end + 1], groups[end + 1].count <= 4 { end += 1 }
        found.append(groups[first].lowerBound..<groups[end].upperBound)
        first = end + 1
      }
      return found
    }

    private func end(ofCardAt first: Int, _ bytes: [UInt8]) -> Int? {
      var digits: [UInt8] = []
      var sizes: [Int] = []
      var isLoose = true
      for last in first..<groups.count {
        if last > first, !self.isLoose[last] { isLoose = false }
        digits += bytes[groups[last]]
        if digits.count > lengths.upperBound { return nil }
        sizes.append(groups[last].count)
        if last == first || isLoose || Self.isPrinted(sizes), isCard(digits[...]) { return last }
      }
      return nil
    }

    /// As numbers are printed on cards: fours, or Amex's and Diners' four, six and the rest.
    private static func isPrinted(_ sizes: [Int]) -> Bool {
      if sizes == [4, 6, 5] || sizes == [4, 6, 4] || sizes == [8, 8] || sizes == [4, 4, 5] { return true }
      return sizes.count >= 4 && sizes.dropLast().allSatisfy { $0 == 4 } && (1...4).contains(sizes[sizes.count - 1])
    }

    /// A number with what was typed behind or before it, in one group too long for a card.
    private func inside(_ group: Range<Int>, _ bytes: [UInt8]) -> Range<Int>? {
      guard group.count > lengths.upperBound else { return nil }
      for length in [16, 15] {
        if isCard(bytes[group.lowerBound..<(group.lowerBound + length)])
          || isCard(bytes[(group.upperBound - length)..<group.upperBound])
        {
          return group
        }
      }
      return nil
    }
  }
}
