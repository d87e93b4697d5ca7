internal import Glibc
internal import Synchronization
internal import Text

/// Standard output and standard error as this process uses them: results on the one, words about the work on the other.
enum Output {
  static let isTerminal = isatty(STDOUT_FILENO) == 1
  static let errorsAreTerminal = isatty(STDERR_FILENO) == 1
  /// Whoever read the answer went away: there is nobody to tell the rest.
  static var isAnswerUnread: Bool { unread.load(ordering: .relaxed) }
  private static let unread = Atomic<Bool>(false)

  /// A line of the answer.
  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// The answer as it is.
  static func text(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// The answer as bytes.
  static func bytes(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { write($0, to: STDOUT_FILENO) } }

  /// Lines of a table for programs. A terminal is none: what would move its cursor or hide text is escaped there, too.
  static func rows(_ bytes: [UInt8]) {
    if isTerminal { text(escapeRowsForTerminal(String(decoding: bytes, as: UTF8.self))) } else { self.bytes(bytes) }
  }

  /// A line about the work.
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// A piece of progress, line ends included.
  static func progress(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Redraws the terminal's last line (progress), or clears it when empty.
  static func redraw(_ text: String) { write("\r\u{1B}[K" + text, to: STDERR_FILENO) }

  /// Unbuffered, so that nothing is lost on a kill.
  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { write($0, to: descriptor) }
  }

  private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) {
    var done = 0
    while done < bytes.count, let start = bytes.baseAddress {
      let count = Glibc.write(descriptor, start + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        if count < 0, errno == EPIPE, descriptor == STDOUT_FILENO { unread.store(true, ordering: .relaxed) }
        return
      }
      done += count
    }
  }
}
