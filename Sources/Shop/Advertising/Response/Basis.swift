/// What a row's expected return rests on, from the firmest to the weakest.
package enum Basis: Sendable, Equatable {
  /// The row's own weeks show how its return answers to spend; peers steady it.
  case ownResponse(weeks: Int)
  /// The row's level is its own, but its spend or its conversions say too little about the shape of its curve, which is
  /// that of its channel and company.
  case pooledResponse(weeks: Int)
  /// No week had spend in this row: size by its visitors, the rest by its channel.
  case noSpendHistory
  /// Too few weeks, or no spend at all, to fit any curve: smoothed conversion value per visitor, with a curve of
  /// customary shape above it.
  case valuePerVisitor(weeks: Int)

  /// One word for files and tables.
  package var code: String {
    switch self {
    case .ownResponse: "own_response"
    case .pooledResponse: "pooled_response"
    case .noSpendHistory: "no_spend_history"
    case .valuePerVisitor: "value_per_visitor"
    }
  }
}
