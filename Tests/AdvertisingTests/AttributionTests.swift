import Hashing
import TestSupport
import Testing

@testable import Advertising

@Suite struct AttributionTests {
  /// Goal: the rules give what they are defined to give. Method: values worked out with fractions in Python.
  @Test("touch rules credit what plain loops over fractions credit") func touchRules() throws {
    for example in try ExpectedNumbers.load().attribution {
      let result = try Attribution.compute(
        example.attributionPaths, channels: example.channels, halfLifeSeconds: example.halfLife)
      for (name, expected) in example.rules {
        let model = try #require(AttributionModel(rawValue: name))
        let credit = try #require(result.credit(model))
        for channel in 0..<example.channels {
          #expect(abs(Double(credit.conversionMillionths[channel]) - expected.conversions[channel] * 1e6) <= 1)
          #expect(abs(Double(credit.revenueMinor[channel]) - expected.revenue[channel]) <= 1)
        }
      }
    }
  }

  /// Goal: removal effects without a second solution are those of taking a channel out and solving again (SciPy).
  @Test("Markov removal effects equal those of solving again without the channel") func markov() throws {
    for example in try ExpectedNumbers.load().attribution {
      let chain = MarkovRemoval(example.attributionPaths, channels: example.channels)
      #expect(difference(chain.conversionProbability, example.markov.probability) < 1e-9)
      for channel in 0..<example.channels {
        #expect(difference(chain.removalEffects[channel], example.markov.removal[channel]) < 1e-9)
      }
    }
  }

  /// Goal: the linear algebra describes walks. Method: walk the chain of one example 200,000 times, with and without each
  /// channel; the shares must agree within four standard errors.
  @Test("Markov removal effects equal those of simulated walks") func markovWalks() throws {
    let example = try #require(try ExpectedNumbers.load().attribution.dropFirst().first)
    let paths = example.attributionPaths
    let chain = MarkovRemoval(paths, channels: example.channels)
    // Next states by state: the channels' own lists and, last, the start's; -1 converts, -2 does not.
    var next = [[Int]](repeating: [], count: example.channels + 1)
    for path in paths {
      let states = path.touches.map(\.channel) + [path.converted ? -1 : -2]
      next[example.channels].append(states[0])
      for (from, to) in zip(states, states.dropFirst()) { next[from].append(to) }
    }
    var generator = SplitMix64(seed: 5)
    func share(without removed: Int?) -> Double {
      let walks = 200_000
      var converted = 0
      for _ in 0..<walks {
        var state = example.channels
        while state >= 0 {
          state = next[state][Int(generator.unit() * Double(next[state].count))]
          if state == removed { state = -2 }
        }
        if state == -1 { converted += 1 }
      }
      return Double(converted) / Double(walks)
    }
    let error = 4 * (0.25 / 200_000).squareRoot()
    #expect(abs(share(without: nil) - chain.conversionProbability) < error)
    for channel in 0..<example.channels {
      let expected = chain.conversionProbability * (1 - chain.removalEffects[channel])
      #expect(abs(share(without: channel) - expected) < error)
    }
  }

  @Test("Shapley values equal the average over all orders of joining") func shapley() throws {
    for example in try ExpectedNumbers.load().attribution {
      let values = ShapleyValues(example.attributionPaths, channels: example.channels)
      for channel in 0..<example.channels {
        #expect(difference(values.conversions[channel], example.shapley.conversions[channel]) < 1e-9)
        #expect(difference(values.revenue[channel], example.shapley.revenue[channel]) < 1e-9)
      }
    }
  }

