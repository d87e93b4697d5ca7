import Concurrency
import Testing

@Suite("Locks, threads and stopping")
struct ConcurrencyTests {
  /// Goal: no change is lost, and ThreadSanitizer sees no race. Method: eight threads count in one value, a plain variable
  /// beside it is guarded by the same lock only.
  @Test("threads that change one value lose no change")
  func counting() throws {
    let count = Lock(0)
    let beside = Lock<[Int]>([])
    let work = (0..<8).map { number in
      WorkThread.run("count \(number)") {
        for step in 0..<1_000 {
          count.withLock { $0 += 1 }
          if step % 100 == 0 { beside.change { $0.append(number) } }
        }
      }
    }
    for each in work { try each.wait() }
    #expect(count.withLock { $0 } == 8_000)
    #expect(beside.withLock { $0.count } == 80)
  }

  /// Goal: a lock around nothing is a lock. Method: threads that fight over it change what lies beside it; ThreadSanitizer
  /// must neither see that race nor take the empty value's address for another's.
  @Test("a lock without a value keeps threads apart")
  func empty() throws {
    final class Shared: @unchecked Sendable { var count = 0 }
    let shared = Shared()
    let turn = Lock(())
    let work = (0..<4).map { number in
      WorkThread.run("empty \(number)") {
        for _ in 0..<5_000 { turn.withLock { _ in shared.count += 1 } }
        for _ in 0..<500 { turn.change { _ in shared.count += 1 } }
      }
    }
    for each in work { try each.wait() }
    #expect(turn.withLock { _ in shared.count } == 22_000)
  }

  @Test("who waits for a value is woken by the change, and only by the right one")
  func waiting() throws {
    let value = Lock(0)
    let taker = WorkThread.run("taker") { value.change(afterWaitingWhile: { $0 < 3 }, { $0 *= 10 }) }
    for _ in 0..<3 { value.change { $0 += 1 } }
    try taker.wait()
    #expect(value.withLock { $0 } == 30)
    #expect(!value.wait(milliseconds: 1) { $0 == 30 })
    #expect(value.wait(milliseconds: 0) { $0 == 31 })
  }

  @Test("a thread does what it is given in order, and each piece's answer or error reaches who waits for it")
  func order() throws {
    struct Fault: Error {}
    let thread = WorkThread("order")
    let seen = Lock<[Int]>([])
    let pieces = (0..<100).map { number in
      thread.start {
        seen.withLock { $0.append(number) }
        if number == 50 { throw Fault() }
        return number
      }
    }
    for (number, piece) in pieces.enumerated() {
      if number == 50 { #expect(throws: Fault.self) { try piece.wait() } } else { #expect(try piece.wait() == number) }
    }
    #expect(seen.withLock { $0 } == Array(0..<100))
  }

  /// Goal: a large value is changed in place by whoever asked for it. Method: whether its buffer has one owner, after taking it.
  @Test("what is taken of a thread's work is nobody else's, and an error comes as it does to who waits")
  func taken() throws {
    struct Fault: Error {}
    let thread = WorkThread("taken")
    let result = thread.start { [Owned()] }
    var value = try result.take()
    // Another piece behind it: the thread has let go of the first.
    thread.start {}.join()
    #expect(isKnownUniquelyReferenced(&value[0]))
    #expect(throws: Fault.self) { try thread.start { () throws -> Int in throw Fault() }.take() }
  }

  private final class Owned: Sendable {}

  @Test("work goes on when nobody holds its thread or waits for it, and ends the thread")
  func detached() throws {
    let done = StopFlag()
    var thread: WorkThread? = WorkThread("detached")
    let result = thread?.start {
      done.pause(milliseconds: 10_000)
      return 7
    }
    thread = nil
    #expect(result?.wait(milliseconds: 1) == nil)
    done.ask()
    #expect(try result?.wait() == 7)
  }

  /// Goal: a request to stop is heard at once, also by who waits on a flag below. Method: three waits for an hour.
  @Test("asking ends every wait on the flag and on those under it")
  func asking() throws {
    let flag = StopFlag()
    let below = StopFlag(under: flag)
    let beside = StopFlag(under: flag)
    #expect(!flag.isAsked && !below.pause(milliseconds: 1))
    let work = [flag, below, beside].map { each in WorkThread.run("wait") { each.pause(milliseconds: 3_600_000) } }
    beside.ask()
    #expect(try work[2].wait())
    #expect(!flag.isAsked && !below.isAsked && beside.isAsked)
    flag.ask()
    for each in work { #expect(try each.wait()) }
    #expect(below.isAsked)
  }

  /// Goal: whoever waits for what passes neither hammers nor gives up, for however long. Method: pauses by hand, after a billion
  /// failures, and with limits at the ends of what fits.
  @Test("pauses double up to the longest, and begin again after something went well")
  func backoff() {
    var backoff = Backoff(first: 250, longest: 1_500)
    #expect((0..<5).map { _ in backoff.next() } == [250, 500, 1_000, 1_500, 1_500])
    backoff.reset()
    #expect(backoff.next() == 250)
    for failures in [60, 63, 64, 1_000_000_000, Int.max] { #expect(backoff.pause(after: failures) == 1_500) }
    for failures in [Int.min, 0, 1] { #expect(backoff.pause(after: failures) == 250) }
    let widest = Backoff(first: 1, longest: .max)
    #expect(widest.pause(after: 62) == 1 << 61 && widest.pause(after: 100) == .max)
    let only = Backoff(first: .max, longest: .max)
    #expect(only.pause(after: 1) == .max && only.pause(after: 2) == .max)
  }
}
