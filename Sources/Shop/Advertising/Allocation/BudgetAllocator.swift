/// Divides a budget for the highest expected value: the global optimum on a grid, refined to whole minor units.
///
/// Curves with a threshold are not concave, and following the best marginal return then ends in a local optimum. So:
/// 1. a price on money (Lagrangian dual) bounds what is possible and shows which choices no optimal division can
///    contain;
/// 2. dynamic programming over what is left of the grid finds its global optimum (multiple-choice knapsack);
/// 3. dynamic programming over small changes, each step an eighth of the one before, goes on to whole minor units.
package enum BudgetAllocator {
  /// Units the budget above the minima is divided into.
  package static let gridUnits = 1_000

  /// Deterministic; blocks. 600 rows take some milliseconds when curves are nearly concave, at worst about a second.
  package static func allocate(_ problem: AllocationProblem, gridUnits: Int = Self.gridUnits) -> Allocation {
    let bound = DualBound(problem)
    var amounts = problem.rows.map(\.minimum)
    let free = problem.totalMinor - amounts.reduce(0, +)
    let step = max(1, (free + Int64(gridUnits) - 1) / Int64(max(gridUnits, 1)))
    let units = Int(free / step)
    let grid = GridOptimum(problem, step: step, units: units)
    for (row, choice) in grid.choices.enumerated() { amounts[row] += Int64(choice) * step }
    let gridValue = problem.value(of: amounts)
    fill(problem, &amounts)
    refine(problem, &amounts, from: step)
    let value = problem.value(of: amounts)
    return Allocation(
      amounts: amounts, value: value, upperBound: max(bound.value, value), gridUnits: units, gridStepMinor: step,
      gridValue: gridValue, price: bound.price)
  }

  /// Gives what no whole unit could be made of to the rows that make most of it; the refinement puts it right.
  private static func fill(_ problem: AllocationProblem, _ amounts: inout [Int64]) {
    var left = problem.totalMinor - amounts.reduce(0, +)
    while left > 0 {
      var best = -1
      var bestGain = -1.0
      for (row, bounds) in problem.rows.enumerated() where amounts[row] < bounds.maximum {
        let piece = min(left, bounds.maximum - amounts[row])
        let gain =
          (bounds.curve(Double(amounts[row] + piece)) - bounds.curve(Double(amounts[row]))) / Double(piece)
        if gain > bestGain { (best, bestGain) = (row, gain) }
      }
      guard best >= 0 else { return }
      let piece = min(left, problem.rows[best].maximum - amounts[best])
      amounts[best] += piece
      left -= piece
    }
  }

  private static func refine(_ problem: AllocationProblem, _ amounts: inout [Int64], from gridStep: Int64) {
    var step = gridStep
    repeat {
      step = max(1, step / 8)
      var rounds = 0
      while Refinement.improve(problem, &amounts, step: step), rounds < 20 { rounds += 1 }
    } while step > 1
  }
}
