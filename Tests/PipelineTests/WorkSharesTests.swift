import Concurrency
import Foundation
import Synchronization
import Testing

@testable import Pipeline

@Suite("Shares of a rebuild") struct WorkSharesTests {
  /// Goal: who has most left goes first. Method: one place, held until all others wait for it; each notes its turn.
  @Test("of those who wait, the one with most left to do goes first") func order() {
    let shares = WorkShares(threads: 1)
    let turns = Lock<[Int64]>([])
    let left: [Int64] = [5, 80, 20, 80, 0]
    var threads: [WorkResult<Void>] = []
    shares.work(left: 1_000) {
      threads = left.map { left in
        WorkThread.run("share") { shares.work(left: left) { turns.withLock { $0.append(left) } } }
      }
      // Nobody tells when a thread has come to wait.
      while shares.waitingCount < left.count { Thread.sleep(forTimeInterval: 0.001) }
    }
    for thread in threads { thread.join() }
    #expect(turns.withLock { $0 } == [80, 80, 20, 5, 0])
  }

  /// Goal: never more at once than there are places, and none is left waiting beside a free one. Method: eight threads of
  /// different shares, counted while they work; the run ends only when all have had all their turns.
  @Test("never more work at once than there are places, and all come to their end") func places() {
    let shares = WorkShares(threads: 3)
    let working = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    let threads = (0..<8).map { index in
      WorkThread.run("share") {
        for turn in 0..<500 {
          shares.work(left: Int64((index * 7 + turn) % 5)) {
            let now = working.add(1, ordering: .sequentiallyConsistent).newValue
            most.max(now, ordering: .sequentiallyConsistent)
            done.add(1, ordering: .sequentiallyConsistent)
            working.subtract(1, ordering: .sequentiallyConsistent)
          }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(done.load(ordering: .sequentiallyConsistent) == 4_000)
    #expect((1...3).contains(most.load(ordering: .sequentiallyConsistent)))
    #expect(shares.waitingCount == 0)
  }

  @Test("a failure gives its place back") func failure() {
    struct Refused: Error {}
    let shares = WorkShares(threads: 1)
    #expect(throws: Refused.self) { try shares.work(left: 1) { () throws(Refused) in throw Refused() } }
    #expect(shares.work(left: 1) { 7 } == 7)
  }
}
