/// A value of an open list that people and source systems know by name. Numbers without a name are kept, and called
/// "unknown".
package protocol Named: RawRepresentable where RawValue == Int32 {
  static var names: [(value: Self, name: String)] { get }
}

extension Named {
  /// The value of that name, as source systems write it; nil for any other text.
  package init?(_ name: String) {
    guard let known = Self.names.first(where: { $0.name == name }) else { return nil }
    self = known.value
  }

  package var name: String {
    Self.names.first { $0.value.rawValue == rawValue }?.name ?? "unknown"
  }

  package static var all: [Self] { names.map(\.value) }
}

extension Channel: Named {
  package static let names: [(value: Channel, name: String)] = [
    (.b2b, "b2b"), (.ecommerce, "ecommerce"), (.store, "store"),
  ]
}

extension OrderType: Named {
  package static let names: [(value: OrderType, name: String)] = [(.sale, "sale"), (.purchase, "purchase")]
}

extension OrderStatus: Named {
  package static let names: [(value: OrderStatus, name: String)] = [
    (.placed, "placed"), (.completed, "completed"), (.cancelled, "cancelled"), (.returned, "returned"),
  ]
}

extension CancelReason: Named {
  package static let names: [(value: CancelReason, name: String)] = [
    (.outOfStock, "out_of_stock"), (.customer, "customer"), (.payment, "payment"),
  ]
}

extension Operation: Named {
  package static let names: [(value: Operation, name: String)] = [
    (.create, "create"), (.update, "update"), (.delete, "delete"), (.snapshot, "snapshot"), (.heartbeat, "heartbeat"),
    (.rejected, "rejected"), (.erase, "erase"),
  ]
}

extension Payload {
  /// What the event is about, for people: "order", "web request".
  package var name: String {
    switch self {
    case .order: "order"
    case .orderLine: "order line"
    case .product: "product"
    case .company: "company"
    case .supplierPrice: "supplier price"
    case .customer: "customer"
    case .store: "store"
    case .country: "country"
    case .exchangeRate: "exchange rate"
    case .stock: "stock"
    case .shipment: "shipment"
    case .lead: "lead"
    case .spend: "spend"
    case .decision: "decision"
    case .webRequest: "web request"
    case .heartbeat: "heartbeat"
    case .rejected: "rejected"
    }
  }
}
