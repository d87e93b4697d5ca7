internal import Foundation

/// The best that anybody could do who knew the truth: found by search over the true expected return itself, interplay
/// and all, with no use of what the allocator is made of.
package struct AdvertisingOracle: Sendable {
  /// Whole minor units per row; sum is the total asked for.
  package let spendMinor: [Int64]
  /// `incrementalReturn` of that spend.
  package let incrementalReturn: Double
  package let expectedReturn: Double
}

extension AdvertisingWorld {
  /// The split of `totalMinor` with the highest expected return over `weeks` (nil: the horizon).
  ///
  /// Method: from several starts (equal, usual, and shares that leave the weakest rows out), move money between pairs
  /// of rows while that raises the true return, in steps from a quarter of the total down to 1/4,096 of it; whole rows
  /// are also tried empty or refilled, since a threshold makes small moves useless. The best end wins.
  package func oracle(totalMinor: Int64, weeks: Range<Int>? = nil) -> AdvertisingOracle {
    let search = OracleSearch(self, weeks: weeks ?? horizon)
    let total = Double(totalMinor)
    var best: [Double] = []
    var bestValue = -Double.infinity
    for start in search.starts(total: total) {
      let (spend, value) = search.climb(from: start, total: total)
      if value > bestValue { (best, bestValue) = (spend, value) }
    }
    var whole = best.map { Int64($0.rounded(.down)) }
    var missing = totalMinor - whole.reduce(0, +)
    var index = 0
    while missing > 0, !whole.isEmpty {
      whole[index % whole.count] += 1
      missing -= 1
      index += 1
    }
    let exact = whole.map { Double($0) }
    return AdvertisingOracle(
      spendMinor: whole, incrementalReturn: incrementalReturn(spend: exact, weeks: weeks),
      expectedReturn: expectedReturn(spend: exact, weeks: weeks).reduce(0, +))
  }
}

/// The search behind `oracle(totalMinor:)`. Weekly amounts inside; a move's effect is worked out for the rows it
/// touches.
private struct OracleSearch {
  let world: AdvertisingWorld
  /// Factors summed over the weeks, by market.
  let seasonSum: [Double]
  let weekCount: Double
  /// Rows that each row lifts.
  let lifted: [[Int]]

  init(_ world: AdvertisingWorld, weeks: Range<Int>) {
    self.world = world
    weekCount = Double(max(weeks.count, 1))
    seasonSum = world.season.map { factors in weeks.reduce(0) { $0 + factors[min(max($1, 0), factors.count - 1)] } }
    var lifted = [[Int]](repeating: [], count: world.rows.count)
    for index in world.rows.indices {
      for (other, _) in world.rows[index].lifts where !lifted[other].contains(index) { lifted[other].append(index) }
    }
    self.lifted = lifted
  }

  func value(of index: Int, _ spend: [Double]) -> Double {
    let row = world.rows[index]
    return (row.baseConversions + row.curve.conversions(at: spend[index])) * world.lift(of: index, spend)
      * row.orderValueMinor * seasonSum[row.market]
  }

  func total(_ spend: [Double]) -> Double { spend.indices.reduce(0) { $0 + value(of: $1, spend) } }

  /// The sum over the rows that `index` touches: itself and those it lifts.
  func around(_ index: Int, _ spend: [Double]) -> Double {
    lifted[index].reduce(value(of: index, spend)) { $0 + ($1 == index ? 0 : value(of: $1, spend)) }
  }

  func starts(total: Double) -> [[Double]] {
    let count = world.rows.count
    let weekly = total / weekCount
    let usual = world.rows.map(\.usualSpendMinor)
    let usualSum = max(usual.reduce(0, +), 1)
    var starts = [
      [Double](repeating: weekly / Double(max(count, 1)), count: count), usual.map { $0 / usualSum * weekly },
    ]
    // Rows in the order of their best return per unit of spend; keep the best three quarters, half, a quarter.
    let best = world.rows.indices.map { index in
      (1...200).map { step -> Double in
        let spend = world.rows[index].curve.scale * Double(step) * 0.05
        return world.rows[index].curve.conversions(at: spend) * world.rows[index].orderValueMinor / spend
      }.max() ?? 0
    }
    let order = world.rows.indices.sorted { best[$0] != best[$1] ? best[$0] > best[$1] : $0 < $1 }
    for kept in [count * 3 / 4, count / 2, count / 4] where kept > 0 && kept < count {
      var start = [Double](repeating: 0, count: count)
      let sum = max(order.prefix(kept).reduce(0) { $0 + usual[$1] }, 1)
      for index in order.prefix(kept) { start[index] = usual[index] / sum * weekly }
      starts.append(start)
    }
    return starts
  }

  /// Ascends until no move helps; returns the whole horizon's spend and its expected return.
  func climb(from start: [Double], total: Double) -> ([Double], Double) {
    var spend = start
    let weekly = total / weekCount
    var step = weekly / 4
    while step >= weekly / 4_096 {
      var rounds = 0
      while improve(&spend, step: step), rounds < 200 { rounds += 1 }
      if world.family == .threshold || world.family == .hill { moveWholeRows(&spend) }
      step /= 2
    }
    return (spend.map { $0 * weekCount }, self.total(spend))
  }

  /// One round of moves: for each row as giver, the taker that gains most.
  private func improve(_ spend: inout [Double], step: Double) -> Bool {
    var improved = false
    for giver in spend.indices where spend[giver] > 0 {
      let amount = min(step, spend[giver])
      var taker = -1
      var bestGain = 1e-9
      let beforeGiver = around(giver, spend)
      spend[giver] -= amount
      let loss = beforeGiver - around(giver, spend)
      for candidate in spend.indices where candidate != giver {
        let before = around(candidate, spend)
        spend[candidate] += amount
        let gain = around(candidate, spend) - before - loss
        spend[candidate] -= amount
        if gain > bestGain * (1 + 1e-12) { (taker, bestGain) = (candidate, gain) }
      }
      if taker >= 0 {
        spend[taker] += amount
        improved = true
      } else {
        spend[giver] += amount
      }
    }
    return improved
  }

  /// Empties a row in favour of the others, or fills an empty one at their cost, when that pays.
  private func moveWholeRows(_ spend: inout [Double]) {
    var current = total(spend)
    for index in spend.indices {
      for target in [0, 0.5, 0.75, 1, 1.5] {
        let wanted = target * (world.rows[index].curve.threshold + world.rows[index].curve.scale)
        let others = spend.reduce(0, +) - spend[index]
        guard others > 0, abs(wanted - spend[index]) > 1e-9 else { continue }
        let factor = (others + spend[index] - wanted) / others
        guard factor > 0 else { continue }
        var trial = spend.map { $0 * factor }
        trial[index] = wanted
        let value = total(trial)
        if value > current * (1 + 1e-12) { (spend, current) = (trial, value) }
      }
    }
  }
}
