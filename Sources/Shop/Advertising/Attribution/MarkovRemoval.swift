/// Removal effects in a first-order Markov chain of touches (Anderl, Becker, von Wangenheim and Schumann 2016, "Mapping
/// the customer journey", Int. J. of Research in Marketing 33(3)).
///
/// States: start, the channels, conversion and none; transitions are counted from the paths. With Q the transitions
/// between channels, the fundamental matrix N = (I − Q)⁻¹ gives the chance to convert from each channel and to ever
/// visit it. Leading a channel to "none" takes away exactly the journeys that would have come through it, so its
/// removal effect is P(visit) × P(convert from there), and no second solution is needed.
struct MarkovRemoval {
  /// Chance that a journey converts.
  let conversionProbability: Double
  /// By channel: the share of conversions that would be lost without it, 0...1. Together more than 1 in general.
  let removalEffects: [Double]

  init(_ paths: [AttributionPath], channels: Int) {
    // Columns: the channels, then conversion; what is missing to a row's sum went to none.
    var counts = [Double](repeating: 0, count: channels * (channels + 1))
    var totals = [Double](repeating: 0, count: channels)
    var starts = [Double](repeating: 0, count: channels)
    var journeys = 0.0
    for path in paths {
      guard let first = path.touches.first else { continue }
      journeys += 1
      starts[first.channel] += 1
      for (from, to) in zip(path.touches, path.touches.dropFirst()) {
        counts[from.channel * (channels + 1) + to.channel] += 1
        totals[from.channel] += 1
      }
      if let last = path.touches.last {
        totals[last.channel] += 1
        if path.converted { counts[last.channel * (channels + 1) + channels] += 1 }
      }
    }
    guard journeys > 0 else {
      conversionProbability = 0
      removalEffects = [Double](repeating: 0, count: channels)
      return
    }
    var matrix = [Double](repeating: 0, count: channels * channels)
    var converting = [Double](repeating: 0, count: channels)
    for from in 0..<channels {
      for to in 0..<channels {
        let share = totals[from] > 0 ? counts[from * (channels + 1) + to] / totals[from] : 0
        matrix[from * channels + to] = (from == to ? 1 : 0) - share
      }
      converting[from] = totals[from] > 0 ? counts[from * (channels + 1) + channels] / totals[from] : 0
    }
    let fundamental = inverse(matrix, size: channels)
    var fromChannel = [Double](repeating: 0, count: channels)
    var visits = fromChannel
    for from in 0..<channels {
      for to in 0..<channels {
        fromChannel[from] += fundamental[from * channels + to] * converting[to]
        visits[to] += starts[from] / journeys * fundamental[from * channels + to]
      }
    }
    let probability = (0..<channels).reduce(0) { $0 + starts[$1] / journeys * fromChannel[$1] }
    conversionProbability = probability
    removalEffects = (0..<channels).map { channel in
      // Expected visits over expected visits once there: the chance to get there at all.
      let reached = visits[channel] / max(fundamental[channel * channels + channel], 1)
      return probability > 0 ? max(0, reached * fromChannel[channel] / probability) : 0
    }
  }
}

/// The inverse of a `size` × `size` matrix by Gauss–Jordan elimination with partial pivoting. I − Q of an absorbing
/// chain is never singular; a pivot that rounding has made zero leaves zeros.
func inverse(_ matrix: [Double], size: Int) -> [Double] {
  var left = matrix
  var right = [Double](repeating: 0, count: size * size)
  for index in 0..<size { right[index * size + index] = 1 }
  for column in 0..<size {
    var pivot = column
    for row in column..<size where abs(left[row * size + column]) > abs(left[pivot * size + column]) { pivot = row }
    guard left[pivot * size + column] != 0 else { continue }
    if pivot != column {
      for index in 0..<size {
        left.swapAt(pivot * size + index, column * size + index)
        right.swapAt(pivot * size + index, column * size + index)
      }
    }
    let divisor = left[column * size + column]
    for index in 0..<size {
      left[column * size + index] /= divisor
      right[column * size + index] /= divisor
    }
    for row in 0..<size where row != column {
      let factor = left[row * size + column]
      guard factor != 0 else { continue }
      for index in 0..<size {
        left[row * size + index] -= factor * left[column * size + index]
        right[row * size + index] -= factor * right[column * size + index]
      }
    }
  }
  return right
}
