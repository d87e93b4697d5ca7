import Marts
import Projections
import ShopMarts
import Testing

@Suite("Schemas of the marts")
struct SchemaTests {
  /// Goal: the arrows of the documents are true. Method: every reference names columns of its own table, as many as the key of
  /// the table it leads to, which belongs to the same mart.
  @Test("every reference leads from columns that exist to a table of the mart", arguments: Shop.registry.names)
  func references(name: String) throws {
    let mart = try #require(Shop.registry.mart(named: name))
    let tables = mart.projections().flatMap { type(of: $0).tables }
    for table in tables {
      for reference in table.references {
        #expect(
          Set(table.columns.map(\.name)).isSuperset(of: reference.columns), "\(table.name) → \(reference.table)")
        let target = try #require(tables.first { $0.name == reference.table }, "\(table.name) → \(reference.table)")
        #expect(key(of: target) == reference.columns.count, "\(table.name) → \(reference.table)")
      }
    }
    // A column named like a table's key refers to it, and says so.
    for table in tables where table.name != "sessions" {
      for target in tables where target.name != table.name {
        guard let key = target.columns.first(where: { $0.declaration.contains("PRIMARY KEY") }) else { continue }
        guard table.columns.contains(where: { $0.name == key.name }) else { continue }
        #expect(table.references.contains { $0.table == target.name }, "\(table.name).\(key.name)")
      }
    }
  }

  /// Columns of the primary key.
  private func key(of table: TableDefinition) -> Int {
    if table.columns.contains(where: { $0.declaration.contains("PRIMARY KEY") }) { return 1 }
    let key = table.constraints.first { $0.hasPrefix("PRIMARY KEY") } ?? ""
    return key.split(separator: ",").count
  }
}
