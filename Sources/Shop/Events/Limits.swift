package import Entity

extension EventLimits {
  /// Units on one order line: what a warehouse ships to one customer in a year. Above it a typing error is likelier than
  /// an order, and one such line would outweigh a month of sales.
  package static let lineQuantity: Int64 = 1000
}
