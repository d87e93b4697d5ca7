/// Countries of address ranges as two flat arrays: where a range begins, and its country. A range ends where the next
/// begins; what the data leave out is a range of country 0. A table over the upper 16 bits leaves a search of a few
/// steps.
struct CountryTable<Address: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
  private var starts: [Address] = [0]
  private var codes: [UInt8] = [0]
  /// For each value of the upper 16 bits the last range that begins at or before its first address; and one more.
  private var firstRange: [Int32] = []
  /// The first address that no range has claimed yet; nil when the space is used up.
  private var free: Address? = 0

  init() {}

  /// Number of ranges, those of no country included.
  var count: Int { starts.count }

  /// Adds a range. false when it is reversed or does not lie behind all before it.
  mutating func append(from start: Address, through end: Address, code: UInt8) -> Bool {
    guard let free, start >= free, start <= end else { return false }
    if start > free { put(0, at: free) }
    put(code, at: start)
    let (next, overflow) = end.addingReportingOverflow(1)
    self.free = overflow ? nil : next
    return true
  }

  private mutating func put(_ code: UInt8, at start: Address) {
    if start == 0 {
      codes[0] = code
    } else if codes[codes.count - 1] != code {
      starts.append(start)
      codes.append(code)
    }
  }

  /// To be called after the last range, before the first look-up.
  mutating func finish() {
    if let free { put(0, at: free) }
    free = nil
    firstRange.reserveCapacity(65_537)
    var range = 0
    for top in 0..<65_536 {
      let address = Address(top) << Address(Address.bitWidth - 16)
      while range + 1 < starts.count, starts[range + 1] <= address { range += 1 }
      firstRange.append(Int32(truncatingIfNeeded: range))
    }
    firstRange.append(Int32(truncatingIfNeeded: starts.count - 1))
  }

  func code(of address: Address) -> UInt8 {
    let top = Int(truncatingIfNeeded: address >> Address(Address.bitWidth - 16))
    guard top < firstRange.count &- 1 else { return 0 }
    var low = Int(firstRange[top])
    var high = Int(firstRange[top &+ 1])
    while low < high {
      let middle = (low &+ high &+ 1) >> 1
      if starts[middle] <= address { low = middle } else { high = middle &- 1 }
    }
    return codes[low]
  }
}
