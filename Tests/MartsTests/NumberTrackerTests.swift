import Marts
import TestSupport
import Testing

@Suite("Number tracker") struct NumberTrackerTests {
  @Test("numbers in order are new and leave nothing missing") func inOrder() {
    var tracker = NumberTracker()
    for number: UInt64 in 1...5 { #expect(tracker.offer(number) == .next) }
    #expect(tracker.last == 5)
    #expect(tracker.missing.isEmpty)
  }

  @Test("a number inside a gap is new once, splits the gap, and is a duplicate afterwards") func splits() {
    var tracker = NumberTracker()
    #expect(tracker.offer(10) == .opened(1...9))
    #expect(tracker.offer(5) == .closed(1...9))
    #expect(tracker.missing == [1...4, 6...9])
    #expect(tracker.offer(5) == .duplicate)
    #expect(tracker.offer(1) == .closed(1...4))
    #expect(tracker.offer(9) == .closed(6...9))
    #expect(tracker.missing == [2...4, 6...8])
    #expect(tracker.last == 10)
  }

  @Test("the highest number there is does not trap") func extremes() {
    var tracker = NumberTracker()
    #expect(tracker.offer(.max) == .opened(1...(.max - 1)))
    #expect(tracker.offer(.max) == .duplicate)
    #expect(tracker.offer(0) == .duplicate)
    #expect(tracker.offer(.max - 1) == .closed(1...(.max - 1)))
    #expect(tracker.missing == [1...(.max - 2)])
  }

  /// Goal: the tracker says "new" exactly for numbers not seen before, and its gaps are exactly the numbers below the last
  /// that have not come. Method: random numbers, repeated and left out, against a plain set.
  @Test("agrees with a set of seen numbers", arguments: 0..<50) func agreesWithSet(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var tracker = NumberTracker()
    var seen: Set<UInt64> = []
    let highest = UInt64.random(in: 1...80, using: &random)
    for _ in 0..<200 {
      // Near the front mostly, so that runs, gaps and repeats all occur.
      let next = min(highest, tracker.last + UInt64.random(in: 1...3, using: &random))
      let number = Bool.random(using: &random) ? next : UInt64.random(in: 1...highest, using: &random)
      let isNew = seen.insert(number).inserted
      #expect((tracker.offer(number) != .duplicate) == isNew, "seed \(seed), number \(number)")
      let missing = (1...highest).filter { $0 < tracker.last && !seen.contains($0) }
      #expect(tracker.missing.flatMap { Array($0) } == missing, "seed \(seed)")
      #expect(tracker.last == seen.max())
    }
  }
}
