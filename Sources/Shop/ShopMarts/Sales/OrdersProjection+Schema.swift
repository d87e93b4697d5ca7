internal import Entity
internal import Events
package import Marts
internal import Projections

/// Tables and views of orders, their lines and the ledger.
extension OrdersProjection {
  package static var tables: [TableDefinition] {
    [orders, orderLines, orderClosings, ledgerDays, orderFlags, orderTombstones] + RowNumbers.tables
  }

  private static let orders = TableDefinition.ofRows(
    "orders", "Orders in their newest state, with the sums of their known lines. Deleted orders have no row.",
    number: ("order_id", "the order"),
    columns: [
      .init("channel", "INTEGER NOT NULL", "1 b2b, 2 ecommerce, 3 store; other numbers are unknown channels."),
      .init("order_type", "INTEGER NOT NULL", "1 sale, 2 purchase."),
      .init("status", "INTEGER NOT NULL", "1 placed, 2 completed, 3 cancelled, 4 returned."),
      .init("cancel_reason", "INTEGER", "1 out of stock, 2 customer, 3 payment; NULL: none given."),
      .init("order_day", "INTEGER NOT NULL", "Order date, days since 1970-01-01."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
      .init("company", "TEXT", "Buying company: CUIT digits, or ~ and the token of a natural person's; NULL: none."),
      .init("customer_id", "INTEGER", "Number of the customer who receives the goods; NULL: none."),
      .init("store_id", "INTEGER", "Number of the store; NULL: none."),
      .init("parent_order_id", "INTEGER", "Number of the purchase a drop-shipped sale belongs to; NULL: none."),
      .init("ship_country", "TEXT", "ISO 3166-1 alpha-2; NULL: none."),
      .init("created_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
      .init("updated_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
      .init(
        "closed_at", "INTEGER",
        "When the order became cancelled or returned, milliseconds since 1970-01-01T00:00:00Z; booked by it. NULL: open."
      ),
      .init(
        "closing_seen", "INTEGER",
        "1: that change was seen; 0: only the order as it stood after it, whose own time counts. NULL: open."),
      .init("lines", "INTEGER NOT NULL", "Known lines, whatever partition they came by."),
      .init("units", "INTEGER NOT NULL", "Sum of the lines' quantities."),
      .init("amount_minor", "INTEGER NOT NULL", "Sum of the lines' amounts, in the currency's minor units."),
      .init(
        "content_hash", "INTEGER",
        "Equal for orders of a system with the same buyer, place, day, currency and lines; NULL: an order without lines."
      ),
    ],
    referring: ["customer_id", "store_id", "parent_order_id"],
    indexes: ["CREATE INDEX orders_closed ON orders (closed_at) WHERE status IN \(SalesMart.closedStates)"],
    references: [
      .init("customer_id", to: "customers"), .init("store_id", to: "stores"), .init("company", to: "companies"),
      .init("parent_order_id", to: "orders"), .init("ship_country", to: "countries"),
    ],
    month: .day("d.order_day"))

  private static let orderLines = TableDefinition.ofRows(
    "order_lines", "Order lines in their newest state. Deleted lines have no row.", number: ("line_id", "the line"),
    columns: [
      .init("order_id", "INTEGER NOT NULL", "Number of the order, which may not have arrived yet."),
      .init("product_id", "INTEGER NOT NULL", "Number of the product, which may not have arrived yet."),
      .init("quantity", "INTEGER NOT NULL", "Pieces."),
      .init("price_unscaled", "INTEGER NOT NULL", "What a piece costs × 10^price_scale, in the order's currency."),
      .init("price_scale", "INTEGER NOT NULL", "Decimals of that price, 0 to 9."),
      .init(
        "amount_minor", "INTEGER",
        "Quantity × what a piece costs, rounded half to even to the order currency's minor units; NULL while the order is unknown."
      ),
    ],
    referring: ["order_id", "product_id"],
    // The month of a line is its order's, whose number the dump does not have.
    dumped: [("order_day", "(SELECT o.order_day FROM orders o WHERE o.order_id = t.order_id)")],
    indexes: ["CREATE INDEX order_lines_by_order ON order_lines (order_id)"],
    references: [.init("order_id", to: "orders"), .init("product_id", to: "products")], month: .day("d.order_day"))

  private static var orderClosings: TableDefinition {
    var table = TableDefinition(
      "order_closings",
      "What versions of orders say of when these were cancelled or returned: all closed versions, and of an order that is not open its newest open one.",
      columns: [.init("order_id", "INTEGER NOT NULL", "Number of the order, see row_keys.")]
        + TableDefinition.Column.version + [
          .init("status", "INTEGER NOT NULL", "As in orders."),
          .init("changed_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
          .init(
            "knowledge", "INTEGER NOT NULL",
            "3: the state before was another; 2: the order came so; 1: a change that does not say from what; 0: it stands so."
          ),
        ],
      constraints: ["PRIMARY KEY (order_id, version_major, version_minor)"], withoutRowID: true,
      references: [.init("order_id", to: "orders")], canonicalDump: "", month: .millis("d.changed_at")
    ).dumpingRows(
      [], number: "order_id", ["t.version_major", "t.version_minor", "t.status", "t.changed_at", "t.knowledge"])
    // An order has several.
    table.dumpOrder += ", 4"
    return table
  }

  private static let ledgerDays = TableDefinition(
    "ledger_days",
    "The signed ledger per day. Gross is booked on the order's date; a cancellation or return on the UTC day of its change.",
    columns: [
      .init("entry_day", "INTEGER NOT NULL", "Day of the booking, days since 1970-01-01."),
      .init("kind", "INTEGER NOT NULL", "1 gross, 2 cancelled, 3 returned."),
      .init("order_day", "INTEGER NOT NULL", "Date of the orders, days since 1970-01-01; decides the exchange rate."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
      .init("channel", "INTEGER NOT NULL", "As in orders."),
      .init("order_type", "INTEGER NOT NULL", "As in orders."),
      .init("orders", "INTEGER NOT NULL", "Orders booked."),
      .init("units", "INTEGER NOT NULL", "Pieces booked."),
      .init("amount_minor", "INTEGER NOT NULL", "Amount booked, never negated: net = gross − cancelled − returned."),
    ],
    constraints: ["PRIMARY KEY (entry_day, kind, order_day, currency, channel, order_type)"], withoutRowID: true,
    canonicalDump:
      "SELECT * FROM ledger_days ORDER BY entry_day, kind, order_day, currency, channel, order_type",
    month: .day("d.entry_day"))

  private static let orderFlags = TableDefinition(
    "order_flags", "Findings that came with the newest state of an order or a line.",
    columns: [
      .init("entity", "TEXT NOT NULL", "\"order\" or \"order line\"."),
      .init("number", "INTEGER NOT NULL", "Number of the order or line, see row_keys."),
      .init("code", "TEXT NOT NULL", "Finding, e.g. \"cuit.checkDigit\"."),
    ],
    constraints: ["PRIMARY KEY (entity, number, code)"], withoutRowID: true, canonicalDump: ""
  ).dumpingRows(["t.entity"], number: "number", ["t.code"])

  private static let orderTombstones = TableDefinition(
    "order_tombstones", "Versions of deletes, so that an older state that arrives later changes nothing.",
    columns: [
      .init("entity", "INTEGER NOT NULL", "1 order, 2 order line."),
      .init("number", "INTEGER NOT NULL", "Number of the order or line, see row_keys."),
    ] + TableDefinition.Column.version,
    constraints: ["PRIMARY KEY (entity, number)"], withoutRowID: true, canonicalDump: ""
  ).dumpingRows(["t.entity"], number: "number", ["t.version_major", "t.version_minor"])

  package static var views: [ViewDefinition] {
    [
      salesChannels, orderTypes, orderStatuses, cancelReasons, ledgerKinds, orderDetails, orderLineDetails, ledger,
      parkedLines, parkedRates, flaggedRows,
    ]
  }

  private static let idAndName = [
    (name: "id", meaning: "Number, as in the tables."), (name: "name", meaning: "Its name."),
  ]

  private static let salesChannels = ViewDefinition(
    "sales_channels", "Names of sales channels.", select: SalesMart.names(Channel.self),
    columns: idAndName)
  private static let orderTypes = ViewDefinition(
    "order_types", "Names of order types.", select: SalesMart.names(OrderType.self), columns: idAndName)
  private static let orderStatuses = ViewDefinition(
    "order_statuses", "Names of order states.",
    select: SalesMart.names(OrderStatus.self), columns: idAndName)
  private static let cancelReasons = ViewDefinition(
    "cancel_reasons", "Names of reasons for a cancellation.",
    select: SalesMart.names(CancelReason.self), columns: idAndName)
  private static let ledgerKinds = ViewDefinition(
    "ledger_kinds", "Names of the ledger's columns.",
    select: SQLText.names(LedgerKind.allCases.map { (Int($0.rawValue), $0.name) }), columns: idAndName)

  private static let orderDetails = ViewDefinition(
    "order_details", "Orders with names, ISO dates and decimal money.",
    select: """
      SELECT \(SQLText.system("o.order_id")) AS system, \(SQLText.key("o.order_id")) AS order_id, coalesce(c.name, 'unknown') AS channel, coalesce(t.name, 'unknown') AS order_type,
        coalesce(s.name, 'unknown') AS status, r.name AS cancel_reason, \(SQLText.isoDate("o.order_day")) AS order_date,
        o.company, coalesce(k.name, CASE WHEN o.company LIKE '~%' THEN 'natural person'
          WHEN o.company IS NOT NULL THEN 'unknown' END) AS company_name,
        \(SQLText.key("o.customer_id")) AS customer_id, \(SQLText.key("o.store_id")) AS store_id,
        \(SQLText.key("o.parent_order_id")) AS parent_order_id, o.ship_country, o.lines, o.units,
        \(SQLText.decimal("o.amount_minor", currency: "o.currency")) AS amount, o.currency,
        \(SQLText.isoMoment("o.created_at")) AS created_at, \(SQLText.isoMoment("o.updated_at")) AS updated_at,
        \(SQLText.isoMoment("o.closed_at")) AS closed_at, o.closing_seen
      FROM orders o LEFT JOIN sales_channels c ON c.id = o.channel LEFT JOIN order_types t ON t.id = o.order_type
        LEFT JOIN order_statuses s ON s.id = o.status LEFT JOIN cancel_reasons r ON r.id = o.cancel_reason
        LEFT JOIN companies k ON k.company_number = \(SalesMart.company("o.company", of: "o.order_id"))
      """,
    columns: [
      ("system", "System that the order belongs to."), ("order_id", "Key of the order."),
      ("channel", "\"b2b\", \"ecommerce\", \"store\" or \"unknown\"."),
      ("order_type", "\"sale\" or \"purchase\"."),
      ("status", "\"placed\", \"completed\", \"cancelled\", \"returned\"."),
      ("cancel_reason", "Why it was cancelled; NULL: not given."), ("order_date", "ISO date."),
      ("company", "Buying company; ~ and a token for a natural person; NULL: a shop customer's order."),
      ("company_name", "Its name; \"natural person\", or \"unknown\" while the company has not arrived."),
      ("customer_id", "Key of the customer."), ("store_id", "Key of the store."),
      ("parent_order_id", "Key of the purchase of a drop-shipped sale."),
      ("ship_country", "ISO country."), ("lines", "Known lines."), ("units", "Pieces."),
      ("amount", "Decimal amount in `currency`."), ("currency", "ISO 4217 code."),
      ("created_at", "ISO moment, UTC."), ("updated_at", "ISO moment, UTC."),
      ("closed_at", "ISO moment, UTC, of the cancellation or return; NULL: open."),
      ("closing_seen", "1: that change was seen; 0: only the order as it stood after it; NULL: open."),
    ])

  private static let orderLineDetails = ViewDefinition(
    "order_line_details", "Order lines with product names and decimal money.",
    select: """
      SELECT \(SQLText.system("l.line_id")) AS system, \(SQLText.key("l.line_id")) AS line_id,
        \(SQLText.key("l.order_id")) AS order_id, \(SQLText.isoDate("o.order_day")) AS order_date,
        \(SQLText.key("l.product_id")) AS product_id,
        coalesce(p.name, 'unknown') AS product_name, coalesce(p.category, 'unknown') AS category, l.quantity,
        \(SQLText.decimal(unscaled: "l.price_unscaled", scale: "l.price_scale")) AS unit_price,
        \(SQLText.decimal("l.amount_minor", currency: "o.currency")) AS amount, o.currency
      FROM order_lines l LEFT JOIN orders o ON o.order_id = l.order_id
        LEFT JOIN products p ON p.product_id = l.product_id
      """,
    columns: [
      ("system", "System that the line belongs to."), ("line_id", "Key of the line."),
      ("order_id", "Key of its order."), ("order_date", "ISO date; NULL while the order is unknown."),
      ("product_id", "Key of the product."),
      ("product_name", "Its name, or \"unknown\"."), ("category", "Its category, or \"unknown\"."),
      ("quantity", "Pieces."), ("unit_price", "Decimal, after what was taken off."),
      ("amount", "Decimal amount in `currency`."), ("currency", "The order's currency; NULL while it is unknown."),
    ])

  private static let ledger = ViewDefinition(
    "ledger", "The ledger with names, ISO dates and decimal money.",
    select: """
      SELECT \(SQLText.isoDate("d.entry_day")) AS entry_date, k.name AS kind,
        \(SQLText.isoDate("d.order_day")) AS order_date, coalesce(c.name, 'unknown') AS channel,
        coalesce(t.name, 'unknown') AS order_type, d.orders, d.units,
        \(SQLText.decimal("d.amount_minor", currency: "d.currency")) AS amount, d.currency
      FROM ledger_days d LEFT JOIN ledger_kinds k ON k.id = d.kind LEFT JOIN sales_channels c ON c.id = d.channel
        LEFT JOIN order_types t ON t.id = d.order_type
      """,
    columns: [
      ("entry_date", "Day of the booking, UTC."), ("kind", "\"gross\", \"cancelled\" or \"returned\"."),
      ("order_date", "Date of the orders."), ("channel", "Sales channel."), ("order_type", "\"sale\" or \"purchase\"."),
      ("orders", "Orders booked."), ("units", "Pieces booked."), ("amount", "Decimal amount in `currency`."),
      ("currency", "ISO 4217 code."),
    ])

  private static let parkedLines = ViewDefinition(
    "parked_lines", "Lines that refer to an order or a product that has not arrived.",
    select: """
      SELECT \(SQLText.system("l.line_id")) AS system, \(SQLText.key("l.line_id")) AS line_id,
        \(SQLText.key("l.order_id")) AS order_id, \(SQLText.key("l.product_id")) AS product_id,
        o.order_id IS NULL AS order_missing, p.product_id IS NULL AS product_missing
      FROM order_lines l LEFT JOIN orders o ON o.order_id = l.order_id
        LEFT JOIN products p ON p.product_id = l.product_id
      WHERE o.order_id IS NULL OR p.product_id IS NULL
      """,
    columns: [
      ("system", "System that the line belongs to."), ("line_id", "Key of the line."),
      ("order_id", "Key of the order it names."), ("product_id", "Key of the product it names."),
      ("order_missing", "1: the order has not arrived; the line is in no report."),
      ("product_missing", "1: the product has not arrived; reports call it \"unknown\"."),
    ])

  private static let parkedRates = ViewDefinition(
    "parked_rates",
    "Currencies and dates of orders for which no exchange rate has arrived. The base currency needs none: leave it out.",
    select: """
      SELECT d.currency, \(SQLText.isoDate("d.order_day")) AS order_date, sum(d.orders) AS orders
      FROM ledger_days d LEFT JOIN exchange_rates r ON r.currency = d.currency AND r.day = d.order_day
      WHERE d.kind = \(LedgerKind.gross.rawValue) AND r.day IS NULL GROUP BY d.currency, d.order_day
      """,
    columns: [
      ("currency", "ISO 4217 code."), ("order_date", "ISO date."), ("orders", "Orders that cannot be converted."),
    ])

  /// Columns system and id of a row.
  private static func name(_ number: String) -> String {
    "\(SQLText.system(number)), CAST(\(SQLText.key(number)) AS TEXT)"
  }

  private static func flags(_ table: String) -> String {
    "SELECT f.code, f.entity, \(name("f.number")), 1 FROM \(table) f"
  }

  private static let flaggedRows = ViewDefinition(
    "flagged_rows", "Everything odd that is nevertheless applied: findings of capture and findings computed here.",
    select: """
      \(flags("order_flags")) UNION ALL \(flags("catalog_flags"))
      UNION ALL SELECT 'order.sameContent', 'order', \(name("o.order_id")), 1 FROM orders o WHERE o.content_hash IN
        (SELECT content_hash FROM orders WHERE content_hash IS NOT NULL GROUP BY content_hash HAVING count(*) > 1)
      UNION ALL SELECT 'customer.documentTwoNames', 'customer', \(name("c.customer_id")), 1 FROM customers c
        WHERE (c.document, \(SQLText.systemNumber("c.customer_id"))) IN
        (SELECT k.document, \(SQLText.systemNumber("k.customer_id")) FROM customers k WHERE k.document IS NOT NULL
          GROUP BY 1, 2 HAVING min(k.full_name) <> max(k.full_name) OR min(k.birth_year) <> max(k.birth_year))
      UNION ALL SELECT 'customer.sharedEmail', 'customer', \(name("c.customer_id")), 1 FROM customers c
        WHERE (c.email, \(SQLText.systemNumber("c.customer_id"))) IN
        (SELECT k.email, \(SQLText.systemNumber("k.customer_id")) FROM customers k WHERE k.email IS NOT NULL
          GROUP BY 1, 2 HAVING count(*) > 1)
      """,
    columns: [
      (
        "code",
        "\"order.sameContent\" (every order of those with equal content), \"customer.documentTwoNames\", \"customer.sharedEmail\" (all within one system), or a finding of capture."
      ),
      ("entity", "\"order\", \"order line\", \"customer\", \"company\", …"),
      ("system", "System that it belongs to."), ("id", "Its key."),
      ("occurrences", "Always 1 in this mart."),
    ])
}
