package import Entity

/// Numbers of the payloads in `Event`.
package enum PayloadField: UInt32, MessageFields {
  package static let message = "Event"

  case order = 16
  case orderLine = 17
  case product = 18
  case company = 19
  case supplierPrice = 20
  case customer = 21
  case store = 22
  case country = 23
  case exchangeRate = 24
  case stock = 25
  case shipment = 26
  case lead = 27
  case webRequest = 28
  case heartbeat = 29
  case rejected = 30
  case spend = 31
  case decision = 32

  package var shape: FieldShape {
    switch self {
    case .order: payload("OrderChange")
    case .orderLine: payload("OrderLineChange")
    case .product: payload("ProductChange")
    case .company: payload("CompanyChange")
    case .supplierPrice: payload("SupplierPriceChange")
    case .customer: payload("CustomerChange")
    case .store: payload("StoreChange")
    case .country: payload("CountryChange")
    case .exchangeRate: payload("ExchangeRateChange")
    case .stock: payload("StockChange")
    case .shipment: payload("ShipmentChange")
    case .lead: payload("LeadChange")
    case .webRequest: payload("WebRequest")
    case .heartbeat: payload("Heartbeat")
    case .rejected: payload("Rejected")
    case .spend: payload("SpendChange")
    case .decision: payload("Decision")
    }
  }

  private func payload(_ message: String) -> FieldShape { .oneof("payload", .message(message)) }
}
