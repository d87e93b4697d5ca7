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
    try payload.validate(at: occurredAt)
  }
}

// The phase in which the pipeline asks, compiled here for the same reason as `mapPersonal`'s concrete forms.
extension Event where P == PersonToken {
  /// Holds the new state (`after`) against the rules; a bad `before` never keeps its correction out.
  package func validate() throws(ValidationFailure) {
    try payload.validate(at: occurredAt)
  }
}

// Rules that no type says; the others stand with the generated types.

extension Spend {
  func checkRules() throws(ValidationFailure) {
    guard amountMinor >= 0 else {
      throw ValidationFailure(code: ValidationFailure.badAmount, detail: "spend.amount_minor is below 0")
    }
  }
}

func require(currency: String, _ field: StaticString) throws(ValidationFailure) {
  guard Currency(currency) == nil else { return }
  throw ValidationFailure(code: ValidationFailure.unknownCurrency, detail: "\(field) is no active ISO 4217 code")
}

func require(_ date: CivilDate, _ field: StaticString) throws(ValidationFailure) {
  guard date < EventLimits.firstDay || date > EventLimits.lastDay else { return }
  throw ValidationFailure(code: ValidationFailure.impossibleDate, detail: "\(field) is outside 1970 to 9999")
}

func require(_ moment: Timestamp, _ field: StaticString) throws(ValidationFailure) {
  try require(moment.day, field)
}
