internal import Glibc

/// Writes log lines. A value: copy it, and give copies fields of their own with `with`.
package struct Logger: Sendable {
  package var format: LogFormat
  /// Lines below this are not made at all.
  package var level: LogLevel
  private var context: [LogField] = []
  private let write: @Sendable (String) -> Void
  private let nowMillis: @Sendable () -> Int64

  /// `write` gets each line, newline included; it is called from whatever thread logs. `nowMillis` is the time shown,
  /// milliseconds since 1970.
  package init(
    format: LogFormat, level: LogLevel, nowMillis: @escaping @Sendable () -> Int64,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.level = level
    self.nowMillis = nowMillis
    self.write = write
  }

  /// Lines on stderr, each in one write, so that lines of several threads or processes do not mix.
  package static func standardError(format: LogFormat, level: LogLevel) -> Logger {
    Logger(format: format, level: level, nowMillis: SystemClock.nowMillis, write: { StandardError.write($0) })
  }

  /// Drops everything; for tests and for callers that do not care.
  package static let silent = Logger(format: .logfmt, level: .error, nowMillis: { 0 }, write: { _ in })

  /// A logger whose lines all carry these fields too.
  package func with(_ fields: KeyValuePairs<String, LogValue>) -> Logger {
    var copy = self
    copy.context += fields.map { LogField($0, $1) }
    return copy
  }

  package func debug(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.debug, message(), fields)
  }

  package func info(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.info, message(), fields)
  }

  package func warning(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.warning, message(), fields)
  }

  package func error(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
    log(.error, message(), fields)
  }

  package func log(
    _ level: LogLevel, _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]
  ) {
    guard level >= self.level else { return }
    write(
      LogLine.render(
        format, timeMillis: nowMillis(), level: level, message: message(),
        fields: context + fields.map { LogField($0, $1) }))
  }
}

/// The system's clock, for those who put the program together; everything else has its time passed in.
package enum SystemClock {
  /// Milliseconds since 1970, UTC.
  package static func nowMillis() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}

/// The process's stderr.
package enum StandardError {
  package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns of the terminal, or 80 where that cannot be told.
  package static var columns: Int {
    var size = winsize()
    let code = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
    return code == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Writes the text; gives up silently when stderr is closed, since there is nobody left to tell.
  package static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
