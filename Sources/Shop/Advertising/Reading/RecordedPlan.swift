package import Money

/// A recommendation as it was recorded. Amounts are minor units of its currency.
package struct RecordedPlan: Sendable, Equatable {
  package struct Row: Sendable, Equatable {
    package var key: AdvertisingHistory.RowKey
    package var amountMinor: Int64
    package var expectedReturnMinor: Int64
    package var lowMinor: Int64
    package var highMinor: Int64

    package init(
      key: AdvertisingHistory.RowKey, amountMinor: Int64, expectedReturnMinor: Int64, lowMinor: Int64, highMinor: Int64
    ) {
      self.key = key
      self.amountMinor = amountMinor
      self.expectedReturnMinor = expectedReturnMinor
      self.lowMinor = lowMinor
      self.highMinor = highMinor
    }
  }

  package var epoch: Int64
  package var number: Int64
  package var decidedAt: Timestamp
  package var by: String
  package var period: String
  package var first: CivilDate
  package var last: CivilDate
  package var currency: String
  package var totalMinor: Int64
  package var expectedReturnMinor: Int64
  package var lowMinor: Int64
  package var highMinor: Int64
  package var warning: String
  package var rows: [Row]

  package init(
    epoch: Int64, number: Int64, decidedAt: Timestamp, by: String, period: String, first: CivilDate, last: CivilDate,
    currency: String, totalMinor: Int64, expectedReturnMinor: Int64, lowMinor: Int64, highMinor: Int64, warning: String,
    rows: [Row]
  ) {
    self.epoch = epoch
    self.number = number
    self.decidedAt = decidedAt
    self.by = by
    self.period = period
    self.first = first
    self.last = last
    self.currency = currency
    self.totalMinor = totalMinor
    self.expectedReturnMinor = expectedReturnMinor
    self.lowMinor = lowMinor
    self.highMinor = highMinor
    self.warning = warning
    self.rows = rows
  }
}
