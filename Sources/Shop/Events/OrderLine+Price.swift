internal import Entity
package import Money

extension OrderLine {
  /// What one piece costs, in the order's currency; nil where that has more than nine decimals.
  package var netPrice: Decimal64? { unitPrice }
}

extension OrderLine {
  func checkRules() throws(ValidationFailure) {
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
