internal import Glibc

/// The clock that only goes forward: for waits and deadlines, never for what is stored.
package enum Monotonic {
  package static var millis: Int64 {
    let now = now
    return Int64(now.tv_sec) &* 1_000 &+ Int64(now.tv_nsec) / 1_000_000
  }

  private static var now: timespec {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now
  }

  static func after(milliseconds: Int) -> timespec {
    var end = now
    // Longer waits than a year are for ever.
    let milliseconds = max(0, min(milliseconds, 366 * 86_400_000))
    end.tv_sec += milliseconds / 1_000
    end.tv_nsec += milliseconds % 1_000 * 1_000_000
    if end.tv_nsec >= 1_000_000_000 {
      end.tv_sec += 1
      end.tv_nsec -= 1_000_000_000
    }
    return end
  }
}
