internal import Concurrency
internal import Foundation
internal import Money
internal import Pipeline
internal import Telemetry
internal import Workspace

/// Progress of one mart's replay: a bar or a line a second on standard error, and counts for the ledger, where `status`
/// finds them. Told from several threads.
final class ReplayBoard: Sendable {
  private let mart: String
  private let job: JobRun
  private struct State {
    var bar: ProgressBar?
    var began: (millis: Int64, progress: ReplayProgress)?
    var isShown = false
  }

  private let state = Lock(State())

  init(_ mart: String, _ job: JobRun) {
    self.mart = mart
    self.job = job
  }

  func note(_ progress: ReplayProgress) {
    let now = Workspace.clock().millis
    job.count("progress.done", progress.done)
    job.count("progress.total", progress.total)
    job.count("progress.read", progress.read)
    for partition in progress.partitions {
      job.count("done.\(partition.name)", partition.done)
      job.count("total.\(partition.name)", partition.total)
    }
    let text = state.withLock { state -> String? in
      let began = state.began ?? (now, progress)
      state.began = began
      let seconds = Double(max(now - began.millis, 1)) / 1_000
      job.count("progress.per_second", Int64(Double(progress.done - began.progress.done) / seconds))
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
    if state.withLock({ $0.isShown }), Output.errorsAreTerminal { Output.redraw("") }
  }
}

extension String {
  /// Without the line end that plain progress has.
  fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
