internal import Foundation
internal import Synchronization

/// Progress of a job on standard error: a bar that is redrawn on a terminal, a plain line every few seconds otherwise.
final class ProgressLine: Sendable {
  private struct State {
    var drawnAt = Date.distantPast
    var isDrawn = false
    let began = Date()
  }

  private let name: String
  private let state = Mutex(State())
  /// Ten redraws a second look steady; a plain line every ten seconds keeps a log file readable.
  private let interval: TimeInterval = Output.errorsAreTerminal ? 0.1 : 10

  init(_ name: String) { self.name = name }

  /// `count`: things done so far; `share`: 0...1 where the end is known.
  func update(label: String, count: Int64?, share: Double?) {
    let now = Date()
    let elapsed: TimeInterval? = state.withLock { state in
      // The first plain line waits for an interval too: short jobs stay silent.
      if !Output.errorsAreTerminal, state.drawnAt == .distantPast { state.drawnAt = state.began }
      guard now.timeIntervalSince(state.drawnAt) >= interval else { return nil }
      state.drawnAt = now
      state.isDrawn = true
      return max(now.timeIntervalSince(state.began), 0.001)
    }
    guard let elapsed else { return }
    var text = "\(name): \(label)"
    if let share {
      let filled = Int((min(max(share, 0), 1) * 30).rounded(.down))
      text += " [" + String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled) + "]"
      text += String(format: " %3.0f %%", share * 100)
      if share > 0.01, share < 1 { text += String(format: ", %.0f s left", elapsed * (1 - share) / share) }
    }
    if let count { text += " \(count)" + String(format: " (%.0f/s)", Double(count) / elapsed) }
    if Output.errorsAreTerminal { Output.redraw(text) } else { Output.note(text) }
  }

  func update(done: Int64, of total: Int64, unit: String) {
    update(label: unit, count: done, share: total > 0 ? Double(done) / Double(total) : nil)
  }

  /// Clears the bar, so that the answer stands alone.
  func finish() {
    if Output.errorsAreTerminal, state.withLock({ $0.isDrawn }) { Output.redraw("") }
  }
}
