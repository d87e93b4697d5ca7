internal import Entity
package import Money

extension OrderLine {
  /// What one piece costs after the discount, in the order's currency; nil where that does not fit.
  package var netPrice: Decimal64? {
    guard let discount, discount.unscaled != 0 else { return unitPrice }
    return discount.complement.flatMap { unitPrice.multiplied(by: $0) }
  }
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
    if let discount, discount.isNegative || discount.complement?.isNegative ?? true {
      throw ValidationFailure(code: "order.badDiscount", detail: "order_line.discount is outside 0 to 1")
    }
  }
}
