// Field numbers of the envelope and of the values that rows share. Payloads begin at 16, so that the envelope can grow.

package enum EventField: UInt32, MessageFields {
  package static let message = "Event"

  case format = 1
  case source = 2
  case epoch = 3
  case number = 4
  case position = 5
  case operation = 6
  case version = 7
  case occurredAt = 8
  case capturedAt = 9
  case flags = 10
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

  /// From this number on a field that is unknown is a payload that is unknown.
  static let firstPayload: UInt32 = 16
  static let lastPayload: UInt32 = 99

  package var shape: FieldShape {
    switch self {
    case .format: .uint32
    case .source: .string
    case .epoch, .number: .uint64
    case .position: .message("SourcePosition")
    case .operation: .enumeration("Operation")
    case .version: .message("StateVersion")
    case .occurredAt, .capturedAt: .int64
    case .flags: .repeated(.string)
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

package enum EventOriginField: UInt32, MessageFields {
  package static let message = "EventOrigin"

  case source = 1
  case epoch = 2
  case number = 3

  package var shape: FieldShape { self == .source ? .string : .uint64 }
}

package enum SourcePositionField: UInt32, MessageFields {
  package static let message = "SourcePosition"

  case stream = 1
  case record = 2
  case index = 3

  package var shape: FieldShape {
    switch self {
    case .stream: .string
    case .record: .uint64
    case .index: .uint32
    }
  }
}

package enum StateVersionField: UInt32, MessageFields {
  package static let message = "StateVersion"

  case major = 1
  case minor = 2

  package var shape: FieldShape { .uint64 }
}

package enum DecimalField: UInt32, MessageFields {
  package static let message = "Decimal"

  case unscaled = 1
  case scale = 2

  package var shape: FieldShape { self == .unscaled ? .sint64 : .uint32 }
}

package enum SealedField: UInt32, MessageFields {
  package static let message = "Sealed"

  case key = 1
  case box = 2

  package var shape: FieldShape { .bytes }
}

package enum GuardedField: UInt32, MessageFields {
  package static let message = "Guarded"

  case open = 1
  case personal = 2

  package var shape: FieldShape { .oneof("value", self == .open ? .string : .message("Sealed")) }
}

/// Every change message has these two fields; `message` is that of orders.
package enum ChangeField: UInt32, CaseIterable, Sendable {
  case before = 1
  case after = 2
}
