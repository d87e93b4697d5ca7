/// The best division of at most `units` grid units above the rows' minima.
///
/// Exact: with D the dual bound at a price and L the value of any division at hand, a choice whose loss against its
/// row's best choice at that price exceeds D − L cannot be part of an optimal division (reduced-cost fixing), so
/// dynamic programming need only look at the others. Nearly concave rows keep a handful of choices.
struct GridOptimum {
  /// Units of each row.
  let choices: [Int]
  /// The division that the search started from: feasible, usually near the optimum.
  let start: [Int]

  init(_ problem: AllocationProblem, step: Int64, units: Int) {
    let gains = parallelMap(problem.rows.count) { index -> [Double] in
      let row = problem.rows[index]
      let most = min(Int64(units), (row.maximum - row.minimum) / step)
      let start = row.curve(Double(row.minimum))
      return (0...Int(most)).map { row.curve(Double(row.minimum + Int64($0) * step)) - start }
    }
    // On upper hulls the search for a price costs little whatever the grid, and between hull points that lie on one
    // line no rounding decides: what fits at a price while searching is what is picked at it.
    let hulls = gains.map(GridOptimum.hull)
    let price = GridOptimum.price(gains, hulls, units: units)
    var bound = price * Double(units)
    var bestNet: [Double] = []
    var picked: [Int] = []
    for (gain, hull) in zip(gains, hulls) {
      let (choice, net) = GridOptimum.best(gain, hull, price)
      bound += net
      bestNet.append(net)
      picked.append(choice)
    }
    GridOptimum.fill(gains, &picked, units: units)
    start = picked
    let atHand = zip(gains, picked).reduce(0) { $0 + $1.0[$1.1] }
    // A hair wider than the gap, for rounding.
    let slack = max(0, bound - atHand) * (1 + 1e-9) + 1e-9 * abs(bound)
    let kept = gains.indices.map { row in
      gains[row].indices.filter { bestNet[row] - (gains[row][$0] - price * Double($0)) <= slack }
    }
    choices = GridOptimum.dynamicProgramming(gains, kept, units: units) ?? picked
  }

  private static func best(_ gain: [Double], _ hull: [Int], _ price: Double) -> (choice: Int, net: Double) {
    var choice = 0
    var net = gain[0]
    for index in hull where gain[index] - price * Double(index) > net {
      (choice, net) = (index, gain[index] - price * Double(index))
    }
    return (choice, net)
  }

  /// The lowest price at which the rows' best choices fit into `units`: bisection, as in `DualBound`.
  private static func price(_ gains: [[Double]], _ hulls: [[Int]], units: Int) -> Double {
    func demand(_ price: Double) -> Int { gains.indices.reduce(0) { $0 + best(gains[$1], hulls[$1], price).choice } }
    var low = 0.0
    guard demand(low) > units else { return low }
    var high = 1.0
    while demand(high) > units, high < 1e18 { high *= 4 }
    for _ in 0..<100 where high - low > 1e-15 * high {
      let middle = (low + high) / 2
      if demand(middle) > units { low = middle } else { high = middle }
    }
    return high
  }

  /// Indices of the upper concave hull of a row's gains.
  private static func hull(_ gain: [Double]) -> [Int] {
    var hull: [Int] = []
    for index in gain.indices {
      while hull.count > 1 {
        let a = hull[hull.count - 2]
        let b = hull[hull.count - 1]
        if (gain[b] - gain[a]) * Double(index - a) <= (gain[index] - gain[a]) * Double(b - a) {
          hull.removeLast()
        } else {
          break
        }
      }
      hull.append(index)
    }
    return hull
  }

  /// Spends units that are left where each next step (as long as it needs to be) pays best: a good division to start
  /// from.
  private static func fill(_ gains: [[Double]], _ picked: inout [Int], units: Int) {
    var left = units - picked.reduce(0, +)
    while left > 0 {
      var row = -1
      var length = 0
      var rate = 0.0
      for candidate in gains.indices {
        let gain = gains[candidate]
        let from = picked[candidate]
        for more in 1..<max(2, min(left, gain.count - 1 - from, 64) + 1) where from + more < gain.count {
          let now = (gain[from + more] - gain[from]) / Double(more)
          if now > rate { (row, length, rate) = (candidate, more, now) }
        }
      }
      guard row >= 0 else { return }
      picked[row] += length
      left -= length
    }
  }

  /// best[j] after each row: the highest gain with at most j units. Rows with one choice only move the offset.
  private static func dynamicProgramming(_ gains: [[Double]], _ kept: [[Int]], units: Int) -> [Int]? {
    let forced = kept.map { $0.count == 1 ? $0[0] : 0 }
    let free = units - forced.reduce(0, +)
    guard free >= 0, kept.allSatisfy({ !$0.isEmpty }) else { return nil }
    let open = kept.indices.filter { kept[$0].count > 1 }
    let width = free + 1
    var tables = [Double](repeating: 0, count: (open.count + 1) * width)
    tables.withUnsafeMutableBufferPointer { tables in
      for (place, row) in open.enumerated() {
        let before = place * width
        let after = before + width
        for j in 0..<width { tables[after + j] = -.infinity }
        for choice in kept[row] where choice <= free {
          let gain = gains[row][choice]
          for j in choice..<width {
            tables[after + j] = max(tables[after + j], tables[before + j - choice] + gain)
          }
        }
      }
    }
    var choices = forced
    var j = free
    for (place, row) in open.enumerated().reversed() {
      let before = place * width
      let wanted = tables[before + width + j]
      guard let choice = kept[row].first(where: { $0 <= j && tables[before + j - $0] + gains[row][$0] == wanted }),
        wanted > -.infinity
      else { return nil }
      choices[row] = choice
      j -= choice
    }
    return choices
  }
}
