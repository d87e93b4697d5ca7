package import Capture
internal import Events

/// The tables of the platform database. Columns that stand here are captured, no others: orders.note, where people type
/// card numbers, is left out on purpose.
package enum PlatformTables {
  /// What people call the database.
  package static let title = "platform database"
  /// Every topic that events of their rows go to.
  package static let topics = [Topic.orders, Topic.catalog, Topic.inventory, Topic.shipments, Topic.returns]

  /// Lines and shipments are routed with their order.
  private static let orderChannel = ReferredValue(column: "order_id", table: "orders", key: "id", value: "channel")

  /// Small tables first, so that orders find their references when a snapshot is folded.
  package static let all: [SourceTable] = [
    table("countries", "code name", key: "code"),
    table("companies", "cuit name type country", optional: "login", key: "cuit"),
    table("stores", "id city state", key: "id"),
    table("products", "id name category base_price", optional: "supplier_cuit", key: "id"),
    table(
      "company_catalogs", "company_cuit product_id sale_price currency valid_from",
      key: "company_cuit product_id valid_from"),
    table("exchange_rates", "date currency rate", key: "date currency"),
    table(
      "customers", "id country",
      optional: "company_cuit document_number username full_name email phone birth_date address payment_card", key: "id"
    ),
    table(
      "orders", "id channel order_type status order_date currency created_at updated_at",
      optional: "company_cuit customer_id store_id parent_order_id cancel_reason ship_to_country ship_to_address",
      key: "id", ignored: ["note"]),
    table(
      "order_items", "id order_id product_id quantity unit_price", rare: "discount", key: "id",
      refersTo: orderChannel),
    table(
      "shipments", "id order_id carrier service destination_country status event_time", optional: "promised_date cost",
      key: "id", refersTo: orderChannel),
    table("stock", "product_id location quantity updated_at", key: "product_id location"),
    table(
      "returns", "id order_id product_id quantity reason refund currency returned_at", key: "id", isRare: true,
      refersTo: orderChannel),
  ]

  /// `required`: columns without which a row is no row. `optional`: what a row may lack. `rare`: what a database may
  /// lack, and nobody needs to know. Their order is the order in which new installations record them.
  private static func table(
    _ name: String, _ required: String, optional: String = "", rare: String = "", key: String,
    ignored: Set<String> = [], isRare: Bool = false, refersTo: ReferredValue? = nil
  ) -> SourceTable {
    func list(_ names: String) -> [String] { names.split(separator: " ").map(String.init) }
    return SourceTable(
      name, columns: list(required) + list(optional) + list(rare), key: list(key), ignored: ignored,
      rare: Set(list(rare)), isRare: isRare, refersTo: refersTo)
  }
}
