internal import Concurrency
internal import Glibc
internal import Synchronization

/// How long a call may wait: up to its own deadline, and not much longer once the process was asked to stop.
struct Patience {
  private let end: Int64
  private let stop: StopGrace

  init(seconds: Double, stop: StopGrace) {
    end = Monotonic.millis + Int64(seconds * 1_000)
    self.stop = stop
  }

  var isOver: Bool { remainingMillis <= 0 }

  var remainingMillis: Int64 { max(0, min(end, stop.end ?? .max) - Monotonic.millis) }

  /// The next slice to wait for, at least a millisecond.
  var slice: Int32 { max(1, Int32(min(remainingMillis, Int64(KafkaLimits.sliceMillis)))) }

  /// Rests for a slice, also when asked to stop: a broker's answer is still waited for.
  func pause() { usleep(UInt32(slice) * 1_000) }
}

/// What a call is granted once the process was asked to stop: a last few seconds, from when somebody here notices.
final class StopGrace: Sendable {
  private let stop: StopFlag
  private let noticed = Atomic<Int64>(0)

  init(_ stop: StopFlag) { self.stop = stop }

  /// When to give up; nil: nobody asked.
  var end: Int64? {
    var since = noticed.load(ordering: .relaxed)
    if since == 0 {
      guard stop.isAsked else { return nil }
      since = Monotonic.millis
      noticed.store(since, ordering: .relaxed)
    }
    return since + KafkaLimits.stopMillis
  }
}
