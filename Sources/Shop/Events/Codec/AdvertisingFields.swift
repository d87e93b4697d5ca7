// Field numbers of what advertising costs and of decisions.

package import Entity

package enum SpendField: UInt32, MessageFields {
  package static let message = "Spend"

  case date = 1
  case market = 2
  case channel = 3
  case campaign = 4
  case amountMinor = 5
  case currency = 6

  package var shape: FieldShape {
    switch self {
    case .date: .sint32
    case .market, .channel, .campaign, .currency: .string
    case .amountMinor: .sint64
    }
  }
}

package enum DecisionField: UInt32, MessageFields {
  package static let message = "Decision"

  case kind = 1
  case by = 2
  case inputs = 3
  case recommendation = 4

  package var shape: FieldShape {
    switch self {
    case .kind, .by: .string
    case .inputs: .repeated(.message("LogPosition"))
    case .recommendation: .message("Recommendation")
    }
  }
}

package enum LogPositionField: UInt32, MessageFields {
  package static let message = "LogPosition"

  case topic = 1
  case partition = 2
  case nextOffset = 3

  package var shape: FieldShape {
    switch self {
    case .topic: .string
    case .partition: .int32
    case .nextOffset: .int64
    }
  }
}

package enum RecommendationField: UInt32, MessageFields {
  package static let message = "Recommendation"

  case period = 1
  case firstDate = 2
  case lastDate = 3
  case currency = 4
  case totalMinor = 5
  case expectedReturnMinor = 6
  case lowMinor = 7
  case highMinor = 8
  case warning = 9
  case rows = 10

  package var shape: FieldShape {
    switch self {
    case .period, .currency, .warning: .string
    case .firstDate, .lastDate: .sint32
    case .totalMinor, .expectedReturnMinor, .lowMinor, .highMinor: .sint64
    case .rows: .repeated(.message("RecommendationRow"))
    }
  }
}

package enum RecommendationRowField: UInt32, MessageFields {
  package static let message = "RecommendationRow"

  case market = 1
  case channel = 2
  case amountMinor = 3
  case expectedReturnMinor = 4
  case lowMinor = 5
  case highMinor = 6
  case reason = 7

  package var shape: FieldShape {
    switch self {
    case .market, .channel, .reason: .string
    case .amountMinor, .expectedReturnMinor, .lowMinor, .highMinor: .sint64
    }
  }
}
