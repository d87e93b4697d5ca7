/// A table of the platform database as capture knows it. Columns that stand here are captured, no others: orders.note,
/// where people type card numbers, is left out on purpose.
struct PlatformTable: Sendable, Equatable {
  var name: String
  /// Order in which new installations record them; positions are looked up by name all the same.
  var columns: [String]
  /// Columns without which a row is no row.
  var required: Set<String>
  var key: [String]
  /// SQL for the order's channel, where a row is routed with its order; the row's name goes in place of "$". Only for reading:
  /// in a trigger it would block migrations of the orders.
  var channel: String?

  static func named(_ name: String) -> PlatformTable? { all.first { $0.name == name } }

  private init(_ name: String, _ required: String, optional: String = "", key: String, channel: String? = nil) {
    self.name = name
    let needed = required.split(separator: " ").map(String.init)
    columns = needed + optional.split(separator: " ").map(String.init)
    self.required = Set(needed)
    self.key = key.split(separator: " ").map(String.init)
    self.channel = channel
  }

  private static let orderChannel = "(SELECT channel FROM orders WHERE id = $.order_id)"

  /// Small tables first, so that orders find their references when a snapshot is folded.
  static let all: [PlatformTable] = [
    PlatformTable("countries", "code name", key: "code"),
    PlatformTable("companies", "cuit name type country", optional: "login", key: "cuit"),
    PlatformTable("stores", "id city state", key: "id"),
    PlatformTable("products", "id name category base_price", optional: "supplier_cuit", key: "id"),
    PlatformTable(
      "company_catalogs", "company_cuit product_id sale_price currency valid_from",
      key: "company_cuit product_id valid_from"),
    PlatformTable("exchange_rates", "date currency rate", key: "date currency"),
    PlatformTable(
      "customers", "id country",
      optional: "company_cuit document_number username full_name email phone birth_date address payment_card", key: "id"
    ),
    PlatformTable(
      "orders", "id channel order_type status order_date currency created_at updated_at",
      optional: "company_cuit customer_id store_id parent_order_id cancel_reason ship_to_country ship_to_address",
      key: "id"),
    PlatformTable(
      "order_items", "id order_id product_id quantity unit_price", key: "id", channel: orderChannel),
    PlatformTable(
      "shipments", "id order_id carrier service destination_country status event_time", optional: "promised_date cost",
      key: "id", channel: orderChannel),
    PlatformTable("stock", "product_id location quantity updated_at", key: "product_id location"),
  ]

  /// Columns that the platform is known to have and that are never read; not worth a note.
  static let neverCaptured: Set<String> = ["orders.note"]
}
