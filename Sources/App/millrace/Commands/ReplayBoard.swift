internal import Concurrency
internal import Foundation
internal import Money
internal import Pipeline
internal import Telemetry
internal import Workspace

/// Progress of replays: a bar or a line a second on standard error, one mart after the other. Told from several
/// threads.
final class ReplayBoard: Sendable {
  private struct State {
    var mart: String?
    var bar: ProgressBar?
    var began: (millis: Int64, progress: ReplayProgress)?
    var isShown = false
  }

  private let state = Lock(State())

  func note(_ progress: ReplayProgress, of mart: String) {
    let now = Workspace.clock().millis
    let text = state.withLock { state -> String? in
      if state.mart != mart { (state.mart, state.bar, state.began) = (mart, nil, nil) }
      let began = state.began ?? (now, progress)
      state.began = began
      let seconds = Double(max(now - began.millis, 1)) / 1_000
      var bar =
        state.bar
        ?? ProgressBar(
          "replay \(mart)", unit: "events", total: progress.total, startingAt: progress.done, style: style,
          nowMillis: now)
      bar.total = progress.total
      let text = bar.update(done: progress.done, nowMillis: now)
      state.bar = bar
      if text != nil { state.isShown = true }
      return text.map { $0 == $0.trimmed ? $0 : $0.trimmed + rest(progress, since: began.progress, seconds) + "\n" }
    }
    if let text { Output.progress(text) }
  }

  /// A bar on a terminal, else a line a second.
  private var style: ProgressBar.Style { Output.errorsAreTerminal ? .forStandardError : .plain(everySeconds: 1) }

  /// Off a terminal there is room for the partitions that are not through yet, each with its own share and rest.
  private func rest(_ progress: ReplayProgress, since began: ReplayProgress, _ seconds: Double) -> String {
    let open = progress.partitions.filter { $0.done < $0.total }.map { partition in
      let before = began.partitions.first { $0.name == partition.name }?.done ?? 0
      let perSecond = Double(partition.done - before) / seconds
      let left = perSecond > 0 ? ", \(Int(Double(partition.total - partition.done) / perSecond)) s left" : ""
      return "\(partition.name) \(Int(Double(partition.done) * 100 / Double(max(partition.total, 1)))) %\(left)"
    }
    return open.isEmpty ? "" : "  (\(open.joined(separator: "; ")))"
  }

  /// Clears the bar, so that the answer stands alone.
  func finish() {
    let wasShown = state.withLock { state in
      defer { state.isShown = false }
      return state.isShown
    }
    if wasShown, Output.errorsAreTerminal { Output.redraw("") }
  }
}

extension String {
  /// Without the line end that plain progress has.
  fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
