/// Divisions that need no model: what a plan has to beat.
package enum Baselines {
  /// By share of visitors: the hits share.
  package static func naive(_ model: ResponseModel, totalMinor: Int64) -> [Int64] {
    LargestRemainder.split(totalMinor, by: model.rows.map(\.visitorsPerWeek))
  }

  /// By share of the last weeks' spend.
  package static func current(_ model: ResponseModel, totalMinor: Int64) -> [Int64] {
    LargestRemainder.split(totalMinor, by: model.rows.map(\.currentSpendMinor))
  }

  package static func equal(rows: Int, totalMinor: Int64) -> [Int64] {
    LargestRemainder.split(totalMinor, by: [Double](repeating: 1, count: rows))
  }

  /// By share of the return credited in the panel; with last-touch credit in it, the last-touch share.
  package static func credited(_ panel: ResponsePanel, totalMinor: Int64) -> [Int64] {
    LargestRemainder.split(
      totalMinor,
      by: panel.rows.indices.map { row in
        (0..<panel.weeks).reduce(0) { $0 + Double(panel.observation(row, $1).revenueMinor) }
      })
  }
}
