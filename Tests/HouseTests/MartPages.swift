import Marts
import Pipeline
import Projections
import ShopMarts

/// `docs/reference/marts.md`: diagram, views, tables and invariants of each mart, from its schema.
enum MartPages {
  static func text() -> String {
    var text = """
      # The marts

      \(GeneratedDocs.note("the marts' schemas"))
      `millrace describe MART` prints the same for a mart. Query views rather than tables: tables change with their projection's
      version. `millrace snapshot MART FILE` makes a copy to query. Times are UTC; money is whole minor units of its currency.

      """
    for mart in Shop.marts { text += page(of: mart) }
    text += "\n## Bookkeeping of every mart\n"
    for table in MartSchema.bookkeeping { text += describe(table) }
    return text
  }

  static func diagram(of schema: MartSchema) -> TableDiagram {
    TableDiagram(
      tables: schema.tables.map { table in
        TableDiagram.Table(
          name: table.name,
          columns: table.columns.map { ($0.name, $0.declaration.split(separator: " ").first?.lowercased() ?? "any") },
          key: key(of: table), references: table.references.map { ($0.columns, $0.table) })
      })
  }

  private static func page(of mart: MartDefinition) -> String {
    let schema = mart.schema
    var text = "\n## \(mart.name)\n\n\(schema.meaning)\n\n\(diagram(of: schema).text)"
    if !schema.views.isEmpty { text += "\n### Views of \(mart.name)\n" }
    for view in schema.views {
      text += "\n**\(view.name)**: \(sentence(view.meaning))\n\n| column | meaning |\n|---|---|\n"
      for column in view.columns { text += "| `\(column.name)` | \(cell(column.meaning)) |\n" }
    }
    text += "\n### Tables of \(mart.name)\n"
    for table in schema.tables { text += describe(table) }
    if !schema.invariants.isEmpty {
      text += "\n### What always holds in \(mart.name)\n\n"
      for invariant in schema.invariants { text += "- `\(invariant.name)`: \(sentence(invariant.meaning))\n" }
    }
    return text
  }

  private static func describe(_ table: TableDefinition) -> String {
    var text = "\n**\(table.name)**: \(sentence(table.meaning))\n\n| column | type | meaning |\n|---|---|---|\n"
    for column in table.columns {
      text += "| `\(column.name)` | \(cell(column.declaration)) | \(cell(column.meaning)) |\n"
    }
    for constraint in table.constraints { text += "| | | \(cell(constraint)) |\n" }
    return text
  }

  private static func key(of table: TableDefinition) -> [String] {
    let inline = table.columns.filter { $0.declaration.contains("PRIMARY KEY") }.map(\.name)
    if !inline.isEmpty { return inline }
    guard let constraint = table.constraints.first(where: { $0.hasPrefix("PRIMARY KEY") }) else { return [] }
    return constraint.split(whereSeparator: { "(), ".contains($0) }).dropFirst(2).map(String.init)
  }

  private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }
  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }
}
