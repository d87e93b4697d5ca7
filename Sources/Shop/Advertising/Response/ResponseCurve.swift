/// Expected value over weekly spend, as straight lines between knots; increasing, flat beyond the last knot.
package struct ResponseCurve: Sendable, Equatable {
  /// Weekly spend at the knots in minor units, increasing from 0.
  package let spend: [Double]
  /// Expected value at the knots, not decreasing.
  package let value: [Double]

  /// `spend` starts with 0 and rises, `value` has as many members and does not fall: what the fit makes.
  package init(spend: [Double], value: [Double]) {
    self.spend = spend
    self.value = value
  }

  package func callAsFunction(_ amount: Double) -> Double {
    guard let (knot, share) = place(of: amount) else { return value.last ?? 0 }
    return value[knot] + share * (value[knot + 1] - value[knot])
  }

  /// Value per further unit of spend just above `amount`; 0 beyond the last knot.
  package func slope(_ amount: Double) -> Double {
    guard let (knot, _) = place(of: amount) else { return 0 }
    return (value[knot + 1] - value[knot]) / (spend[knot + 1] - spend[knot])
  }

  /// Times `factor`.
  package func scaled(_ factor: Double) -> ResponseCurve {
    ResponseCurve(spend: spend, value: value.map { $0 * factor })
  }

  private func place(of amount: Double) -> (knot: Int, share: Double)? {
    guard spend.count > 1, let last = spend.last, amount < last else { return nil }
    guard amount > 0 else { return (0, 0) }
    var low = 0
    var high = spend.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if spend[middle] <= amount { low = middle } else { high = middle }
    }
    return (low, (amount - spend[low]) / (spend[high] - spend[low]))
  }
}
