internal import Glibc
internal import Synchronization

/// How long a call may wait: up to its own deadline, and not much longer once the process was asked to stop.
struct Patience {
  private let end: Int64
  private let stop: StopNotice

  init(seconds: Double, stop: StopNotice) {
    end = Monotonic.millis + Int64(seconds * 1_000)
    self.stop = stop
  }

  var isOver: Bool { remainingMillis <= 0 }

  var remainingMillis: Int64 { max(0, min(end, stop.end ?? .max) - Monotonic.millis) }

  /// The next slice to wait for, at least a millisecond.
  var slice: Int32 { max(1, Int32(min(remainingMillis, Int64(KafkaLimits.sliceMillis)))) }

  /// Rests for a slice.
  func pause() { usleep(UInt32(slice) * 1_000) }
}

/// Notices when the process is asked to stop, and from then on grants a last few seconds.
final class StopNotice: Sendable {
  private let isStopping: @Sendable () -> Bool
  private let noticed = Atomic<Int64>(0)

  init(_ isStopping: @escaping @Sendable () -> Bool) { self.isStopping = isStopping }

  /// When to give up; nil: nobody asked.
  var end: Int64? {
    var since = noticed.load(ordering: .relaxed)
    if since == 0 {
      guard isStopping() else { return nil }
      since = Monotonic.millis
      noticed.store(since, ordering: .relaxed)
    }
    return since + KafkaLimits.stopMillis
  }
}

enum Monotonic {
  static var millis: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) &* 1_000 &+ Int64(now.tv_nsec) / 1_000_000
  }
}
