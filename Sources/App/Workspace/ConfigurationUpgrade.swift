internal import Capture
internal import Failures
internal import YAML

/// Rewrites what earlier versions wrote into millrace.yaml in today's form, and keeps every other byte of it.
package enum ConfigurationUpgrade {
  /// The text with its sources as a list; nil: there is nothing to do. Comments stay beside what they speak of. `file`
  /// stands in errors. Throws `.configuration` where the text is wrong, or too unusual to be rewritten without changing
  /// what it says.
  package static func upgraded(_ text: String, file: String) throws -> String? {
    let old = try Configuration(text: text, file: file)
    guard let root = try? YAMLDocument.parse(text, name: file),
      let entry = root.entries?.first(where: { $0.key == "sources" }), let entries = entry.value.entries
    else { return nil }
    // By scalars: a carriage return and its line feed are one character, and stay apart here.
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    let start = entry.line - 1
    let next = root.entries?.map(\.line).filter { $0 > entry.line }.min().map { $0 - 1 }
    var end = next ?? lines.count
    // What stands before the next key belongs to that.
    while end > start + 1, isLoose(lines[end - 1]) { end -= 1 }
    let block = Block(lines: Array(lines[start..<end]), first: entry.line, entries: entries)
    lines.replaceSubrange(start..<end, with: block.list(of: old))
    let new = lines.joined(separator: "\n")
    guard (try? Configuration(text: new, file: file)) == old else {
      throw Failure(
        .configuration,
        "\(file): the block 'sources:' is written in a way that cannot be turned into a list safely; "
          + "nothing was changed; write it by hand, as `millrace init` does in a new workspace")
    }
    return new
  }

  /// Empty, or a comment that is not indented.
  private static func isLoose(_ line: String) -> Bool { line.first == "#" || line.allSatisfy(\.isWhitespace) }

  private struct Block {
    var lines: [String]
    /// The number of the first line in its file.
    var first: Int
    var entries: [YAMLNode.Entry]

    func list(of configuration: Configuration) -> [String] {
      let ending = lines.contains { $0.hasSuffix("\r") } ? "\r" : ""
      let isInOneLine = entries.contains { $0.line == first }
      var items: [String] = []
      var used = 1
      for entry in entries {
        let index = entry.line - first
        guard let kind = SourceRegistry.shop.kind(earlier: entry.key) else { continue }
        if index > used { items += lines[used..<index].filter(isComment) }
        used = max(used, index + 1)
        let comment = isInOneLine ? "" : Self.comment(in: lines[index])
        if let source = configuration.source(kind) {
          items.append("  " + source.entry + comment)
        } else {
          items.append("  # switched off: " + SourceDescription(kind).entry.dropFirst(2) + comment)
        }
      }
      items += lines[min(used, lines.count)...].filter(isComment)
      for kind in SourceRegistry.shop.kinds where !entries.contains(where: { $0.key == kind.earlierKey }) {
        items.append("  " + SourceDescription(kind).entry)
      }
      let head = configuration.sources.isEmpty ? "sources: []" : "sources:"
      return ([head + Self.comment(in: lines[0])] + items).map { line in
        line.hasSuffix("\r") || ending.isEmpty ? line : line + ending
      }
    }

    private func isComment(_ line: String) -> Bool { line.drop(while: \.isWhitespace).first == "#" }

    /// What a line says after its value, with the blanks before it; "": nothing.
    static func comment(in line: String) -> String {
      var quote: Character?
      var before: Character = " "
      for index in line.indices {
        let character = line[index]
        if let open = quote {
          if character == open { quote = nil }
        } else if character == "#", before.isWhitespace {
          return "   " + line[index...]
        } else if character == "'" || character == "\"", !before.isLetter, !before.isNumber {
          quote = character
        }
        before = character
      }
      return ""
    }
  }
}
