import Foundation
import TestSupport

/// The pages below `docs/reference` that are made from the code.
enum GeneratedDocs {
  static let pages = ["marts.md", "platform.md"]

  static func path(of page: String) -> String { "\(Place.root)/docs/reference/\(page)" }

  /// What the page of this name must hold now.
  static func content(of page: String) throws -> String {
    let text =
      switch page {
      case "marts.md": MartPages.text()
      case "platform.md": try PlatformPage.text()
      default: ""
      }
    return text + (text.hasSuffix("\n") ? "" : "\n")
  }

  /// The line below a page's title.
  static func note(_ origin: String) -> String {
    "Made from \(origin) by `MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests`; not written by hand.\n"
  }

  /// The first sentence of a source's first comment.
  static func firstSentence(of source: String) -> String {
    var comment = ""
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      if trimmed.hasPrefix("//") {
        let words = trimmed.drop { $0 == "/" }.trimmingCharacters(in: .whitespaces)
        if words.isEmpty { break }
        comment += (comment.isEmpty ? "" : " ") + words
      } else if !comment.isEmpty {
        break
      }
    }
    if let end = comment.range(of: ". ") { comment = String(comment[..<end.lowerBound]) }
    return comment.hasSuffix(".") ? String(comment.dropLast()) : comment
  }
}

/// A diagram of tables, in Mermaid's notation.
struct TableDiagram {
  struct Table {
    var name: String
    var columns: [(name: String, type: String)]
    /// Columns of the primary key.
    var key: [String]
    /// Columns that name a row of another table, or of the same.
    var references: [(columns: [String], table: String)]
  }

  var tables: [Table]

  var text: String {
    var text = "```mermaid\nerDiagram\n"
    for table in tables {
      text += "  \(table.name) {\n"
      for column in table.columns {
        text += "    \(column.type) \(column.name)\(table.key.contains(column.name) ? " PK" : "")\n"
      }
      text += "  }\n"
    }
    for arrow in arrows { text += "  \(arrow.target) ||--o{ \(arrow.table) : \(arrow.label)\n" }
    return text + "```\n"
  }

  var arrows: [(target: String, table: String, label: String)] {
    tables.flatMap { table in
      table.references.map { reference in
        let columns = reference.columns.joined(separator: ", ")
        return (reference.table, table.name, reference.columns.count > 1 ? "\"\(columns)\"" : columns)
      }
    }
  }
}
