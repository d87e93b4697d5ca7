import Foundation

/// Collects the lines that a logger writes, from whatever thread.
package final class Lines: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []

  package init() {}

  package func add(_ line: String) { lock.withLock { lines.append(line) } }

  /// All so far, in order.
  package var all: [String] { lock.withLock { lines } }
}
