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

  private static let products = TableDefinition(
    "products", "Products in their newest state.",
    columns: [.init("product_id", "INTEGER PRIMARY KEY", "Number of the product.")] + TableDefinition.Column.version + [
      .init("name", "TEXT NOT NULL", "Name."), .init("category", "TEXT NOT NULL", "Category."),
      .init("supplier", "TEXT", "Supplying company, as in companies; NULL: none."),
      .init("price_unscaled", "INTEGER NOT NULL", "Base price × 10^price_scale, in the platform's base currency."),
      .init("price_scale", "INTEGER NOT NULL", "Decimals of the base price, 0 to 9."),
    ],
    references: [.init("supplier", to: "companies")],
    canonicalDump: "SELECT * FROM products ORDER BY product_id")

  private static let companies = TableDefinition(
    "companies", "Companies of the platform: suppliers and clients.",
    columns: [
      .init(
        "company", "TEXT NOT NULL",
        "CUIT digits, or ~ and the token (32 hexadecimal digits) of a natural person's CUIT.")
    ] + TableDefinition.Column.version + [
      .init("name", "TEXT", "Name; NULL for a natural person."),
      .init("name_token", "BLOB", "Token of a natural person's name; NULL for a company."),
      .init("kind", "TEXT NOT NULL", "\"supplier\" or \"client\"."),
      .init("country", "TEXT NOT NULL", "ISO 3166-1 alpha-2."),
      .init("login", "BLOB", "Token of the user name of the company's own account; joins users of the traffic mart."),
    ],
    constraints: ["PRIMARY KEY (company)"], withoutRowID: true,
    references: [.init("country", to: "countries")],
    canonicalDump: "SELECT * FROM companies ORDER BY company")

  private static let supplierPrices = TableDefinition(
    "supplier_prices", "What companies ask for products, from which day on.",
    columns: [
      .init("company", "TEXT NOT NULL", "As in companies."), .init("product_id", "INTEGER NOT NULL", "Product."),
      .init("valid_from", "INTEGER NOT NULL", "First day, days since 1970-01-01."),
    ] + TableDefinition.Column.version + [
      .init("price_minor", "INTEGER NOT NULL", "Price in the currency's minor units."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
    ],
    constraints: ["PRIMARY KEY (company, product_id, valid_from)"], withoutRowID: true,
    references: [.init("company", to: "companies"), .init("product_id", to: "products")],
    canonicalDump: "SELECT * FROM supplier_prices ORDER BY company, product_id, valid_from", month: .day("d.valid_from")
  )

  private static let customers = TableDefinition(
    "customers", "End customers. The person behind a row is the token of the document number.",
    columns: [.init("customer_id", "INTEGER PRIMARY KEY", "Number of the customer.")] + TableDefinition.Column.version
      + [
        .init("company", "TEXT", "Company the person acts for; NULL: a shop customer."),
        .init("document", "BLOB", "Token of the document number: the person's identity."),
        .init("user", "BLOB", "Token of the user name; joins users of the traffic mart."),
        .init("email", "BLOB", "Token of the e-mail address; joins leads."),
        .init("full_name", "BLOB", "Token of the full name."),
        .init("card", "BLOB", "Token of the whole card number; NULL: none, or one that failed its check."),
        .init("birth_year", "INTEGER", "Year of birth; NULL: unknown."),
        .init("country", "TEXT NOT NULL", "ISO 3166-1 alpha-2."),
      ],
    references: [.init("company", to: "companies"), .init("country", to: "countries")],
    canonicalDump: "SELECT * FROM customers ORDER BY customer_id")

  private static let stores = TableDefinition(
    "stores", "Stores.",
    columns: [.init("store_id", "INTEGER PRIMARY KEY", "Number of the store.")] + TableDefinition.Column.version + [
      .init("city", "TEXT NOT NULL", "City."), .init("state", "TEXT NOT NULL", "State."),
    ],
    canonicalDump: "SELECT * FROM stores ORDER BY store_id")

  private static let countries = TableDefinition(
    "countries", "Countries by name.",
    columns: [.init("country", "TEXT NOT NULL", "ISO 3166-1 alpha-2.")] + TableDefinition.Column.version + [
      .init("name", "TEXT NOT NULL", "Name.")
    ],
    constraints: ["PRIMARY KEY (country)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM countries ORDER BY country")

  private static let exchangeRates = TableDefinition(
    "exchange_rates", "Exchange rates per day.",
    columns: [
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
      .init("day", "INTEGER NOT NULL", "Days since 1970-01-01."),
    ] + TableDefinition.Column.version + [
      .init("rate_unscaled", "INTEGER NOT NULL", "Base currency units for one unit of the currency, × 10^rate_scale."),
      .init("rate_scale", "INTEGER NOT NULL", "Decimals of the rate, 0 to 9."),
    ],
    constraints: ["PRIMARY KEY (currency, day)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM exchange_rates ORDER BY currency, day", month: .day("d.day"))

  package static var views: [ViewDefinition] {
    [productList, supplierPriceList, customerList, exchangeRateList]
  }

  private static let productList = ViewDefinition(
    "product_list", "Products with their suppliers' names and decimal prices.",
    select: """
      SELECT p.product_id, p.name, p.category, p.supplier, coalesce(c.name, CASE WHEN p.supplier LIKE '~%'
          THEN 'natural person' ELSE 'unknown' END) AS supplier_name,
        \(SQLText.decimal(unscaled: "p.price_unscaled", scale: "p.price_scale")) AS base_price
      FROM products p LEFT JOIN companies c ON c.company = p.supplier
      """,
    columns: [
      ("product_id", "Number of the product."), ("name", "Name."), ("category", "Category."),
      ("supplier", "Supplying company."), ("supplier_name", "Its name, or \"unknown\"."),
      ("base_price", "Decimal price in the platform's base currency."),
    ])

  private static let supplierPriceList = ViewDefinition(
    "supplier_price_list", "Suppliers' prices with the days they are valid for.",
    select: """
      SELECT s.company, coalesce(c.name, CASE WHEN s.company LIKE '~%' THEN 'natural person' ELSE 'unknown' END)
          AS company_name, s.product_id, coalesce(p.name, 'unknown') AS product_name,
        \(SQLText.isoDate("s.valid_from")) AS valid_from,
        \(SQLText.isoDate("(lead(s.valid_from) OVER (PARTITION BY s.company, s.product_id ORDER BY s.valid_from) - 1)")) AS valid_to,
        \(SQLText.decimal("s.price_minor", currency: "s.currency")) AS price, s.currency
      FROM supplier_prices s LEFT JOIN companies c ON c.company = s.company
        LEFT JOIN products p ON p.product_id = s.product_id
      """,
    columns: [
      ("company", "Asking company."), ("company_name", "Its name, or \"unknown\"."), ("product_id", "Product."),
      ("product_name", "Its name, or \"unknown\"."), ("valid_from", "First day, ISO date."),
      ("valid_to", "Last day, ISO date; NULL: still valid."), ("price", "Decimal price in `currency`."),
      ("currency", "ISO 4217 code."),
    ])

  private static let customerList = ViewDefinition(
    "customer_list", "Customers, their tokens in hexadecimal.",
    select: """
      SELECT k.customer_id, k.company, k.country, n.name AS country_name, k.birth_year, lower(hex(k.document)) AS document,
        lower(hex(k.user)) AS user, lower(hex(k.email)) AS email
      FROM customers k LEFT JOIN countries n ON n.country = k.country
      """,
    columns: [
      ("customer_id", "Number of the customer."), ("company", "Company the person acts for; NULL: a shop customer."),
      ("country", "ISO country."), ("country_name", "Its name."), ("birth_year", "Year of birth."),
      ("document", "Token of the document number."), ("user", "Token of the user name."),
      ("email", "Token of the e-mail address."),
    ])

  private static let exchangeRateList = ViewDefinition(
    "exchange_rate_list", "Exchange rates with ISO dates, as decimals.",
    select: """
      SELECT \(SQLText.isoDate("day")) AS date, currency,
        \(SQLText.decimal(unscaled: "rate_unscaled", scale: "rate_scale")) AS rate FROM exchange_rates
      """,
    columns: [
      ("date", "ISO date."), ("currency", "ISO 4217 code."), ("rate", "Base currency units for one unit of it."),
    ])
}
