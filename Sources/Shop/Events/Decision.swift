internal import Entity
package import Money

/// Something that was decided: kept in the log so that what came of it can be held against it. Its moment is the event's
/// `occurredAt`.
package struct Decision: Sendable, Equatable {
  /// What was decided: "recommendation". Other kinds keep their own message beside it.
  package var kind: String
  /// In what role somebody decided, e.g. "operator"; never a person's name.
  package var by: String
  /// Where the marts stood that it was worked out from.
  package var inputs: [LogPosition]
  package var recommendation: Recommendation?

  package static let recommendation = "recommendation"

  package init(kind: String, by: String, inputs: [LogPosition] = [], recommendation: Recommendation? = nil) {
    self.kind = kind
    self.by = by
    self.inputs = inputs
    self.recommendation = recommendation
  }
}

/// The next record of a partition that had not been absorbed.
package struct LogPosition: Sendable, Equatable {
  package var topic: String
  package var partition: Int32
  package var nextOffset: Int64

  package init(topic: String, partition: Int32, nextOffset: Int64) {
    self.topic = topic
    self.partition = partition
    self.nextOffset = nextOffset
  }
}

/// A recommended division of an advertising budget.
package struct Recommendation: Sendable, Equatable {
  /// The period's name as it was asked for: "2026-11", "2026-Q4", "2026-W45", "2026-11-02..2026-11-29".
  package var period: String
  package var firstDate: CivilDate
  package var lastDate: CivilDate
  package var currency: String
  package var totalMinor: Int64
  package var expectedReturnMinor: Int64
  package var lowMinor: Int64
  package var highMinor: Int64
  /// Why it should not be relied on, when it was made all the same; empty otherwise.
  package var warning: String
  package var rows: [Row]

  /// One market × channel. Amounts are minor units of the recommendation's currency.
  package struct Row: Sendable, Equatable {
    package var market: String
    package var channel: String
    package var amountMinor: Int64
    package var expectedReturnMinor: Int64
    package var lowMinor: Int64
    package var highMinor: Int64
    package var reason: String

    package init(
      market: String, channel: String, amountMinor: Int64, expectedReturnMinor: Int64, lowMinor: Int64,
      highMinor: Int64, reason: String
    ) {
      self.market = market
      self.channel = channel
      self.amountMinor = amountMinor
      self.expectedReturnMinor = expectedReturnMinor
      self.lowMinor = lowMinor
      self.highMinor = highMinor
      self.reason = reason
    }
  }

  package init(
    period: String, firstDate: CivilDate, lastDate: CivilDate, currency: String, totalMinor: Int64,
    expectedReturnMinor: Int64, lowMinor: Int64, highMinor: Int64, warning: String = "", rows: [Row]
  ) {
    self.period = period
    self.firstDate = firstDate
    self.lastDate = lastDate
    self.currency = currency
    self.totalMinor = totalMinor
    self.expectedReturnMinor = expectedReturnMinor
    self.lowMinor = lowMinor
    self.highMinor = highMinor
    self.warning = warning
    self.rows = rows
  }
}
