/// Exact Shapley values of channels (Shapley 1953): v(S) = conversions, and revenue, of the paths that touched no
/// channel outside S; a channel's value is what it adds to every set of others, averaged over all orders of joining.
///
/// v comes from the paths' channel sets by a subset sum over the lattice (zeta transform, n · 2^n additions); the
/// values from v in another n · 2^n. At most 12 channels.
struct ShapleyValues {
  let conversions: [Double]
  let revenue: [Double]

  init(_ paths: [AttributionPath], channels: Int) {
    let sets = 1 << channels
    var conversions = [Double](repeating: 0, count: sets)
    var revenue = conversions
    for path in paths where path.converted {
      let set = path.touches.reduce(0) { $0 | 1 << $1.channel }
      conversions[set] += 1
      revenue[set] += Double(path.revenueMinor)
    }
    self.conversions = ShapleyValues.values(ShapleyValues.subsetSums(conversions, channels: channels), channels)
    self.revenue = ShapleyValues.values(ShapleyValues.subsetSums(revenue, channels: channels), channels)
  }

  /// For every set the sum over its subsets.
  static func subsetSums(_ values: [Double], channels: Int) -> [Double] {
    var sums = values
    for channel in 0..<channels {
      let bit = 1 << channel
      for set in sums.indices where set & bit != 0 { sums[set] += sums[set ^ bit] }
    }
    return sums
  }

  /// Shapley values of the game `worth`, by set.
  static func values(_ worth: [Double], _ channels: Int) -> [Double] {
    // |S|! (n − |S| − 1)! / n! by size of S: 1 / (n · C(n − 1, |S|)).
    var weights: [Double] = []
    var choose = 1.0
    for size in 0..<channels {
      weights.append(1 / (Double(channels) * choose))
      choose = choose * Double(channels - 1 - size) / Double(size + 1)
    }
    return (0..<channels).map { channel in
      let bit = 1 << channel
      var value = 0.0
      for set in worth.indices where set & bit == 0 {
        value += weights[set.nonzeroBitCount] * (worth[set | bit] - worth[set])
      }
      // Rounding can leave a dummy a hair below zero.
      return max(0, value)
    }
  }
}
