package import Marts
internal import Projections

/// Tables and views of the catalog: products, companies, prices, customers, stores, rates.
extension CatalogProjection {
  package static var tables: [TableDefinition] {
    [products, companies, supplierPrices, customers, stores, countries, exchangeRates]
      + VersionedRows.bookkeeping(
        "catalog", of: "a row of the catalog",
        entities: ["product", "company", "supplier price", "customer", "store", "country", "exchange rate"])
  }

  private static let products = TableDefinition.ofRows(
    "products", "Products in their newest state.", number: ("product_id", "the product"),
    columns: [
      .init("name", "TEXT NOT NULL", "Name."), .init("category", "TEXT NOT NULL", "Category."),
      .init("supplier", "TEXT", "Supplying company, as in companies; NULL: none."),
      .init("price_unscaled", "INTEGER NOT NULL", "Base price × 10^price_scale, in the platform's base currency."),
      .init("price_scale", "INTEGER NOT NULL", "Decimals of the base price, 0 to 9."),
    ],
    references: [.init("supplier", to: "companies")])

  private static let companies = TableDefinition.ofRows(
    "companies", "Companies: suppliers and clients. Several systems may have one of the same tax number.",
    number: ("company_number", "the company's row"),
    columns: [
      .init(
        "company", "TEXT NOT NULL",
        "CUIT digits, or ~ and the token (32 hexadecimal digits) of a natural person's CUIT. The same in all systems."),
      .init("name", "TEXT", "Name; NULL for a natural person."),
      .init("name_token", "BLOB", "Token of a natural person's name; NULL for a company."),
      .init("kind", "TEXT NOT NULL", "\"supplier\" or \"client\"."),
      .init("country", "TEXT NOT NULL", "ISO 3166-1 alpha-2."),
      .init("login", "BLOB", "Token of the user name of the company's own account; joins users of the traffic mart."),
    ],
    indexes: ["CREATE INDEX companies_by_company ON companies (company)"],
    references: [.init("country", to: "countries")])

