package import Entity
internal import Events
internal import Marts
internal import Money
package import Projections
internal import SQLite

/// Products, companies, suppliers' prices, customers, stores, countries and exchange rates in their newest states.
///
/// One row per system and key, no aggregates: reports join these small tables when they are read, so a row that arrives
/// after the orders that need it changes nothing here.
package final class CatalogProjection: ShopProjection, RowsProjection {
  package static let name = "catalog"
  package static let version = 3
  package static let topics = [Topic.catalog]
  package static let personalFields: PersonalFields = [
    .taxNumber, .companyName, .user, .document, .email, .fullName, .card,
  ]

  package var rows = VersionedRows(prefix: "catalog", tables: CatalogProjection.written)

  package init() {}

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    let event = input.event
    switch event.payload {
    case .product(let change): try fold(event, change, into: 0, CatalogProjection.values)
    case .company(let change): try fold(event, change, into: 1, CatalogProjection.values)
    case .supplierPrice(let change): try fold(event, change, into: 2, CatalogProjection.values)
    case .customer(let change): try fold(event, change, into: 3, CatalogProjection.values)
    case .store(let change): try fold(event, change, into: 4, CatalogProjection.values)
    case .country(let change): try fold(event, change, into: 5, CatalogProjection.values)
    case .exchangeRate(let change): try fold(event, change, into: 6, CatalogProjection.values)
    default: return
    }
  }
}

// MARK: Rows as columns

extension CatalogProjection {
  /// In the order of the indices that `fold` uses.
  private static let written = [
    VersionedTable(
      entity: "product", table: "products", number: "product_id",
      values: ["name", "category", "supplier", "price_unscaled", "price_scale"]),
    VersionedTable(
      entity: "company", table: "companies", number: "company_number",
      values: ["company", "name", "name_token", "kind", "country", "login"]),
    VersionedTable(
      entity: "supplier price", table: "supplier_prices", number: "price_number",
      values: ["company", "product_id", "valid_from", "price_minor", "currency"]),
    VersionedTable(
      entity: "customer", table: "customers", number: "customer_id",
      values: ["company", "document", "user", "email", "full_name", "card", "birth_year", "country"]),
    VersionedTable(entity: "store", table: "stores", number: "store_id", values: ["city", "state"]),
    VersionedTable(entity: "country", table: "countries", number: "country_number", values: ["country", "name"]),
    VersionedTable(
      entity: "exchange rate", table: "exchange_rates", number: "rate_number",
      values: ["currency", "day", "rate_unscaled", "rate_scale"]),
  ]

  private static func values(_ row: Product<PersonToken>) -> [RowValue] {
    [
      .text(row.name), .text(row.category), .text(row.supplier?.martText), .integer(row.basePrice.unscaled),
      .integer(Int64(row.basePrice.scale)),
    ]
  }

  private static func values(_ row: Company<PersonToken>) -> [RowValue] {
    [
      .text(row.taxNumber.martText), .text(row.name.openText), .token(row.name.token), .text(row.kind),
      .text(row.country),
      .token(row.login),
    ]
  }

  private static func values(_ row: SupplierPrice<PersonToken>) -> [RowValue] {
    [
      .text(row.company.martText), .row(row.productID), .integer(Int64(row.validFrom.daysSinceEpoch)),
      .integer(row.priceMinor), .text(row.currency),
    ]
  }

  private static func values(_ row: Customer<PersonToken>) -> [RowValue] {
    [
      .text(row.company?.martText), .token(row.document), .token(row.username), .token(row.email),
      .token(row.fullName), .token(row.card), .integer(row.birthYear.map(Int64.init)), .text(row.country),
    ]
  }

  private static func values(_ row: Store) -> [RowValue] { [.text(row.city), .text(row.state)] }

  private static func values(_ row: Country) -> [RowValue] { [.text(row.code), .text(row.name)] }

  private static func values(_ row: ExchangeRate) -> [RowValue] {
    [
      .text(row.currency), .integer(Int64(row.date.daysSinceEpoch)), .integer(row.rate.unscaled),
      .integer(Int64(row.rate.scale)),
    ]
  }
}
