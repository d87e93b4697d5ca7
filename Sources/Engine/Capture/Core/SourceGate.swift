internal import Glibc
internal import Synchronization

/// Whether a source's session waits for the source, and since when. Whoever must end can close it in such a moment: the
/// session then uses nothing of what comes later. Safe from any thread.
final class SourceGate: Sendable {
  /// The capture ended without this source's answer.
  struct Closed: Error {}

  private static let outside: Int64 = -1
  private static let closed: Int64 = -2
  /// `outside`, `closed`, or since when the session waits, in milliseconds of `MonotonicClock`.
  private let state = Atomic<Int64>(SourceGate.outside)

  /// False: closed.
  func enter() -> Bool {
    state.compareExchange(expected: Self.outside, desired: MonotonicClock.millis, ordering: .acquiringAndReleasing)
      .exchanged
  }

  /// False: closed meanwhile, and for good.
  func leave() -> Bool {
    let since = state.load(ordering: .acquiring)
    guard since >= 0 else { return false }
    return state.compareExchange(expected: since, desired: Self.outside, ordering: .acquiringAndReleasing).exchanged
  }

  /// For how long the session has been waiting now; nil: it is not.
  var waitingMillis: Int64? {
    let since = state.load(ordering: .acquiring)
    return since >= 0 ? MonotonicClock.millis - since : nil
  }

  var isClosed: Bool { state.load(ordering: .acquiring) == Self.closed }

  /// Gives the session up if it has been waiting for at least this long. False: it was not.
  func close(after millis: Int64) -> Bool {
    let since = state.load(ordering: .acquiring)
    guard since >= 0, MonotonicClock.millis - since >= millis else { return false }
    return state.compareExchange(expected: since, desired: Self.closed, ordering: .acquiringAndReleasing).exchanged
  }
}

/// Time that only goes forward; nobody sets it.
enum MonotonicClock {
  static var millis: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) &* 1_000 &+ Int64(now.tv_nsec) / 1_000_000
  }

  /// Waits in short naps, so that a request to stop is heard soon.
  static func wait(_ millis: Int, _ stop: () -> Bool) {
    let end = self.millis + Int64(millis)
    while !stop() {
      let rest = end - self.millis
      if rest <= 0 { return }
      usleep(UInt32(min(rest, 50)) * 1_000)
    }
  }
}
