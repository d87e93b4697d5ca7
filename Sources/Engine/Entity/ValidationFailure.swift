/// A rule of the business that an event breaks; it goes to quarantine with this code. `detail` holds no content.
package struct ValidationFailure: Error, Equatable, Sendable {
  /// Typed reason, e.g. "order.absurdQuantity".
  package var code: String
  /// Which field broke it.
  package var detail: String
  package init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }
}
