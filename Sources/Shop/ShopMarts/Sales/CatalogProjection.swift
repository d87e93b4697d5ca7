package import Entity
internal import Events
package import Marts
internal import Money
package import Projections
internal import SQLite

/// Products, companies, suppliers' prices, customers, stores, countries and exchange rates in their newest states.
///
/// One row per key, no aggregates: reports join these small tables when they are read, so a row that arrives after the
/// orders that need it changes nothing here.
package final class CatalogProjection: ShopProjection {
  package static let name = "catalog"
  package static let version = 2
  package static let topics = [Topic.catalog]
  package static let personalFields: PersonalFields = [.taxNumber, .companyName, .user, .document, .email, .fullName, .card]

  private var rows = VersionedRows(prefix: "catalog", tables: CatalogProjection.written)

  package init() {}

  package var pendingCount: Int { rows.count }
  package func discard() { rows.discard() }
  package func flush(into transaction: MartTransaction) throws { try rows.flush(into: transaction) }

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    let event = input.event
    switch event.payload {
    case .product(let change): try fold(event, change, 0, CatalogProjection.key, CatalogProjection.values)
    case .company(let change): try fold(event, change, 1, CatalogProjection.key, CatalogProjection.values)
    case .supplierPrice(let change): try fold(event, change, 2, CatalogProjection.key, CatalogProjection.values)
    case .customer(let change): try fold(event, change, 3, CatalogProjection.key, CatalogProjection.values)
    case .store(let change): try fold(event, change, 4, CatalogProjection.key, CatalogProjection.values)
    case .country(let change): try fold(event, change, 5, CatalogProjection.key, CatalogProjection.values)
    case .exchangeRate(let change): try fold(event, change, 6, CatalogProjection.key, CatalogProjection.values)
    default: return
    }
  }

  private func fold<Row>(
    _ event: Event<PersonToken>, _ change: Change<Row>, _ table: Int, _ key: (Row, Int64) -> (id: String, values: [Value]),
    _ values: (Row) -> [Value]
  ) throws(QuarantineReason) {
    let change = try event.rowChange(change)
    let (id, keyValues) = key(change.row, event.key?.integer ?? 0)
    rows.fold(
      VersionedRows.Key(table: table, id: id),
      VersionedRows.State(
        version: event.version, key: keyValues, values: change.isDelete ? nil : values(change.row),
        flags: change.isDelete ? [] : event.flags))
  }
}

// MARK: Rows as columns

extension CatalogProjection {
  /// In the order of the indices that `fold` uses.
  private static let written = [
    VersionedTable(
      entity: "product", table: "products", key: ["product_id"],
      values: ["name", "category", "supplier", "price_unscaled", "price_scale"]),
    VersionedTable(
      entity: "company", table: "companies", key: ["company"],
      values: ["name", "name_token", "kind", "country", "login"]),
    VersionedTable(
      entity: "supplier price", table: "supplier_prices", key: ["company", "product_id", "valid_from"],
      values: ["price_minor", "currency"]),
    VersionedTable(
      entity: "customer", table: "customers", key: ["customer_id"],
      values: ["company", "document", "user", "email", "full_name", "card", "birth_year", "country"]),
    VersionedTable(entity: "store", table: "stores", key: ["store_id"], values: ["city", "state"]),
    VersionedTable(entity: "country", table: "countries", key: ["country"], values: ["name"]),
    VersionedTable(
      entity: "exchange rate", table: "exchange_rates", key: ["currency", "day"],
      values: ["rate_unscaled", "rate_scale"]),
  ]

  private static func key(_ row: Product<PersonToken>, _ id: Int64) -> (String, [Value]) { number(id) }
  private static func values(_ row: Product<PersonToken>) -> [Value] {
    [
      .text(row.name), .text(row.category), .optional(row.supplier?.martText), .integer(row.basePrice.unscaled),
      .integer(Int64(row.basePrice.scale)),
    ]
  }

  private static func key(_ row: Company<PersonToken>, _ id: Int64) -> (String, [Value]) { text(row.taxNumber.martText) }
  private static func values(_ row: Company<PersonToken>) -> [Value] {
    [
      .optional(row.name.openText), token(row.name.token), .text(row.kind), .text(row.country), token(row.login),
    ]
  }

  private static func key(_ row: SupplierPrice<PersonToken>, _ id: Int64) -> (String, [Value]) {
    let company = row.company.martText
    let day = Int64(row.validFrom.daysSinceEpoch)
    return ("\(company)/\(row.productID.integer ?? 0)/\(day)", [.text(company), .integer(row.productID.integer ?? 0), .integer(day)])
  }
  private static func values(_ row: SupplierPrice<PersonToken>) -> [Value] {
    [.integer(row.priceMinor), .text(row.currency)]
  }

  private static func key(_ row: Customer<PersonToken>, _ id: Int64) -> (String, [Value]) { number(id) }
  private static func values(_ row: Customer<PersonToken>) -> [Value] {
    [
      .optional(row.company?.martText), token(row.document), token(row.username), token(row.email), token(row.fullName),
      token(row.card), .optional(row.birthYear.map(Int64.init)), .text(row.country),
    ]
  }

  private static func key(_ row: Store, _ id: Int64) -> (String, [Value]) { number(id) }
  private static func values(_ row: Store) -> [Value] { [.text(row.city), .text(row.state)] }

  private static func key(_ row: Country, _ id: Int64) -> (String, [Value]) { text(row.code) }
  private static func values(_ row: Country) -> [Value] { [.text(row.name)] }

  private static func key(_ row: ExchangeRate, _ id: Int64) -> (String, [Value]) {
    let day = Int64(row.date.daysSinceEpoch)
    return ("\(row.currency)/\(day)", [.text(row.currency), .integer(day)])
  }
  private static func values(_ row: ExchangeRate) -> [Value] {
    [.integer(row.rate.unscaled), .integer(Int64(row.rate.scale))]
  }

  private static func number(_ id: Int64) -> (String, [Value]) { (String(id), [.integer(id)]) }
  private static func text(_ id: String) -> (String, [Value]) { (id, [.text(id)]) }
  private static func token(_ token: Token?) -> Value { token.map { .blob($0.bytes) } ?? .null }
}
