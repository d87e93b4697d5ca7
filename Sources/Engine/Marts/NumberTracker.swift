/// Which numbers of one (source, epoch, topic, partition) have been seen: the last one and the intervals still missing.
///
/// Numbers run from 1. A number above the last one that leaves some out opens a gap; a number inside a gap closes it there
/// and is new; any other number is a duplicate. Memory: one interval per gap.
package struct NumberTracker: Equatable, Sendable {
  /// What a number is among those that were seen.
  package enum Verdict: Equatable, Sendable {
    /// New, and nothing missing before it.
    case next
    /// New; these numbers are now missing.
    case opened(ClosedRange<UInt64>)
    /// New; it was in this gap, of which the rest (none, one or two intervals) stays open.
    case closed(ClosedRange<UInt64>)
    case duplicate
  }

  /// The highest number seen; 0 when there was none.
  package private(set) var last: UInt64
  /// Ascending, disjoint, all below `last`.
  package private(set) var missing: [ClosedRange<UInt64>]

  package init(last: UInt64 = 0, missing: [ClosedRange<UInt64>] = []) {
    self.last = last
    self.missing = missing
  }

  /// Takes a number (at least 1) and says what it is. Logarithmic in the number of gaps.
  package mutating func offer(_ number: UInt64) -> Verdict {
    if number > last {
      let expected = last &+ 1
      last = number
      if number == expected { return .next }
      let gap = expected...(number &- 1)
      missing.append(gap)
      return .opened(gap)
    }
    guard let index = index(ofGapWith: number) else { return .duplicate }
    let gap = missing[index]
    missing.replaceSubrange(index...index, with: NumberTracker.rest(of: gap, without: number))
    return .closed(gap)
  }

  /// What of a gap stays open when one of its numbers has come.
  package static func rest(of gap: ClosedRange<UInt64>, without number: UInt64) -> [ClosedRange<UInt64>] {
    var rest: [ClosedRange<UInt64>] = []
    if number > gap.lowerBound { rest.append(gap.lowerBound...(number &- 1)) }
    if number < gap.upperBound { rest.append((number &+ 1)...gap.upperBound) }
    return rest
  }

  private func index(ofGapWith number: UInt64) -> Int? {
    var low = 0
    var high = missing.count
    while low < high {
      let middle = (low + high) / 2
      if missing[middle].upperBound < number { low = middle + 1 } else { high = middle }
    }
    return low < missing.count && missing[low].contains(number) ? low : nil
  }
}
