/// A seeded generator (SplitMix64): the same seed and stream give the same numbers on every machine.
struct Random {
  private var state: UInt64

  /// Each part of the simulation draws from a stream of its own, so that more log lines do not change the orders.
  init(seed: UInt64, stream: UInt64) {
    state = seed &* 0x9e37_79b9_7f4a_7c15 ^ (stream &+ 1) &* 0xd1b5_4a32_d192_ed03
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// 0 ..< bound; 0 for a bound below 1.
  mutating func below(_ bound: Int) -> Int {
    bound < 1 ? 0 : Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  mutating func chance(percent: Int) -> Bool { below(100) < percent }

  mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  /// Index into weights whose running sums are `cumulative`.
  mutating func index(cumulative: [Int]) -> Int {
    let point = below(cumulative.last ?? 0)
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > point { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// `count` distinct numbers of 0 ..< bound, in random order; fewer when the bound is smaller.
  mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
    var all = Array(0..<max(bound, 0))
    let taken = max(0, min(count, all.count))
    for position in 0..<taken {
      all.swapAt(position, position + below(all.count - position))
    }
    return Array(all.prefix(taken))
  }
}

func runningSums(_ weights: [Int]) -> [Int] {
  var sum = 0
  return weights.map {
    sum += $0
    return sum
  }
}