  /// Goal: the four axioms. Method: random games of five players, one of them a dummy, two of them alike.
  @Test("Shapley values keep efficiency, symmetry, dummy and additivity") func axioms() {
    var generator = SplitMix64(seed: 3)
    let players = 5
    func game() -> [Double] {
      var worth = (0..<1 << players).map { $0 == 0 ? 0 : generator.unit() * 10 + Double($0.nonzeroBitCount) * 20 }
      for set in worth.indices {
        // Player 4 adds nothing; players 0 and 1 are worth the same to everybody.
        if set & 16 != 0 { worth[set] = worth[set & ~16] }
        if set & 3 == 2 { worth[set] = worth[set ^ 3] }
      }
      for set in worth.indices where set & 16 != 0 { worth[set] = worth[set & ~16] }
      return worth
    }
    for _ in 0..<50 {
      let first = game()
      let second = game()
      let values = ShapleyValues.values(first, players)
      #expect(difference(values.reduce(0, +), first[31]) < 1e-12)
      #expect(difference(values[0], values[1]) < 1e-12)
      #expect(abs(values[4]) < 1e-12)
      let both = ShapleyValues.values(zip(first, second).map { $0 + $1 }, players)
      let other = ShapleyValues.values(second, players)
      for player in 0..<players { #expect(difference(both[player], values[player] + other[player]) < 1e-12) }
    }
  }

  /// Goal: the sums over sets are right for twelve channels too, where no permutation can be tried. Method: in this game each
  /// path's credit is divided equally between its distinct channels (Zhao, Mahboobi and Bagheri 2018).
  @Test("Shapley values of twelve channels divide each path equally between its channels") func shapleyTwelve() {
    let paths = Samples.paths(seed: 8, channels: 12, count: 500)
    var expected = [Double](repeating: 0, count: 12)
    for path in paths where path.converted {
      let set = Set(path.touches.map(\.channel))
      for channel in set { expected[channel] += 1 / Double(set.count) }
    }
    let values = ShapleyValues(paths, channels: 12).conversions
    for channel in 0..<12 { #expect(difference(values[channel], expected[channel]) < 1e-9) }
  }

  /// Goal: no conversion and no cent is lost by any model. Method: random paths, some without touches.
  @Test("every model's credit adds up to all conversions and all revenue") func sumsAreExact() throws {
    for seed: UInt64 in 1...30 {
      var paths = Samples.paths(seed: seed, channels: 1 + Int(seed % 9), count: 80)
      paths.append(AttributionPath(touches: [], converted: true, revenueMinor: 777))
      let result = try Attribution.compute(paths, channels: 1 + Int(seed % 9))
      #expect(result.credits.count == 6)
      #expect(result.unattributedMillionths == 1_000_000)
      #expect(result.unattributedRevenueMinor == 777)
      for credit in result.credits {
        #expect(
          credit.conversionMillionths.reduce(0, +) + result.unattributedMillionths == result.conversions * 1_000_000)
        #expect(credit.revenueMinor.reduce(0, +) + result.unattributedRevenueMinor == result.revenueMinor)
        #expect(credit.conversionMillionths.allSatisfy { $0 >= 0 })
      }
      for channel in 0..<result.channels {
        let all = result.credits.map { $0.revenueMinor[channel] }
        #expect(result.revenueSpread[channel] == all.max()! - all.min()!)
      }
    }
  }

  @Test("one channel alone gets everything from every model") func oneChannel() throws {
    let paths = (0..<5).map {
      AttributionPath(
        touches: [.init(channel: 1, seconds: 0), .init(channel: 1, seconds: 9)], converted: $0 < 3, revenueMinor: 100)
    }
    let result = try Attribution.compute(paths, channels: 3)
    for credit in result.credits {
      #expect(credit.conversionMillionths == [0, 3_000_000, 0])
      #expect(credit.revenueMinor == [0, 300, 0])
    }
    #expect(result.conversionSpread == [0, 0, 0])
  }

  @Test("thirteen channels are credited by all models but Shapley's") func tooManyForShapley() throws {
    let result = try Attribution.compute(Samples.paths(seed: 2, channels: 13, count: 100), channels: 13)
    #expect(result.credit(.shapley) == nil)
    #expect(result.credit(.markov) != nil)
  }

  @Test("paths that cannot be are refused") func refuses() {
    let touch = [AttributionPath.Touch(channel: 3, seconds: 0)]
    #expect(throws: AdvertisingError.self) {
      try Attribution.compute([.init(touches: touch, converted: true)], channels: 3)
    }
    #expect(throws: AdvertisingError.self) {
      try Attribution.compute([.init(touches: [], converted: true, revenueMinor: -1)], channels: 3)
    }
    #expect(throws: AdvertisingError.self) { try Attribution.compute([], channels: 3, halfLifeSeconds: 0) }
    #expect(throws: AdvertisingError.self) { try Attribution.compute([], channels: 10_000) }
    let rich = AttributionPath(touches: touch, converted: true, revenueMinor: .max)
    #expect(throws: AdvertisingError.self) { try Attribution.compute([rich, rich], channels: 4) }
  }

  @Test("no paths give no credit, and extreme times no trap") func extremes() throws {
    #expect(try Attribution.compute([], channels: 0).credits.allSatisfy { $0.revenueMinor.isEmpty })
    let path = AttributionPath(
      touches: [.init(channel: 0, seconds: .min), .init(channel: 1, seconds: .max)], converted: true, revenueMinor: 9)
    let decay = try #require(try Attribution.compute([path], channels: 2).credit(.timeDecay))
    #expect(decay.revenueMinor == [0, 9])
  }
}
