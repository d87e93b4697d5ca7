import Foundation
import TestSupport

/// A Swift file as lines, with what the tests of the house ask of it. Reads no grammar: the house's own formatting, which
/// `swift format lint` holds, tells where a declaration begins and where its body ends.
struct SwiftSource {
  let path: String
  let lines: [String]

  /// `path` is relative to the repository.
  init(_ path: String) throws {
    self.path = path
    lines = try String(contentsOfFile: "\(Place.root)/\(path)", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// All Swift files below folders of the repository, sorted. Generated ones stand in folders named so, and are left out.
  static func all(below folders: [String]) throws -> [SwiftSource] {
    var paths: [String] = []
    for folder in folders {
      for file in try FileManager.default.subpathsOfDirectory(atPath: "\(Place.root)/\(folder)") {
        let isGenerated = file.split(separator: "/").contains("Generated")
        if file.hasSuffix(".swift"), !isGenerated { paths.append("\(folder)/\(file)") }
      }
    }
    return try paths.sorted().map(SwiftSource.init)
  }

  var name: String { String(path.split(separator: "/").last ?? "") }

  /// Lines of the file, without the empty one behind the last line feed.
  var lineCount: Int { lines.count - (lines.last == "" ? 1 : 0) }

  /// A declaration by its first line.
  struct Declaration {
    var line: Int
    /// "func", "init", "var", …
    var kind: String
    /// What stands behind the keyword up to the first sign that is no part of a name.
    var name: String
    /// The line's access: "package", "private", … or "".
    var access: String
    /// From the first line to the closing brace.
    var length: Int
    var isDocumented: Bool
    var isMemberwise: Bool
  }

  private static let modifiers: Set<String> = [
    "static", "final", "mutating", "nonmutating", "convenience", "override", "class", "indirect", "lazy", "weak",
    "nonisolated", "unowned", "borrowing", "consuming", "required",
  ]
  private static let accesses: Set<String> = ["package", "private", "fileprivate", "internal", "public"]
  private static let kinds: Set<String> = [
    "func", "init", "var", "let", "struct", "class", "enum", "protocol", "subscript", "extension", "deinit",
    "typealias",
  ]

  /// Every declaration that begins a line.
  var declarations: [Declaration] { lines.indices.compactMap(declaration) }

  private func declaration(at index: Int) -> Declaration? {
    var words = lines[index].trimmingCharacters(in: .whitespaces).split(separator: " ").map(String.init)[...]
    var access = ""
    while let word = words.first {
      if word.hasPrefix("@") {
        words = words.dropFirst()
      } else if SwiftSource.accesses.contains(word) {
        access = word
        words = words.dropFirst()
      } else if word.contains("(set)") {
        words = words.dropFirst()
      } else if SwiftSource.modifiers.contains(word), words.count > 1, word != "class" || isModifier(words) {
        words = words.dropFirst()
      } else {
        break
      }
    }
    guard let word = words.first else { return nil }
    let kind = String(word.prefix { $0.isLetter })
    guard SwiftSource.kinds.contains(kind), kind == word || ["init", "subscript", "deinit"].contains(kind) else {
      return nil
    }
    let name = (words.dropFirst().first ?? "").prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    let end = self.end(of: index)
    return Declaration(
      line: index, kind: kind, name: kind == "init" ? "init" : String(name), access: access, length: end - index + 1,
      isDocumented: isDocumented(index), isMemberwise: kind == "init" && isMemberwise(index, end))
  }

  /// "class func" and "class var", not "class Name".
  private func isModifier(_ words: ArraySlice<String>) -> Bool {
    words.dropFirst().first.map { ["func", "var", "subscript"].contains($0) } ?? false
  }

  private func indentation(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  /// The line of the closing brace: the first one below that stands as far to the left and begins with it.
  private func end(of index: Int) -> Int {
    let line = lines[index]
    if line.contains("{"), line.hasSuffix("}") { return index }
    let depth = indentation(line)
    for below in (index + 1)..<max(lines.count, index + 1) where !lines[below].isEmpty {
      guard indentation(lines[below]) <= depth else { continue }
      let rest = lines[below].dropFirst(depth)
      if rest.hasPrefix("}") { return below }
      // The end of a parameter list, a brace on a line of its own.
      if rest.hasPrefix(")") || rest.hasPrefix("{") || rest.hasPrefix("->") { continue }
      return index
    }
    return index
  }

  private func isDocumented(_ index: Int) -> Bool {
    var above = index - 1
    while above >= 0, lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
    return above >= 0 && lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
  }

  /// An initializer that only keeps what it is given says nothing that its properties do not say.
  private func isMemberwise(_ index: Int, _ end: Int) -> Bool {
    let text = lines[index...end].joined(separator: "\n")
    guard let open = text.firstIndex(of: "{"), let close = text.lastIndex(of: "}"), open < close else { return false }
    let statements = text[text.index(after: open)..<close].split(whereSeparator: { $0 == "\n" || $0 == ";" })
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    return statements.allSatisfy { statement in
      let sides = statement.components(separatedBy: " = ")
      return sides.count == 2
        && sides.allSatisfy { $0.replacing("self.", with: "").allSatisfy { $0.isLetter || $0.isNumber } }
    }
  }
}
