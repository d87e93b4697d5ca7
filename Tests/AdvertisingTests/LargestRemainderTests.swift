import Hashing
import TestSupport
import Testing

@testable import Advertising

@Suite struct LargestRemainderTests {
  /// Goal: no cent is lost or invented. Method: random totals and weights, tiny, huge and zero.
  @Test("parts are whole and add up to the total") func addsUp() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<2_000 {
      let count = Int(generator.next() % 40) + 1
      let weights = (0..<count).map { _ in
        generator.next() % 4 == 0 ? 0 : generator.unit() * (generator.next() % 2 == 0 ? 1e300 : 1e-300)
      }
      let total = Int64(truncatingIfNeeded: generator.next() >> (generator.next() % 63 + 1))
      for sign: Int64 in [1, -1] {
        let parts = LargestRemainder.split(sign * total, by: weights)
        #expect(parts.reduce(0, +) == sign * total)
        if weights.contains(where: { $0 > 0 }) {
          #expect(zip(parts, weights).allSatisfy { $0 == 0 || $1 > 0 })
        }
      }
    }
    #expect(LargestRemainder.split(.max, by: [1, 1, 1]).reduce(0, +) == .max)
    #expect(LargestRemainder.split(-.max, by: [1, 2]).reduce(0, +) == -.max)
  }

  @Test("units left over go to the largest remainders, ties to the lower index") func remainders() {
    #expect(LargestRemainder.split(100, by: [1, 1, 1]) == [34, 33, 33])
    #expect(LargestRemainder.split(10, by: [0.26, 0.26, 0.48]) == [3, 2, 5])
    #expect(LargestRemainder.split(7, by: [0, 0]) == [4, 3])
    #expect(LargestRemainder.split(5, by: [.nan, -1, 2]) == [0, 0, 5])
    #expect(LargestRemainder.split(5, by: []) == [])
  }
}
