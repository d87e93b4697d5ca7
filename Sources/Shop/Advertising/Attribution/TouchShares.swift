internal import Foundation

/// The rules that look at one path at a time: last touch, first touch, linear, time decay.
enum TouchShares {
  /// Sums over converted paths by channel, of conversions and of revenue.
  static func sums(
    _ paths: [AttributionPath], channels: Int, model: AttributionModel, halfLifeSeconds: Int64
  ) -> (conversions: [Double], revenue: [Double]) {
    var conversions = [Double](repeating: 0, count: channels)
    var revenue = conversions
    for path in paths where path.converted {
      let weights = weights(of: path, model: model, halfLifeSeconds: halfLifeSeconds)
      let sum = weights.reduce(0, +)
      guard sum > 0 else { continue }
      for (touch, weight) in zip(path.touches, weights) {
        conversions[touch.channel] += weight / sum
        revenue[touch.channel] += weight / sum * Double(path.revenueMinor)
      }
    }
    return (conversions, revenue)
  }

  private static func weights(
    of path: AttributionPath, model: AttributionModel, halfLifeSeconds: Int64
  ) -> [Double] {
    let count = path.touches.count
    switch model {
    case .lastTouch: return (0..<count).map { $0 == count - 1 ? 1 : 0 }
    case .firstTouch: return (0..<count).map { $0 == 0 ? 1 : 0 }
    case .timeDecay:
      // Relative to the latest touch: the time from there to the conversion is a factor of all weights and cancels.
      let latest = Double(path.touches.map(\.seconds).max() ?? 0)
      return path.touches.map { exp2((Double($0.seconds) - latest) / Double(halfLifeSeconds)) }
    case .linear, .markov, .shapley: return [Double](repeating: 1, count: count)
    }
  }
}
