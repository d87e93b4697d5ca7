internal import CRE2

/// Patterns of which the first that matches counts. Compiled once; any thread afterwards.
///
/// Unchecked: `init` alone writes what `raw` points at; matching reads it, and RE2 guards its own caches.
final class PatternSet: @unchecked Sendable {
  /// A group of a match in the text; nil when it took no part.
  typealias Group = Range<Int>

  struct Match {
    var pattern: Int
    var groups: [Group?]
  }

  private let raw: OpaquePointer

  struct Failure: Error {
    var index: Int
    var reason: String
  }

  init(_ patterns: [(pattern: String, ignoringCase: Bool)]) throws(Failure) {
    guard let raw = millrace_patterns_new() else { throw Failure(index: 0, reason: "no memory") }
    self.raw = raw
    for (index, entry) in patterns.enumerated() {
      var pattern = entry.pattern
      var reason = [CChar](repeating: 0, count: 200)
      let status = pattern.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          millrace_patterns_add(raw, $0.baseAddress, $0.count, entry.ignoringCase ? 1 : 0, &reason, reason.count)
        }
      }
      guard status == 0 else {
        let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        throw Failure(index: index, reason: String(decoding: text, as: UTF8.self))
      }
    }
    guard millrace_patterns_compile(raw) == 0 else { throw Failure(index: 0, reason: "no memory") }
  }

  deinit { millrace_patterns_free(raw) }

  /// The first pattern, in order, that matches somewhere in the text, with `$0` to `$9`. Time linear in the text.
  func firstMatch(in text: UnsafeBufferPointer<UInt8>) -> Match? {
    var found = [millrace_group](repeating: millrace_group(offset: -1, length: 0), count: 10)
    let index = text.withMemoryRebound(to: CChar.self) {
      millrace_patterns_first(raw, $0.baseAddress, $0.count, &found, found.count)
    }
    guard index >= 0 else { return nil }
    return Match(
      pattern: Int(index),
      groups: found.map { $0.offset < 0 ? nil : Int($0.offset)..<Int($0.offset) + Int($0.length) })
  }

  /// Whether any pattern matches.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.withMemoryRebound(to: CChar.self) { millrace_patterns_first(raw, $0.baseAddress, $0.count, nil, 0) } >= 0
  }
}
