/// A simulated company for an evaluation: what an allocator may see, and a judge that knows the truth.
package struct HiddenCompany: Sendable {
  package let seed: UInt64
  /// Name of the family of its curves.
  package let family: String
  package let panel: ResponsePanel
  package let totalMinor: Int64
  package let horizonWeeks: Int
  /// The best division of the total by the truth.
  package let oracleMinor: [Int64]
  /// Expected return of each row, base included, for a spend by row in minor units over the whole horizon.
  package let expectedReturn: @Sendable ([Double]) -> [Double]

  package init(
    seed: UInt64, family: String, panel: ResponsePanel, totalMinor: Int64, horizonWeeks: Int, oracleMinor: [Int64],
    expectedReturn: @escaping @Sendable ([Double]) -> [Double]
  ) {
    self.seed = seed
    self.family = family
    self.panel = panel
    self.totalMinor = totalMinor
    self.horizonWeeks = horizonWeeks
    self.oracleMinor = oracleMinor
    self.expectedReturn = expectedReturn
  }

  /// What advertising brings over no spend at all.
  package func incrementalReturn(_ amounts: [Int64]) -> Double {
    let without = expectedReturn([Double](repeating: 0, count: panel.rows.count)).reduce(0, +)
    return expectedReturn(amounts.map { Double($0) }).reduce(0, +) - without
  }
}
