import Hashing
import TestSupport
import Testing

@testable import Advertising

@Suite struct AllocationTests {
  /// Goal: the optimum on the grid is global. Method: SciPy's mixed-integer solver on the same grid.
  @Test("the grid's optimum is that of a mixed-integer solver") func gridOptimum() throws {
    for example in try ExpectedNumbers.load().allocation {
      let problem = try Self.problem(example)
      let result = BudgetAllocator.allocate(problem, gridUnits: example.units)
      #expect(result.gridUnits <= example.units)
      // The optimum's gridValue leaves less than one unit undivided; the solver's does too.
      #expect(difference(result.gridValue, example.gridValue) < 1e-9)
      #expect(result.value >= result.gridValue)
    }
  }

  @Test("the upper bound is the best value of the concave envelopes, by linear programming") func bound() throws {
    for example in try ExpectedNumbers.load().allocation {
      let result = BudgetAllocator.allocate(try Self.problem(example))
      #expect(difference(result.upperBound, example.upperBound) < 1e-7)
      #expect(result.value <= result.upperBound)
    }
  }

  @Test("square roots are divided as SLSQP divides them") func smooth() throws {
    let expected = try ExpectedNumbers.load().smoothAllocation
    let knots = (0...4_000).map { Double($0) * Double($0) / 16_000_000 * Double(expected.total) }
    let rows = expected.weights.map { weight in
      AllocationProblem.Row(
        curve: ResponseCurve(spend: knots, value: knots.map { weight * $0.squareRoot() }))
    }
    let result = BudgetAllocator.allocate(try AllocationProblem(rows: rows, totalMinor: expected.total))
    #expect(difference(result.value, expected.value) < 1e-6)
    for (amount, wanted) in zip(result.amounts, expected.amounts) {
      #expect(abs(Double(amount) - wanted) < 0.002 * Double(expected.total))
    }
    #expect(result.gap < 1e-7)
  }

  /// Goal: nothing better exists on a small grid. Method: try all divisions of up to 30 units between three rows.
  @Test("no division of a small budget beats the plan", arguments: 1...40 as ClosedRange<UInt64>)
  func bruteForce(seed: UInt64) throws {
    let total: Int64 = 30
    let problem = try Samples.problem(seed: seed, rows: 3, total: total)
    let result = BudgetAllocator.allocate(problem)
    var best = -Double.infinity
    for first in problem.rows[0].minimum...problem.rows[0].maximum where first <= total {
      for second in problem.rows[1].minimum...problem.rows[1].maximum where first + second <= total {
        let third = total - first - second
        guard third >= problem.rows[2].minimum, third <= problem.rows[2].maximum else { continue }
        best = max(best, problem.value(of: [first, second, third]))
      }
    }
    #expect(difference(result.value, best) < 1e-12)
  }

  /// Goal: a threshold is jumped, not crept at. Method: each row gives next to nothing below 60 of 100; greedy marginal
  /// returns would give everything to the flat row.
  @Test("a threshold that no marginal return shows is passed") func threshold() throws {
    let sudden = ResponseCurve(spend: [0, 60, 61, 100], value: [0, 0, 500, 500])
    let flat = ResponseCurve(spend: [0, 100], value: [0, 100])
    let result = BudgetAllocator.allocate(
      try AllocationProblem(rows: [.init(curve: flat), .init(curve: sudden), .init(curve: sudden)], totalMinor: 100))
    #expect(result.amounts == [39, 61, 0] || result.amounts == [39, 0, 61])
    #expect(result.value == 539)
  }

  @Test("amounts are whole, within bounds, and add up", arguments: 1...30 as ClosedRange<UInt64>)
  func feasible(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let total = Int64(generator.next() >> (14 + generator.next() % 40))
    let problem = try Samples.problem(seed: seed, rows: 2 + Int(seed % 11), total: total)
    let result = BudgetAllocator.allocate(problem)
    #expect(result.amounts.reduce(0, +) == total)
    for (amount, row) in zip(result.amounts, problem.rows) { #expect((row.minimum...row.maximum).contains(amount)) }
    #expect(result.value <= result.upperBound)
    #expect(result == BudgetAllocator.allocate(problem))
    // No random division is better.
    for _ in 0..<50 {
      let shares = problem.rows.map { _ in generator.unit() * generator.unit() }
      let free = LargestRemainder.split(total - problem.rows.reduce(0) { $0 + $1.minimum }, by: shares)
      let other = zip(problem.rows, free).map { $0.minimum + $1 }
      guard zip(other, problem.rows).allSatisfy({ $0 <= $1.maximum }) else { continue }
      #expect(problem.value(of: other) <= result.value * (1 + 1e-9) + 1e-9)
    }
  }

  /// A division that spent more than there was once served as the lower bound that discards choices: curves whose pieces are
  /// straight lines made rounding pick between equal choices.
  @Test("the search starts from a division that fits, straight pieces or not", arguments: 1...60 as ClosedRange<UInt64>)
  func startFits(seed: UInt64) throws {
    let problem = try Samples.problem(seed: seed, rows: 2 + Int(seed % 11), total: 20_000 + Int64(seed) * 97)
    let free = problem.totalMinor - problem.rows.reduce(0) { $0 + $1.minimum }
    let grid = GridOptimum(problem, step: 20, units: Int(free / 20))
    #expect(grid.start.reduce(0, +) <= Int(free / 20))
    #expect(grid.choices.reduce(0, +) <= Int(free / 20))
  }

  @Test("bounds that fix every row leave the one division there is") func fixed() throws {
    let curve = ResponseCurve(spend: [0, 10], value: [0, 5])
    let rows = [3, 4, 0].map { AllocationProblem.Row(curve: curve, minimum: $0, maximum: $0) }
    #expect(BudgetAllocator.allocate(try AllocationProblem(rows: rows, totalMinor: 7)).amounts == [3, 4, 0])
    #expect(BudgetAllocator.allocate(try AllocationProblem(rows: [rows[2]], totalMinor: 0)).amounts == [0])
  }

  @Test("a sum that the bounds cannot keep is refused with both numbers") func infeasible() {
    let curve = ResponseCurve(spend: [0, 10], value: [0, 5])
    for (rows, total, number) in [
      ([(5, 9), (6, 9)], 10, "11"), ([(0, 4), (0, 5)], 10, "9"), ([(5, 4)], 5, "4"),
    ] as [([(Int64, Int64)], Int64, String)] {
      do {
        _ = try AllocationProblem(
          rows: rows.map { .init(curve: curve, minimum: $0.0, maximum: $0.1) }, totalMinor: total)
        Issue.record("\(rows) was taken")
      } catch {
        #expect(error.kind == .infeasible)
        #expect(error.description.contains(number))
      }
    }
    #expect(throws: AdvertisingError.self) { try AllocationProblem(rows: [], totalMinor: 1) }
    #expect(throws: AdvertisingError.self) { try AllocationProblem(rows: [.init(curve: curve)], totalMinor: -1) }
  }

  private static func problem(_ example: ExpectedNumbers.Allocation) throws -> AllocationProblem {
    try AllocationProblem(
      rows: example.rows.map {
        .init(curve: ResponseCurve(spend: $0.spend, value: $0.value), minimum: $0.minimum, maximum: $0.maximum)
      }, totalMinor: example.total)
  }
}
