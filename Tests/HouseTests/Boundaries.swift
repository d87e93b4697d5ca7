import Foundation
import TestSupport

/// Levels, floors and owners of C libraries, as `tools/check-boundaries` enforces them, read from that script.
struct Boundaries {
  let levels: [(module: String, level: Int)]
  /// What each floor stands on besides itself.
  let floors: [(floor: String, standsOn: [String])]
  /// The one module that knows each C library.
  let owners: [(library: String, module: String)]

  init() throws {
    let script = try String(contentsOfFile: "\(Place.root)/tools/check-boundaries", encoding: .utf8)
    levels = script.block("LEVELS").matches(of: /"(\w+)": (\d+)/).map { (String($0.1), Int($0.2) ?? 0) }
    floors = script.block("FLOORS").matches(of: /"(\w+)": (?:set\(\)|\{([^}]*)\})/).map { match in
      (String(match.1), (match.2 ?? "").matches(of: /"(\w+)"/).map { String($0.1) })
    }
    owners = script.block("OWNERS").matches(of: /"(\w+)": "(\w+)"/).map { (String($0.1), String($0.2)) }
  }

  /// The folder of a module, relative to the repository: `Sources/<floor>/<module>`.
  func folder(of module: String) throws -> String {
    for (floor, _) in floors {
      let folder = "Sources/\(floor)/\(module)"
      if FileManager.default.fileExists(atPath: "\(Place.root)/\(folder)") { return folder }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  func floor(of module: String) throws -> String {
    String(try folder(of: module).split(separator: "/")[1])
  }

  func page() throws -> String {
    var text = """
      # Modules, levels and floors

      \(GeneratedDocs.note("`tools/check-boundaries`"))
      A module imports modules of lower levels only, and of the floors that its own stands on. What each module knows stands in
      [DESIGN.md](../../DESIGN.md#floors).

      ```mermaid
      flowchart BT

      """
    let last = levels.map(\.level).max() ?? 0
    for level in 0...last {
      let names = levels.filter { $0.level == level }.map(\.module)
      text += "  subgraph L\(level)[\"level \(level)\"]\n    \(names.joined(separator: " & "))\n  end\n"
    }
    for level in 1...last { text += "  L\(level) --> L\(level - 1)\n" }
    text += "```\n\n| floor | stands on | modules |\n|---|---|---|\n"
    for (floor, standsOn) in floors {
      let modules = try levels.map(\.module).filter { try self.floor(of: $0) == floor }
      text += "| \(floor) | \(standsOn.sorted().joined(separator: ", ")) | \(modules.joined(separator: ", ")) |\n"
    }
    text += "\n| C library | known by |\n|---|---|\n"
    for (library, module) in owners.sorted(by: { $0.library < $1.library }) { text += "| \(library) | \(module) |\n" }
    return text
  }
}

extension String {
  /// The text of a Python dictionary, up to the brace that stands alone on a line.
  fileprivate func block(_ name: String) -> Substring {
    guard let begin = range(of: "\(name) = {"), let end = range(of: "\n}", range: begin.upperBound..<endIndex) else {
      return ""
    }
    return self[begin.upperBound..<end.lowerBound]
  }
}
