import Foundation
import Marts
import Projections
import SQLite
import ShopMarts
import Simulator
import TestSupport

/// The parts of DESIGN.md that are made from the code: they stand between `<!-- begin NAME -->` and `<!-- end NAME -->`.
enum GeneratedDocs {
  static let design = "\(Place.root)/DESIGN.md"

  /// What the block of this name must hold now.
  static func content(of block: String) throws -> String {
    switch block {
    case "modules": try modules()
    case "sales": diagram(.sales)
    case "traffic": diagram(.traffic)
    case "leads": diagram(.leads)
    case "advertising": diagram(.advertising)
    case "platform": try platform()
    default: ""
    }
  }

  static let blocks = ["modules", "platform", "sales", "traffic", "leads", "advertising"]

  static func block(_ name: String, in text: String) -> Range<String.Index>? {
    guard let begin = text.range(of: "<!-- begin \(name) -->\n"), let end = text.range(of: "<!-- end \(name) -->"),
      begin.upperBound <= end.lowerBound
    else { return nil }
    return begin.upperBound..<end.lowerBound
  }

  /// Module levels as tools/check-boundaries enforces them.
  static func levels() throws -> [(module: String, level: Int)] {
    let script = try String(contentsOfFile: "\(Place.root)/tools/check-boundaries", encoding: .utf8)
    guard let begin = script.range(of: "LEVELS = {"), let end = script[begin.upperBound...].range(of: "}") else {
      return []
    }
    return script[begin.upperBound..<end.lowerBound].split(separator: ",").compactMap { entry in
      let parts = entry.split(separator: ":").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      guard parts.count == 2, let level = Int(parts[1]) else { return nil }
      return (parts[0].trimmingCharacters(in: CharacterSet(charactersIn: "\"")), level)
    }
  }

  /// The folder of a module: `Sources/<floor>/<module>`.
  static func folder(of module: String) throws -> String {
    for floor in try FileManager.default.contentsOfDirectory(atPath: "\(Place.root)/Sources") {
      let folder = "\(Place.root)/Sources/\(floor)/\(module)"
      if floor != "CLibraries", FileManager.default.fileExists(atPath: folder) { return folder }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  private static func modules() throws -> String {
    let levels = try levels()
    var text = "```mermaid\nflowchart BT\n"
    for level in 0...(levels.map(\.level).max() ?? 0) {
      let names = levels.filter { $0.level == level }.map(\.module)
      text += "  subgraph L\(level)[\"level \(level)\"]\n    \(names.joined(separator: " & "))\n  end\n"
    }
    for level in 1...(levels.map(\.level).max() ?? 1) { text += "  L\(level) --> L\(level - 1)\n" }
    return text + "```\n"
  }

  private static func diagram(_ mart: MartDefinition) -> String {
    let tables = mart.projections().flatMap { type(of: $0).tables }
    return erDiagram(
      tables.map { table in (table.name, table.columns.map { ($0.name, $0.declaration) }) })
  }

  private static func platform() throws -> String {
    let database = try Database(":memory:", .readWriteCreate)
    try database.execute(PlatformSchema.sql)
    let names = try database.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ) {
      $0.text(0)
    }
    let tables = try names.map { name in
      (
        name,
        try database.rows(
          "SELECT name, type || CASE WHEN pk > 0 THEN ' PRIMARY KEY' ELSE '' END FROM pragma_table_info(?1)",
          [.text(name)]
        ) {
          ($0.text(0), $0.text(1))
        }
      )
    }
    return erDiagram(tables)
  }

  /// Columns that refer to another table, by name: what the arrows of a diagram are drawn from.
  private static let references = [
    "order_id": "orders", "product_id": "products", "customer_id": "customers", "company": "companies",
    "company_cuit": "companies", "supplier": "companies", "supplier_cuit": "companies", "store_id": "stores",
    "visitor": "visitors", "user": "users", "device": "devices", "lead_id": "leads", "country": "countries",
  ]

  private static func erDiagram(_ tables: [(name: String, columns: [(name: String, declaration: String)])]) -> String {
    var text = "```mermaid\nerDiagram\n"
    for table in tables {
      text += "  \(table.name) {\n"
      for column in table.columns {
        let type = column.declaration.split(separator: " ").first.map { $0.lowercased() } ?? "any"
        text += "    \(type) \(column.name)\(column.declaration.contains("PRIMARY KEY") ? " PK" : "")\n"
      }
      text += "  }\n"
    }
    for table in tables {
      for column in table.columns {
        guard let target = references[column.name], target != table.name, tables.contains(where: { $0.name == target })
        else {
          continue
        }
        text += "  \(target) ||--o{ \(table.name) : \(column.name)\n"
      }
    }
    return text + "```\n"
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
