package import Entity
internal import Events
package import Marts
internal import Money
package import Projections
internal import SQLite

/// Returns in their newest state.
package final class ReturnsProjection: ShopProjection, RowsProjection {
  package static let name = "returns"
  package static let version = 1
  package static let topics = [Topic.returns]
  package static let personalFields: PersonalFields = []

  package var rows = VersionedRows(
    prefix: "return",
    tables: [
      VersionedTable(
        entity: "return", table: "returns", number: "return_id",
        values: ["order_id", "product_id", "quantity", "reason", "refund_minor", "currency", "returned_at"])
    ])

  package init() {}

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .productReturn(let change) = input.event.payload else { return }
    try fold(input.event, change, ReturnsProjection.values)
  }

  private static func values(_ row: ProductReturn<PersonToken>) -> [RowValue] {
    [
      .row(row.order), .row(row.product), .integer(row.quantity), .text(row.reason), .integer(row.refundMinor),
      .text(row.currency), .integer(row.returnedAt.millis),
    ]
  }
}

extension ReturnsProjection {
  package static var tables: [TableDefinition] {
    [returns] + VersionedRows.bookkeeping("return", of: "a return", entities: ["return"])
  }

  private static let returns = TableDefinition.ofRows(
    "returns", "What customers sent back, in its newest state.", number: ("return_id", "the return"),
    columns: [
      .init("order_id", "INTEGER NOT NULL", "The order that it was part of, a number as in the sales mart's keys."),
      .init("product_id", "INTEGER NOT NULL", "The product, likewise."),
      .init("quantity", "INTEGER NOT NULL", "Pieces."), .init("reason", "TEXT NOT NULL", "As the shop calls it."),
      .init("refund_minor", "INTEGER NOT NULL", "What the customer gets back, in the currency's minor units."),
      .init("currency", "TEXT NOT NULL", "ISO 4217 code."),
      .init("returned_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
    ], referring: ["order_id", "product_id"], month: .millis("d.returned_at"))

  package static let views = [
    ViewDefinition(
      "return_details", "Returns with keys, ISO moments and decimal money.",
      select: """
        SELECT \(SQLText.system("r.return_id")) AS system, \(SQLText.key("r.return_id")) AS return_id,
          \(SQLText.key("r.order_id")) AS order_id, \(SQLText.key("r.product_id")) AS product_id, r.quantity, r.reason,
          \(SQLText.decimal("r.refund_minor", currency: "r.currency")) AS refund, r.currency,
          \(SQLText.isoMoment("r.returned_at")) AS returned_at
        FROM returns r
        """,
      columns: [
        ("system", "Source of the return."), ("return_id", "Its key."), ("order_id", "Key of the order."),
        ("product_id", "Key of the product."), ("quantity", "Pieces."), ("reason", "As the shop calls it."),
        ("refund", "Decimal amount in `currency`."), ("currency", "ISO 4217 code."),
        ("returned_at", "ISO moment, UTC."),
      ]),
    VersionedRows.flaggedRows("return", entities: ["return"], of: "the return"),
  ]
}
