package import Money

/// A budget to divide: a curve and bounds for each row, and the sum.
package struct AllocationProblem: Sendable {
  package struct Row: Sendable {
    /// Expected value in minor units over this row's spend in the whole period.
    package var curve: ResponseCurve
    /// Minor units, 0 ≤ minimum ≤ maximum.
    package var minimum: Int64
    package var maximum: Int64

    package init(curve: ResponseCurve, minimum: Int64 = 0, maximum: Int64 = AdvertisingLimits.totalMinor) {
      self.curve = curve
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  package let rows: [Row]
  package let totalMinor: Int64

  /// Throws when no split can keep the bounds and the sum; the message says which numbers collide.
  /// `currency`: that amounts are told in; nil: as they are.
  package init(rows: [Row], totalMinor: Int64, currency: Currency? = nil) throws(AdvertisingError) {
    func money(_ minor: Int64) -> String { currency.map { "\($0.grouped(minor)) \($0)" } ?? "\(minor)" }
    guard totalMinor >= 0, totalMinor <= AdvertisingLimits.totalMinor else {
      throw AdvertisingError(
        .badInput, "a total of \(money(totalMinor))",
        hint: "give a total from 0 to \(money(AdvertisingLimits.totalMinor))")
    }
    guard !rows.isEmpty, rows.count <= AdvertisingLimits.rows else {
      throw AdvertisingError(
        .badInput, "\(rows.count) rows to divide between", hint: "1 to \(AdvertisingLimits.rows) rows")
    }
    var minima: Int64 = 0
    var maxima: Int64 = 0
    for row in rows {
      guard row.minimum >= 0, row.minimum <= row.maximum, row.minimum <= AdvertisingLimits.totalMinor else {
        throw AdvertisingError(
          .infeasible,
          "a row's minimum \(money(row.minimum)) and maximum \(money(row.maximum)) leave nothing between them",
          hint: "0 ≤ minimum ≤ maximum")
      }
      minima += row.minimum
      maxima += min(row.maximum, totalMinor)
    }
    guard minima <= totalMinor else {
      throw AdvertisingError(
        .infeasible, "the minima add up to \(money(minima)), more than the total of \(money(totalMinor))",
        hint: "lower minima or the exploration share, or raise the total")
    }
    guard maxima >= totalMinor else {
      throw AdvertisingError(
        .infeasible, "the maxima add up to \(money(maxima)), less than the total of \(money(totalMinor))",
        hint: "raise maxima or lower the total")
    }
    self.rows = rows.map { row in
      var row = row
      row.maximum = min(row.maximum, totalMinor)
      return row
    }
    self.totalMinor = totalMinor
  }

  package func value(of amounts: [Int64]) -> Double {
    zip(rows, amounts).reduce(0) { $0 + $1.0.curve(Double($1.1)) }
  }
}

/// A division of a budget, with the proof of how good it is.
package struct Allocation: Sendable, Equatable {
  /// Whole minor units per row; sum is the total.
  package let amounts: [Int64]
  /// Sum of the rows' curves there.
  package let value: Double
  /// No division whatever, on or off the grid, has a higher value.
  package let upperBound: Double
  /// The grid on which the optimum is global: this many units of `gridStepMinor`.
  package let gridUnits: Int
  package let gridStepMinor: Int64
  /// The value of the best division on the grid, before refinement.
  package let gridValue: Double
  /// Price of the last unit of money: expected return per unit spent at which the bound is tight.
  package let price: Double

  /// How far the value may be below the best possible one, as a share of the latter.
  package var gap: Double { upperBound > 0 ? max(0, (upperBound - value) / upperBound) : 0 }
}
