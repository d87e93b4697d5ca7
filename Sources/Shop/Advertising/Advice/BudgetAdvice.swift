package import Money

/// A plan in the words of the people who ask: markets, channels, reasons. Amounts are minor units of the currency.
package struct BudgetAdvice: Sendable {
  package struct Row: Sendable {
    package var key: AdvertisingHistory.RowKey
    package var amountMinor: Int64
    /// With what would come without any spend (`baseReturnMinor`), and so are the interval's ends.
    package var expectedReturnMinor: Int64
    package var lowMinor: Int64
    package var highMinor: Int64
    package var baseReturnMinor: Int64
    /// What the row would get by its share of visitors, and what it costs now over a period as long.
    package var naiveMinor: Int64
    package var currentMinor: Int64
    package var basis: String
    package var binding: String
    package var reason: String

    /// What the money brings.
    package var returnMinor: Int64 { expectedReturnMinor &- baseReturnMinor }
    package var group: String { AdvertisingHistory.group(of: key.channel) }
  }

  package struct Subtotal: Sendable, Equatable {
    package var group: String
    package var amountMinor: Int64
    package var expectedReturnMinor: Int64
  }

  package var question: BudgetQuestion
  package var rows: [Row]
  package var expectedReturnMinor: Int64
  package var lowMinor: Int64
  package var highMinor: Int64
  /// What would come without any spend.
  package var baseReturnMinor: Int64
  /// How far the division may be from the best possible one by the same curves, as a share.
  package var gap: Double
  package var weeks: Int
  package var firstWeek: CivilDate
  /// What no history can say, for above the table.
  package var caution: String { Cautions.unproven }
  /// What the figures assume, as sentences.
  package var notes: [String]
  /// Why it should not be relied on; empty: nothing speaks against it.
  package var warnings: [String]

  package var subtotals: [Subtotal] {
    ["advertising", "marketing"].compactMap { group in
      let members = rows.filter { $0.group == group }
      if members.isEmpty { return nil }
      return Subtotal(
        group: group, amountMinor: members.reduce(0) { $0 + $1.amountMinor },
        expectedReturnMinor: members.reduce(0) { $0 &+ $1.expectedReturnMinor })
    }
  }
}
