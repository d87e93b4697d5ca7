import Foundation
import TestSupport
import Testing

@Suite("Documents")
struct MarkdownTests {
  /// Pages that people write and read, relative to the repository.
  private static func pages() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: Place.root).filter { file in
      file.hasSuffix(".md") && !file.split(separator: "/").contains { $0.hasPrefix(".") }
    }.sorted()
  }

  /// Goal: whoever follows a link arrives. Method: every relative link of every page names a file or folder that is there,
  /// and its anchor, where it has one, a heading of that page.
  @Test("relative links in all pages lead somewhere")
  func links() throws {
    let pages = try MarkdownTests.pages()
    #expect(pages.contains("README.md"))
    var followed = 0
    for page in pages {
      let text = try String(contentsOfFile: "\(Place.root)/\(page)", encoding: .utf8)
      let folder = URL(filePath: "\(Place.root)/\(page)").deletingLastPathComponent()
      for match in MarkdownTests.withoutCode(text).matches(of: /\]\(([^)\s]+)\)/) {
        let link = String(match.1)
        if link.contains("://") || link.hasPrefix("mailto:") { continue }
        followed += 1
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let target =
          parts[0].isEmpty ? "\(Place.root)/\(page)" : folder.appending(path: parts[0]).path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: target) else {
          Issue.record("\(page): \(link) leads nowhere")
          continue
        }
        if parts.count == 2, target.hasSuffix(".md") {
          let headings = MarkdownTests.anchors(try String(contentsOfFile: target, encoding: .utf8))
          #expect(headings.contains(parts[1]), "\(page): \(link) names no heading; there are \(headings.sorted())")
        }
      }
    }
    #expect(followed > 20)
  }

  /// Code is no link, e.g. `parts[0](x)`.
  private static func withoutCode(_ text: String) -> String {
    text.replacing(/```[\s\S]*?```/, with: "").replacing(/`[^`\n]*`/, with: "")
  }

  /// Headings as GitHub makes anchors of them: lower case, blanks as hyphens, other signs left out.
  private static func anchors(_ text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
        line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
          .replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
      })
  }
}
