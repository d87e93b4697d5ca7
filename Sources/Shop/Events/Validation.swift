package import Entity
internal import Money

// Rules that a shop's rows are held against.
extension ValidationFailure {
  package static let absurdQuantity = "order.absurdQuantity"
  package static let negativePrice = "order.negativePrice"
  package static let unknownCurrency = "money.unknownCurrency"
  package static let impossibleDate = "date.impossible"
  package static let badAmount = "money.badAmount"
}

extension Event {
  /// Holds the new state (`after`) against the rules; a bad `before` never keeps its correction out.
  package func validate() throws(ValidationFailure) {
    try holdAgainstRules()
  }

  private func holdAgainstRules() throws(ValidationFailure) {
    switch payload {
    case .order(let change): try change.after?.validate()
    case .orderLine(let change): try change.after?.validate()
    case .supplierPrice(let change): try change.after?.validate()
    case .exchangeRate(let change): try change.after?.validate()
    case .stock(let change):
      if let stock = change.after { try require(stock.updatedAt, "stock.updated_at") }
    case .shipment(let change): try change.after?.validate()
    case .lead(let change): try change.after?.validate()
    case .spend(let change): try change.after?.validate()
    case .decision(let decision): try decision.validate()
    case .webRequest: try require(occurredAt, "web_request.occurred_at")
    case .product, .company, .customer, .store, .country, .heartbeat, .rejected: break
    }
  }
}

// The phase in which the pipeline asks, compiled here for the same reason as `mapPersonal`'s concrete forms.
extension Event where P == PersonToken {
  /// Holds the new state (`after`) against the rules; a bad `before` never keeps its correction out.
  package func validate() throws(ValidationFailure) {
    try holdAgainstRules()
  }
}

extension Order {
  func validate() throws(ValidationFailure) {
    try require(currency: currency, "order.currency")
    try require(orderDate, "order.order_date")
    try require(createdAt, "order.created_at")
    try require(updatedAt, "order.updated_at")
  }
}

extension OrderLine {
  func validate() throws(ValidationFailure) {
    guard quantity > 0 else {
      throw ValidationFailure(code: ValidationFailure.absurdQuantity, detail: "order_line.quantity is not above 0")
    }
    guard quantity <= EventLimits.lineQuantity else {
      throw ValidationFailure(
        code: ValidationFailure.absurdQuantity, detail: "order_line.quantity is above \(EventLimits.lineQuantity)")
    }
    if unitPrice.isNegative {
      throw ValidationFailure(code: ValidationFailure.negativePrice, detail: "order_line.unit_price is below 0")
    }
  }
}

extension SupplierPrice {
  func validate() throws(ValidationFailure) {
    try require(currency: currency, "supplier_price.currency")
    try require(validFrom, "supplier_price.valid_from")
  }
}

extension ExchangeRate {
  func validate() throws(ValidationFailure) {
    try require(currency: currency, "exchange_rate.currency")
    try require(date, "exchange_rate.date")
  }
}

extension Shipment {
  func validate() throws(ValidationFailure) {
    if let promisedDate { try require(promisedDate, "shipment.promised_date") }
    try require(eventTime, "shipment.event_time")
  }
}

extension Lead {
  func validate() throws(ValidationFailure) {
    try require(createdAt, "lead.created_at")
    try require(statusUpdatedAt, "lead.status_updated_at")
  }
}

extension Spend {
  func validate() throws(ValidationFailure) {
    try require(currency: currency, "spend.currency")
    try require(date, "spend.date")
    guard amountMinor >= 0 else {
      throw ValidationFailure(code: ValidationFailure.badAmount, detail: "spend.amount_minor is below 0")
    }
  }
}

extension Decision {
  func validate() throws(ValidationFailure) {
    guard let recommendation else { return }
    try require(currency: recommendation.currency, "recommendation.currency")
    try require(recommendation.firstDate, "recommendation.first_date")
    try require(recommendation.lastDate, "recommendation.last_date")
  }
}

private func require(currency: String, _ field: StaticString) throws(ValidationFailure) {
  guard Currency(currency) == nil else { return }
  throw ValidationFailure(code: ValidationFailure.unknownCurrency, detail: "\(field) is no active ISO 4217 code")
}

private func require(_ date: CivilDate, _ field: StaticString) throws(ValidationFailure) {
  guard date < EventLimits.firstDay || date > EventLimits.lastDay else { return }
  throw ValidationFailure(code: ValidationFailure.impossibleDate, detail: "\(field) is outside 1970 to 9999")
}

private func require(_ moment: Timestamp, _ field: StaticString) throws(ValidationFailure) {
  try require(moment.day, field)
}
