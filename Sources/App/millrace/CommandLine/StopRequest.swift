internal import Dispatch
internal import Glibc
internal import Pipeline

/// Set once when the process is asked to end (SIGTERM, SIGINT); jobs look at it between batches and finish the one in
/// hand. A second signal ends the process at once: everything durable is durable already.
// Unchecked: `sources` is written only before the instance is handed out.
final class StopRequest: @unchecked Sendable {
  /// The same request as pipelines take it.
  let flag = StopFlag()

  var isRequested: Bool { flag.isAsked }

  func request() { flag.ask() }

  /// The request that the process's signals set. Signals that come before this returns end the process as usual.
  static func onSignals() -> StopRequest {
    let stop = StopRequest()
    let queue = DispatchQueue(label: "millrace.signals")
    for number in [SIGTERM, SIGINT] {
      // Dispatch sees a signal only when its default action is off.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      let registered = DispatchSemaphore(value: 0)
      source.setRegistrationHandler { @Sendable in registered.signal() }
      source.setEventHandler { @Sendable in
        if stop.isRequested { _exit(128 + number) }
        stop.request()
      }
      source.activate()
      registered.wait()
      stop.sources.append(source)
    }
    return stop
  }

  // A source that nobody holds is cancelled.
  private var sources: [any DispatchSourceSignal] = []
}