  private static let supplierPrices = TableDefinition.ofRows(
    "supplier_prices", "What companies ask for products, from which day on.", number: ("price_number", "the price"),
    columns: [
      .init("company", "TEXT NOT NULL", "As in companies."), .init("product_id", "INTEGER NOT NULL", "Product."),
      .init("valid_from", "INTEGER NOT NULL", "First day, days since 1970-01-01."),
      .init("price_minor", "INTEGER NOT NULL", "Price in the currency's minor units."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
    ],
    referring: ["product_id"], references: [.init("company", to: "companies"), .init("product_id", to: "products")],
    month: .day("d.valid_from"))

  private static let customers = TableDefinition.ofRows(
    "customers", "End customers. The person behind a row is the token of the document number.",
    number: ("customer_id", "the customer"),
    columns: [
      .init("company", "TEXT", "Company the person acts for; NULL: a shop customer."),
      .init("document", "BLOB", "Token of the document number: the person's identity."),
      .init("user", "BLOB", "Token of the user name; joins users of the traffic mart."),
      .init("email", "BLOB", "Token of the e-mail address; joins leads."),
      .init("full_name", "BLOB", "Token of the full name."),
      .init("card", "BLOB", "Token of the whole card number; NULL: none, or one that failed its check."),
      .init("birth_year", "INTEGER", "Year of birth; NULL: unknown."),
      .init("country", "TEXT NOT NULL", "ISO 3166-1 alpha-2."),
    ],
    references: [.init("company", to: "companies"), .init("country", to: "countries")])

  private static let stores = TableDefinition.ofRows(
    "stores", "Stores.", number: ("store_id", "the store"),
    columns: [.init("city", "TEXT NOT NULL", "City."), .init("state", "TEXT NOT NULL", "State.")])

  private static let countries = TableDefinition.ofRows(
    "countries", "Countries by name. Several systems may have the same country.",
    number: ("country_number", "the country's row"),
    columns: [.init("country", "TEXT NOT NULL", "ISO 3166-1 alpha-2."), .init("name", "TEXT NOT NULL", "Name.")],
    indexes: ["CREATE INDEX countries_by_country ON countries (country)"])

  private static let exchangeRates = TableDefinition.ofRows(
    "exchange_rates",
    "Exchange rates per day. Of several systems' rates of one day the first by system and key counts.",
    number: ("rate_number", "the rate"),
    columns: [
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
      .init("day", "INTEGER NOT NULL", "Days since 1970-01-01."),
      .init("rate_unscaled", "INTEGER NOT NULL", "Base currency units for one unit of the currency, × 10^rate_scale."),
      .init("rate_scale", "INTEGER NOT NULL", "Decimals of the rate, 0 to 9."),
    ],
    indexes: ["CREATE INDEX exchange_rates_by_day ON exchange_rates (currency, day)"], month: .day("d.day"))

  package static var views: [ViewDefinition] {
    [productList, supplierPriceList, customerList, exchangeRateList]
  }

  private static func companyName(_ company: String) -> String {
    "coalesce(c.name, CASE WHEN \(company) LIKE '~%' THEN 'natural person' ELSE 'unknown' END)"
  }

  private static let productList = ViewDefinition(
    "product_list", "Products with their suppliers' names and decimal prices.",
    select: """
      SELECT \(SQLText.system("p.product_id")) AS system, \(SQLText.key("p.product_id")) AS product_id, p.name, p.category,
        p.supplier, \(companyName("p.supplier")) AS supplier_name,
        \(SQLText.decimal(unscaled: "p.price_unscaled", scale: "p.price_scale")) AS base_price
      FROM products p LEFT JOIN companies c ON c.company_number = \(SalesMart.company("p.supplier", of: "p.product_id"))
      """,
    columns: [
      ("system", "System that the product belongs to."), ("product_id", "Key of the product."), ("name", "Name."),
      ("category", "Category."), ("supplier", "Supplying company."), ("supplier_name", "Its name, or \"unknown\"."),
      ("base_price", "Decimal price in the platform's base currency."),
    ])

  private static let supplierPriceList = ViewDefinition(
    "supplier_price_list", "Suppliers' prices with the days they are valid for.",
    select: """
      SELECT \(SQLText.system("s.price_number")) AS system, s.company, \(companyName("s.company")) AS company_name,
        \(SQLText.key("s.product_id")) AS product_id, coalesce(p.name, 'unknown') AS product_name,
        \(SQLText.isoDate("s.valid_from")) AS valid_from,
        \(SQLText.isoDate("(lead(s.valid_from) OVER (PARTITION BY s.company, s.product_id ORDER BY s.valid_from) - 1)")) AS valid_to,
        \(SQLText.decimal("s.price_minor", currency: "s.currency")) AS price, s.currency
      FROM supplier_prices s
        LEFT JOIN companies c ON c.company_number = \(SalesMart.company("s.company", of: "s.price_number"))
        LEFT JOIN products p ON p.product_id = s.product_id
      """,
    columns: [
      ("system", "System that the price belongs to."), ("company", "Asking company."),
      ("company_name", "Its name, or \"unknown\"."), ("product_id", "Key of the product."),
      ("product_name", "Its name, or \"unknown\"."), ("valid_from", "First day, ISO date."),
      ("valid_to", "Last day, ISO date; NULL: still valid."), ("price", "Decimal price in `currency`."),
      ("currency", "ISO 4217 code."),
    ])

  private static let customerList = ViewDefinition(
    "customer_list", "Customers, their tokens in hexadecimal.",
    select: """
      SELECT \(SQLText.system("k.customer_id")) AS system, \(SQLText.key("k.customer_id")) AS customer_id, k.company,
        k.country, n.name AS country_name, k.birth_year, lower(hex(k.document)) AS document,
        lower(hex(k.user)) AS user, lower(hex(k.email)) AS email
      FROM customers k LEFT JOIN countries n ON n.country_number = \(SQLText.one(
        "w.country_number", from: "countries w", where: "w.country = k.country", beside: "k.customer_id"))
      """,
    columns: [
      ("system", "System that the customer belongs to."), ("customer_id", "Key of the customer."),
      ("company", "Company the person acts for; NULL: a shop customer."),
      ("country", "ISO country."), ("country_name", "Its name."), ("birth_year", "Year of birth."),
      ("document", "Token of the document number."), ("user", "Token of the user name."),
      ("email", "Token of the e-mail address."),
    ])

  private static let exchangeRateList = ViewDefinition(
    "exchange_rate_list", "Exchange rates that count, with ISO dates, as decimals.",
    select: """
      SELECT \(SQLText.isoDate("r.day")) AS date, r.currency,
        \(SQLText.decimal(unscaled: "r.rate_unscaled", scale: "r.rate_scale")) AS rate
      FROM exchange_rates r WHERE r.rate_number = \(SQLText.one(
        "w.rate_number", from: "exchange_rates w", where: "w.currency = r.currency AND w.day = r.day"))
      """,
    columns: [
      ("date", "ISO date."), ("currency", "ISO 4217 code."), ("rate", "Base currency units for one unit of it."),
    ])
}
