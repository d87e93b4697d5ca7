internal import Concurrency
internal import Dispatch
internal import Glibc

extension StopFlag {
  // A source that nobody holds is cancelled.
  private static let sources = Lock<[any DispatchSourceSignal]>([])

  /// A flag that SIGTERM and SIGINT ask; jobs look at it between batches and finish the one in hand. A second signal ends the
  /// process at once: everything durable is durable already. Signals that come before this returns end it as usual.
  static func onSignals() -> StopFlag {
    let stop = StopFlag()
    let queue = DispatchQueue(label: "millrace.signals")
    for number in [SIGTERM, SIGINT] {
      // Dispatch sees a signal only when its default action is off.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      let registered = DispatchSemaphore(value: 0)
      source.setRegistrationHandler { @Sendable in registered.signal() }
      source.setEventHandler { @Sendable in
        if stop.isAsked { _exit(128 + number) }
        stop.ask()
      }
      source.activate()
      registered.wait()
      sources.withLock { $0.append(source) }
    }
    return stop
  }
}
