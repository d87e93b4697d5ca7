package import Concurrency

extension WorkThread {
  /// As `run`, on a thread on which a trap can be noted: its handler needs room even when the trap is a stack overflow.
  package static func runGuarded(_ name: String, _ body: @escaping @Sendable () -> Void) -> WorkResult<Void> {
    run(name) { TrapSignals.withAlternateStack { body() } }
  }
}
