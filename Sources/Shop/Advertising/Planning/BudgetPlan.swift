/// A recommended division of a budget, with what each row rests on.
package struct BudgetPlan: Sendable {
  /// What kept a row from being larger or smaller.
  package enum BindingRule: String, Sendable {
    /// Its marginal return is that of all others.
    case none
    case minimum, maximum
    /// It would have got less but for the exploration share.
    case exploration
  }

  package struct Row: Sendable {
    package let row: ResponsePanel.Row
    package let amountMinor: Int64
    package let expectedReturnMinor: Int64
    package let lowMinor: Int64
    package let highMinor: Int64
    /// Of the expected return, what would come without any spend.
    package let baseReturnMinor: Int64
    package let basis: Basis
    package let binding: BindingRule
    /// Expected return per further unit of money at the amount.
    package let marginalReturn: Double
    /// What the row would get by its share of visitors.
    package let naiveMinor: Int64
    /// What the row would get by its share of the last weeks' spend.
    package let currentShareMinor: Int64
    /// What the last weeks' spend comes to over the period.
    package let currentMinor: Int64
    package let visitorsPerWeek: Double
    package let valuePerConversionMinor: Double
  }

  package let rows: [Row]
  package let totalMinor: Int64
  package let horizonWeeks: Int
  package let expectedReturnMinor: Int64
  package let lowMinor: Int64
  package let highMinor: Int64
  /// What would come without any spend.
  package let baseReturnMinor: Int64
  /// Expected return of the naive and the current division by the same curves.
  package let naiveReturnMinor: Int64
  package let currentShareReturnMinor: Int64
  package let allocation: Allocation
  package let model: ResponseModel
}
