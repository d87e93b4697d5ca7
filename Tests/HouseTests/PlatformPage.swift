import SQLite
import Simulator

/// `docs/reference/platform.md`: the tables of a platform database, as the simulator makes them and capture expects them.
enum PlatformPage {
  /// Columns that refer to another table, by name: the schema of a real shop does not declare them.
  static let references = [
    "order_id": "orders", "parent_order_id": "orders", "product_id": "products", "customer_id": "customers",
    "company_cuit": "companies", "supplier_cuit": "companies", "store_id": "stores", "country": "countries",
    "ship_to_country": "countries", "destination_country": "countries",
  ]

  static func text() throws -> String {
    """
    # The platform database

    \(GeneratedDocs.note("the simulator's schema"))
    A source of the kind that Millrace captures by triggers: an SQLite database with these tables. Keys between them are not
    declared: real shops have rows that refer to nothing, and marts flag them.

    \(try diagram().text)
    """
  }

  static func diagram() throws -> TableDiagram {
    let database = try Database(":memory:", .readWriteCreate)
    try database.execute(PlatformSchema.sql)
    let names = try database.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ) { $0.text(0) }
    let tables = try names.map { name in
      let columns = try database.rows(
        "SELECT name, lower(type), pk > 0 FROM pragma_table_info(?1)", [.text(name)]
      ) { (name: $0.text(0), type: $0.text(1), isKey: $0.int64(2) != 0) }
      return TableDiagram.Table(
        name: name, columns: columns.map { ($0.name, $0.type) }, key: columns.filter(\.isKey).map(\.name),
        references: columns.compactMap { column in references[column.name].map { ([column.name], $0) } })
    }
    return TableDiagram(tables: tables)
  }
}
