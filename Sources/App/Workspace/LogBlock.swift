/// The `log:` block of millrace.yaml as text, so that it can be replaced and every other byte of the file kept.
package enum LogBlock {
  /// `text` with `block` (whole lines) in the place of its `log:` block, or at its end. The old block stays as
  /// comments: it may hold settings that somebody wants back.
  package static func replacing(in text: String, with block: [String]) -> String {
    // Split at line feeds only, so that carriage returns stay with their lines; by bytes, since both together are one
    // character to Swift.
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    let ending = lines.contains { $0.hasSuffix("\r") } ? "\r" : ""
    let added = block.map { $0 + ending }
    guard let start = lines.firstIndex(where: isKey) else {
      if lines.last?.isEmpty == true { lines.removeLast() }
      return (lines + [ending] + added + [""]).joined(separator: "\n")
    }
    var end = start + 1
    // Indented lines belong to the block; empty ones and comments only where another indented one follows.
    var candidate = end
    while candidate < lines.count {
      let line = lines[candidate]
      if line.first == " " || line.first == "\t", !isBlank(line) {
        end = candidate + 1
      } else if !isBlank(line), line.first != "#" {
        break
      }
      candidate += 1
    }
    let old = lines[start..<end].map { "# \($0)" }
    lines.replaceSubrange(start..<end, with: added + old)
    return lines.joined(separator: "\n")
  }

  private static func isKey(_ line: String) -> Bool {
    ["log:", "\"log\":", "'log':"].contains { line.hasPrefix($0) }
  }

  private static func isBlank(_ line: String) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" } }
}
