/// Improves a division by small exchanges: up to eight steps more or less for every row at once, sum unchanged.
enum Refinement {
  private static let reach = 8
  /// Steps that may be in flight between rows at any point of the pass.
  private static let band = 40

  /// The best exchange within reach by dynamic programming; false when none improves the value.
  static func improve(_ problem: AllocationProblem, _ amounts: inout [Int64], step: Int64) -> Bool {
    let rows = problem.rows.count
    let width = 2 * band + 1
    let choices = 2 * reach + 1
    var gains = [Double](repeating: -.infinity, count: rows * choices)
    for row in 0..<rows {
      let bounds = problem.rows[row]
      let start = bounds.curve(Double(amounts[row]))
      for choice in 0..<choices {
        let amount = amounts[row] + Int64(choice - reach) * step
        if amount >= bounds.minimum, amount <= bounds.maximum {
          gains[row * choices + choice] = bounds.curve(Double(amount)) - start
        }
      }
    }
    var tables = [Double](repeating: -.infinity, count: (rows + 1) * width)
    tables[band] = 0
    for row in 0..<rows {
      for choice in 0..<choices where gains[row * choices + choice] > -.infinity {
        let shift = choice - reach
        let gain = gains[row * choices + choice]
        for state in max(0, shift)..<min(width, width + shift) {
          let value = tables[row * width + state - shift] + gain
          if value > tables[(row + 1) * width + state] { tables[(row + 1) * width + state] = value }
        }
      }
    }
    let best = tables[rows * width + band]
    // Rounding alone must not look like progress.
    guard best > 1e-9 * max(1, abs(problem.value(of: amounts))) * 1e-3 else { return false }
    var state = band
    var moved = amounts
    for row in stride(from: rows - 1, through: 0, by: -1) {
      let wanted = tables[(row + 1) * width + state]
      // Staying put is preferred among equals, then the smaller change.
      let order = [reach] + (1...reach).flatMap { [reach - $0, reach + $0] }
      guard
        let choice = order.first(where: { choice in
          let from = state - (choice - reach)
          return from >= 0 && from < width && tables[row * width + from] + gains[row * choices + choice] == wanted
        })
      else { return false }
      moved[row] += Int64(choice - reach) * step
      state -= choice - reach
    }
    amounts = moved
    return true
  }
}
