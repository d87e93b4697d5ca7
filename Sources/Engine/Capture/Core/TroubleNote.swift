internal import Concurrency
package import Money
internal import Telemetry

/// What keeps a source, or the log, from being worked with.
package struct SourceTrouble: Sendable, Equatable {
  /// Names the file and what to do; never content of a source.
  package var text: String
  /// When it began.
  package var since: Timestamp
  package init(text: String, since: Timestamp) {
    self.text = text
    self.since = since
  }
}

/// The trouble of one source or of the log, told when it begins, changes and ends, however often it is met meanwhile:
/// as a log line, in capture.sqlite for `status`, and to whoever runs the capture. Safe from any thread.
final class TroubleNote: Sendable {
  /// Under which the log's own trouble is kept; no source may have this name.
  static let log = "log"

  private struct State {
    var current: SourceTrouble?
    var tell: @Sendable (String?) -> Void = { _ in }
  }

  private let state: Lock<State>
  private let name: String
  private let outbox: Outbox
  private let logger: Logger
  private let gauge: Gauge

  /// Takes over what an earlier run left.
  init(of name: String, _ outbox: Outbox, logger: Logger, metrics: Metrics) throws {
    self.name = name
    self.outbox = outbox
    self.logger = logger.with(["source": .string(name)])
    gauge = metrics.gauge(
      "millrace_capture_troubled", help: "1 while a source (or the log) cannot be worked with.",
      labels: ["source": name])
    let current = try outbox.trouble(of: name)
    state = Lock(State(current: current))
    gauge.set(Int64(current == nil ? 0 : 1))
  }

  /// Who is told of changes from now on, beginning with the trouble that stands.
  func tell(_ listener: @escaping @Sendable (String?) -> Void) {
    state.withLock {
      $0.tell = listener
      if let current = $0.current { listener(current.text) }
    }
  }

  var isRaised: Bool { state.withLock { $0.current != nil } }

  /// `since`: when it began, where that is not known already. Throws when it cannot be written down.
  func raise(_ text: String, since: Timestamp) throws {
    try state.withLock { state in
      guard state.current?.text != text else { return }
      let trouble = SourceTrouble(text: text, since: state.current?.since ?? since)
      state.current = trouble
      gauge.set(Int64(1))
      logger.warning("cannot go on: \(text)", ["since": .string(trouble.since.isoMillis)])
      state.tell(text)
      try outbox.setTrouble(trouble, of: name)
    }
  }

  func clear(at moment: Timestamp) throws {
    try state.withLock { state in
      guard let old = state.current else { return }
      state.current = nil
      gauge.set(Int64(0))
      logger.info("goes on", ["after_seconds": .integer((moment.millis - old.since.millis) / 1_000)])
      state.tell(nil)
      try outbox.setTrouble(nil, of: name)
    }
  }
}
