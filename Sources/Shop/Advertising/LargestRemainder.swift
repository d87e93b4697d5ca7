/// Divides a whole amount by shares so that the parts are whole and their sum is exact.
package enum LargestRemainder {
  /// `total` divided in proportion to `weights` (finite, not negative): parts rounded down, the units left over to the
  /// largest remainders, ties to the lower index (Hamilton's method). Weights that are all zero count as equal. An
  /// empty list gives an empty list.
  package static func split(_ total: Int64, by weights: [Double]) -> [Int64] {
    guard !weights.isEmpty else { return [] }
    let magnitude = total.magnitude
    let clean = weights.map { $0.isFinite && $0 > 0 ? $0 : 0 }
    let largest = clean.max() ?? 0
    // Scaled by the largest first, so that no sum of large weights overflows.
    let scaled = largest > 0 ? clean.map { $0 / largest } : clean.map { _ in 1 }
    let sum = scaled.reduce(0, +)
    var parts: [UInt64] = []
    var remainders: [Double] = []
    var assigned: UInt64 = 0
    for weight in scaled {
      let exact = Double(magnitude) * (weight / sum)
      // Rounding of Doubles above 2^53 must not hand out more than there is.
      let part = min(UInt64(exact.rounded(.down)), magnitude - assigned)
      parts.append(part)
      remainders.append(exact - Double(part))
      assigned += part
    }
    var left = magnitude - assigned
    let order = scaled.indices.sorted {
      remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1
    }.filter { scaled[$0] > 0 }
    // Usually less than one unit a member; the loop also covers rounding of very large totals.
    let each = left / UInt64(order.count)
    if each > 0 {
      for index in order { parts[index] += each }
      left -= each * UInt64(order.count)
    }
    for index in order.prefix(Int(left)) { parts[index] += 1 }
    return parts.map { total < 0 ? 0 &- Int64(truncatingIfNeeded: $0) : Int64(truncatingIfNeeded: $0) }
  }
}
