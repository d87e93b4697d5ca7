internal import Text

/// How far a long job has come, as text for people: a bar that redraws itself on a terminal, a plain line now and then
/// elsewhere. Makes text only; the caller passes the time and writes what it gets.
package struct ProgressBar: Sendable {
  package enum Style: Sendable, Equatable {
    case terminal(columns: Int)
    /// A line each so many seconds.
    case plain(everySeconds: Int)

    /// What fits this process's stderr.
    package static var forStandardError: Style {
      StandardError.isTerminal ? .terminal(columns: StandardError.columns) : .plain(everySeconds: 10)
    }
  }

  private let label: String
  private let unit: String
  private let style: Style
  /// What `done` will be at the end; nil when nobody knows.
  package var total: Int64?
  private let startMillis: Int64
  private let startDone: Int64
  private var done: Int64
  private var shownMillis: Int64?
  private var rated: (done: Int64, millis: Int64)
  private var ratePerSecond: Double?

  /// `startingAt`: what an earlier run has done already; it does not count for the rate.
  package init(
    _ label: String, unit: String, total: Int64?, startingAt: Int64 = 0, style: Style, nowMillis: Int64
  ) {
    self.label = escapeForTerminal(label)
    self.unit = unit
    self.total = total
    self.style = style
    startMillis = nowMillis
    startDone = startingAt
    done = startingAt
    rated = (startingAt, nowMillis)
  }

  /// Text to write as it is, or nil when it is too early for a new one.
  package mutating func update(done: Int64, nowMillis: Int64) -> String? {
    self.done = done
    let pause =
      switch style {
      case .terminal: TelemetryLimits.redrawMillis
      case .plain(let seconds): Int64(seconds) * 1_000
      }
    // A bar shows at once; a plain line only when the job has taken that long.
    let last: Int64? = if case .plain = style { shownMillis ?? startMillis } else { shownMillis }
    if let last, nowMillis >= last, nowMillis &- last < pause { return nil }
    shownMillis = nowMillis
    updateRate(nowMillis)
    return framed(line(nowMillis), last: false)
  }

  /// The last line, with the rate of the whole job.
  package mutating func finish(nowMillis: Int64) -> String {
    let seconds = Double(max(nowMillis &- startMillis, 1)) / 1_000
    ratePerSecond = Double(done &- startDone) / seconds
    var parts = [ProgressBar.grouped(done) + " \(unit)", "in \(ProgressBar.duration(seconds))"]
    parts.append("\(ProgressBar.grouped(ratePerSecond ?? 0))/s")
    return framed("\(label): \(parts.joined(separator: "  "))", last: true)
  }

  private mutating func updateRate(_ nowMillis: Int64) {
    let elapsed = Double(nowMillis &- rated.millis)
    guard elapsed > 0 else { return }
    let current = Double(done &- rated.done) / elapsed * 1_000
    let weight = min(elapsed / TelemetryLimits.rateWindowMillis, 1)
    ratePerSecond = ratePerSecond.map { $0 + (current - $0) * weight } ?? current
    rated = (done, nowMillis)
  }

  private func line(_ nowMillis: Int64) -> String {
    var parts: [String] = []
    if let total {
      let share = total <= 0 ? 1 : min(max(Double(done) / Double(total), 0), 1)
      if case .terminal = style { parts.append(ProgressBar.bar(share)) }
      // Rounded down: 100 % means done.
      parts.append("\(Int(share * 100)) %")
      parts.append("\(ProgressBar.grouped(done)) of \(ProgressBar.grouped(total)) \(unit)")
    } else {
      parts.append("\(ProgressBar.grouped(done)) \(unit)")
    }
    if let ratePerSecond { parts.append("\(ProgressBar.grouped(ratePerSecond))/s") }
    if let total, let ratePerSecond, ratePerSecond > 0, total > done {
      parts.append("\(ProgressBar.duration(Double(total &- done) / ratePerSecond)) left")
    }
    return "\(label): \(parts.joined(separator: "  "))"
  }

  private func framed(_ line: String, last: Bool) -> String {
    switch style {
    case .plain: return line + "\n"
    case .terminal(let columns):
      // One column stays free: a character in the last one makes some terminals wrap.
      return "\r" + line.prefix(max(columns - 1, 1)) + "\u{1b}[K" + (last ? "\n" : "")
    }
  }

  private static func bar(_ share: Double) -> String {
    let width = 20
    let filled = Int(share * Double(width))
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
  }

  /// 1234567 → "1,234,567".
  static func grouped(_ number: Int64) -> String {
    let digits = String(number.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  private static func grouped(_ number: Double) -> String {
    guard let whole = Int64(exactly: number.rounded()) else { return "?" }
    return grouped(whole)
  }

  /// 3725 → "1:02:05".
  static func duration(_ seconds: Double) -> String {
    guard let whole = Int64(exactly: seconds.rounded()), whole >= 0, whole < 1_000 * 86_400 else { return "?" }
    let tail = "\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    let minutes = whole / 60
    if minutes < 60 { return "\(minutes):\(tail)" }
    return "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60):\(tail)"
  }
}
