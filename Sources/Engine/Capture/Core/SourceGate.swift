internal import Concurrency
internal import Synchronization

/// Whether a source's session waits for the source, and since when. Whoever must end can close it in such a moment: the
/// session then uses nothing of what comes later. Safe from any thread.
final class SourceGate: Sendable {
  /// The capture ended without this source's answer.
  struct Closed: Error {}

  private static let outside: Int64 = -1
  private static let closed: Int64 = -2
  /// `outside`, `closed`, or since when the session waits, in milliseconds of `Monotonic`.
  private let state = Atomic<Int64>(SourceGate.outside)

  /// False: closed.
  func enter() -> Bool {
    state.compareExchange(expected: Self.outside, desired: Monotonic.millis, ordering: .acquiringAndReleasing)
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
    return since >= 0 ? Monotonic.millis - since : nil
  }

  var isClosed: Bool { state.load(ordering: .acquiring) == Self.closed }

  /// Gives the session up if it has been waiting for at least this long. False: it was not.
  func close(after millis: Int64) -> Bool {
    let since = state.load(ordering: .acquiring)
    guard since >= 0, Monotonic.millis - since >= millis else { return false }
    return state.compareExchange(expected: since, desired: Self.closed, ordering: .acquiringAndReleasing).exchanged
  }
}
