internal import Concurrency
internal import Money
internal import Telemetry
internal import Workspace

/// Progress of a job on standard error; may be told from several threads.
final class ProgressLine: Sendable {
  private struct State {
    var bar: ProgressBar?
    var label = ""
    var isShown = false
  }

  private let name: String
  private let state = Lock(State())

  init(_ name: String) { self.name = name }

  /// `count`: things done so far; `share`: 0...1 where the end is known.
  func update(label: String, count: Int64?, share: Double?) {
    // Without a count the share itself is what is shown, in percent.
    let done = count ?? Int64((share ?? 0) * 100)
    let total: Int64? = share.flatMap { share in
      if count == nil { return 100 }
      return share > 0 ? max(done, Int64((Double(done) / share).rounded())) : nil
    }
    advance(label: label, unit: count == nil ? "%" : "events", done: done, total: total)
  }

  func update(done: Int64, of total: Int64, unit: String) { advance(label: unit, unit: unit, done: done, total: total) }

  /// Clears the bar, so that the answer stands alone.
  func finish() {
    let wasShown = state.withLock { state in
      defer { state = State() }
      return state.isShown
    }
    if wasShown, Output.errorsAreTerminal { Output.redraw("") }
  }

  private func advance(label: String, unit: String, done: Int64, total: Int64?) {
    let now = Workspace.clock().millis
    let text: String? = state.withLock { state in
      if state.bar == nil || state.label != label {
        let title = label == unit ? name : "\(name): \(label)"
        state.bar = ProgressBar(title, unit: unit, total: total, style: .forStandardError, nowMillis: now)
        state.label = label
      }
      state.bar?.total = total
      guard let text = state.bar?.update(done: done, nowMillis: now) else { return nil }
      state.isShown = true
      return text
    }
    if let text { Output.progress(text) }
  }
}
