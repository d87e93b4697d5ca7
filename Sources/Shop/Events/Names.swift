internal import Entity

// Names of enumerated values, as source systems write them.
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
