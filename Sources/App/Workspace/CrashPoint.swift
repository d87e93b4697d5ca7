package import Concurrency
internal import Glibc

/// Ends the process at a named step, or waits there until it is asked to stop, where a test asks for it; debug builds
/// only.
package enum CrashPoint {
  /// `stop` ends the waiting.
  package static func reach(_ step: String, _ stop: StopFlag? = nil) {
    #if DEBUG
      if let wanted = getenv("MILLRACE_CRASH_AT"), String(cString: wanted) == step { kill(getpid(), SIGKILL) }
      if let wanted = getenv("MILLRACE_WAIT_AT"), String(cString: wanted) == step {
        while stop?.pause(milliseconds: 60_000) == false {}
      }
    #endif
  }
}
