extension Decision {
  /// The kind of a decision that recommends a division of an advertising budget.
  package static let recommendation = "recommendation"
}
