import TestSupport
import Testing

@testable import Simulator

@Suite struct AdvertisingWorldTests {
  @Test("a seed gives the same company every time, another seed another one") func seeded() {
    let plan = AdvertisingWorld.Plan(seed: 5, weeks: 20)
    let first = AdvertisingWorld(plan)
    #expect(first.observations == AdvertisingWorld(plan).observations)
    #expect(first.observations != AdvertisingWorld(.init(seed: 6, weeks: 20)).observations)
    #expect(first.observations.count == first.rows.count * 20)
    #expect(Set((1...40).map { AdvertisingWorld(.init(seed: $0, weeks: 2)).family }).count == 4)
  }

  @Test("companies have the sizes that were asked for") func sizes() {
    for seed: UInt64 in 1...30 {
      let world = AdvertisingWorld(.init(seed: seed, weeks: 8))
      #expect((2...6).contains(world.markets) && (3...8).contains(world.channels))
      #expect(world.observations.allSatisfy { $0.spendMinor >= 0 && $0.conversions <= $0.visitors })
      #expect(world.nextTotalMinor > 0)
    }
    let small = AdvertisingWorld(.init(seed: 1, weeks: 3, family: .threshold, markets: 3, channels: 2, scale: 0.1))
    #expect(small.rows.count == 6 && small.family == .threshold)
  }

  @Test("true curves rise from zero", arguments: AdvertisingWorld.Family.allCases)
  func curves(family: AdvertisingWorld.Family) {
    for row in AdvertisingWorld(.init(seed: 3, weeks: 1, family: family)).rows {
      let values = (0...50).map { row.curve.conversions(at: row.usualSpendMinor * Double($0) / 10) }
      #expect(values[0] == 0 && values[50] > 0)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
      if family == .threshold { #expect(row.curve.conversions(at: row.curve.threshold) == 0) }
    }
  }

  /// Goal: what is seen is what is true plus noise. Method: a year's conversions of all rows against their expectation.
  @Test("observed conversions scatter about the expected ones") func observations() {
    let world = AdvertisingWorld(.init(seed: 12, weeks: 52))
    var expected = 0.0
    for week in 0..<52 {
      let spend = world.rows.indices.map { Double(world.observations[$0 * 52 + week].spendMinor) }
      expected += world.expectedConversions(weeklySpend: spend, week: week).reduce(0, +)
    }
    let seen = Double(world.observations.reduce(0) { $0 + $1.conversions })
    #expect(abs(seen / expected - 1) < 0.03)
  }

  /// Goal: the oracle is the optimum. Method: two rows, and every thousandth of the total between them.
  @Test("the oracle finds what a scan of all divisions finds", arguments: AdvertisingWorld.Family.allCases)
  func oracle(family: AdvertisingWorld.Family) {
    for seed: UInt64 in 1...10 {
      let world = AdvertisingWorld(.init(seed: seed, weeks: 4, family: family, markets: 1, channels: 2))
      let total = world.nextTotalMinor
      let best =
        (0...1_000).map { share -> Double in
          let first = Double(total) * Double(share) / 1_000
          return world.incrementalReturn(spend: [first, Double(total) - first])
        }.max() ?? 0
      let oracle = world.oracle(totalMinor: total)
      #expect(oracle.spendMinor.reduce(0, +) == total)
      #expect(oracle.incrementalReturn >= best * 0.99999)
    }
  }

  @Test("no random division beats the oracle", arguments: 1...12 as ClosedRange<UInt64>)
  func oracleAgainstChance(seed: UInt64) {
    let world = AdvertisingWorld(.init(seed: seed, weeks: 4))
    let oracle = world.oracle(totalMinor: world.nextTotalMinor)
    var random = Random(seed: seed, stream: 7)
    for _ in 0..<300 {
      let shares = world.rows.map { _ in random.below(4) == 0 ? 0 : random.uniform(0, 1) }
      let sum = max(shares.reduce(0, +), 1e-9)
      let spend = shares.map { $0 / sum * Double(world.nextTotalMinor) }
      #expect(world.incrementalReturn(spend: spend) <= oracle.incrementalReturn)
    }
  }
}
