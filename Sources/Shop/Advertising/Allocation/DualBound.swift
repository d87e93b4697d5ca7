/// The Lagrangian dual of an allocation problem: what a price on money says the best value can be at most.
///
/// For any price λ ≥ 0, λ · total + Σ_r max_x (f_r(x) − λ x) bounds every division from above (Everett 1963); its
/// minimum over λ equals the optimum of the rows' concave envelopes. Curves are straight between knots, so each row's
/// maximum lies at a knot or a bound and the result is exact up to rounding.
package struct DualBound: Sendable {
  package let value: Double
  package let price: Double

  package init(_ problem: AllocationProblem) {
    let candidates = problem.rows.map { row -> (spend: [Double], value: [Double]) in
      let low = Double(row.minimum)
      let high = Double(row.maximum)
      let spend = [low] + row.curve.spend.filter { $0 > low && $0 < high } + (high > low ? [high] : [])
      return (spend, spend.map { row.curve($0) })
    }
    let total = Double(problem.totalMinor)
    func dual(_ price: Double) -> (value: Double, spend: Double) {
      var value = price * total
      var sum = 0.0
      for row in candidates {
        var best = -Double.infinity
        var spend = 0.0
        for index in row.spend.indices {
          let net = row.value[index] - price * row.spend[index]
          // The least spend among equals.
          if net > best { (best, spend) = (net, row.spend[index]) }
        }
        value += best
        sum += spend
      }
      return (value, sum)
    }
    var low = 0.0
    var high = 1.0
    while dual(high).spend > total, high < 1e18 { high *= 4 }
    var best = min(dual(low).value, dual(high).value)
    var bestPrice = dual(low).value < dual(high).value ? low : high
    // The dual is convex in the price; where rows would spend more than the total, the price is too low.
    for _ in 0..<100 where high - low > 1e-15 * high {
      let middle = (low + high) / 2
      let (value, spend) = dual(middle)
      if value < best { (best, bestPrice) = (value, middle) }
      if spend > total { low = middle } else { high = middle }
    }
    value = best
    price = bestPrice
  }
}
