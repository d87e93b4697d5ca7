internal import SQLite

/// Names of products; one that has not arrived is called "unknown".
struct Products {
  static let unknown = "unknown"
  private var known: [Int64: (name: String, category: String)] = [:]

  init(_ sales: Database) throws {
    try sales.query("SELECT product_id, name, category FROM products") { known[$0.int64(0)] = ($0.text(1), $0.text(2)) }
  }

  func name(_ product: Int64) -> String { known[product]?.name ?? Products.unknown }
  func category(_ product: Int64) -> String { known[product]?.category ?? Products.unknown }
}
