import Foundation
import Hashing
import Simulator
import TestSupport
import Testing

@testable import Advertising

@Suite struct ResponseTests {
  /// Goal: shapes are what their names say. Method: SciPy's distribution functions (Hill's is the log-logistic's).
  @Test("curve shapes equal SciPy's functions") func shapes() throws {
    for example in try ExpectedNumbers.load().shapes {
      let shape = ShapeLibrary.Shape(
        family: try #require(ShapeLibrary.Family(rawValue: example.family)), kappa: example.kappa,
        exponent: example.exponent, threshold: example.threshold, base: example.base)
      for (level, expected) in zip(example.levels, example.response) {
        #expect(difference(shape.response(level), expected) < 1e-12, "\(example.family) at \(level)")
      }
    }
  }

  @Test("every tabulated curve rises from its base through 1 at usual spend") func library() {
    let library = ShapeLibrary.standard
    let count = library.shapes.count
    #expect(difference(library.prior.reduce(0, +), 1) < 1e-12)
    for (index, shape) in library.shapes.enumerated() {
      let curve = library.levels.indices.map { library.table[$0 * count + index] }
      #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(difference(curve[0], shape.base) < 1e-12)
      let (knot, share) = library.position(of: 1)
      #expect(abs(curve[knot] + share * (curve[knot + 1] - curve[knot]) - 1) < 1e-9)
      #expect(library.logEfficiency[index].isFinite)
    }
    for level in [0, 0.01, 0.031, 0.0313, 0.5, 1, 1.0001, 2, 63.99, 64, 1e12] {
      let (knot, share) = library.position(of: level)
      #expect((0...1).contains(share) && knot + 1 < library.levels.count)
      let back = library.levels[knot] + share * (library.levels[knot + 1] - library.levels[knot])
      #expect(difference(back, min(level, 64)) < 1e-9)
    }
  }

  /// Goal: weights and amplitudes are Bayes'. Method: numerical integration of likelihood × prior in SciPy.
  @Test("shape weights and amplitudes equal integrals of the likelihood") func posterior() throws {
    let example = try ExpectedNumbers.load().posterior
    let count = example.profiles.count
    let result = ShapePosterior(
      prior: [Double](repeating: 1 / Double(count), count: count),
      logLikelihood: example.profiles.map { profile in zip(example.counts, profile).reduce(0) { $0 + $1.0 * log($1.1) }
      },
      expected: example.profiles.map { $0.reduce(0, +) }, conversions: example.counts.reduce(0, +),
      priorMeans: [Double](repeating: example.priorMean, count: count), precision: example.precision, levelNoise: 1,
      profileNoise: 1)
    for shape in 0..<count {
      #expect(abs(result.weights[shape] - example.weights[shape]) < 1e-7)
      #expect(difference(result.alpha / result.rates[shape], example.amplitudes[shape]) < 1e-7)
    }
  }

  /// Goal: a row learns from its channel's other rows, and its own data are not counted twice. Method: SciPy's integral over
  /// the channel's effect, with each row left out in turn; the sum over places may miss the 0.3 % beyond them.
  @Test("priors from a channel's other rows equal integrals over its effect") func pooling() throws {
    let example = try ExpectedNumbers.load().pooling
    let scores = ShapePooling.normalScores(example.elasticity, weights: example.company)
    for (score, expected) in zip(scores, example.scores) { #expect(abs(score - expected) < 1e-9) }
    let priors = ShapePooling.priors(
      company: example.company, scores: scores, likelihoods: example.likelihoods, groupOf: example.groups, groups: 3,
      commonShare: example.commonShare)
    for (prior, expected) in zip(priors, example.priors) {
      for (weight, wanted) in zip(prior, expected) { #expect(abs(weight - wanted) < 0.002) }
    }
    let apart = ShapePooling.priors(
      company: example.company, scores: scores, likelihoods: example.likelihoods, groupOf: example.groups, groups: 3,
      commonShare: 0)
    #expect(apart.allSatisfy { $0 == example.company })
  }

  @Test("design effects are those of an AR(1) covariance matrix") func designEffects() throws {
    for example in try ExpectedNumbers.load().designEffects {
      let effect = SerialCorrelation.designEffect(correlation: example.correlation, count: example.count)
      #expect(difference(effect, example.effect) < 1e-12)
    }
    #expect(SerialCorrelation.designEffect(correlation: 0.6, count: 0) == 1)
  }

  /// Goal: diluted visitors are told apart from response. Method: SciPy's optimiser over all parameters at once.
  @Test("dilution is that of a general optimiser") func dilution() throws {
    let example = try ExpectedNumbers.load().dilution
    let rows = example.spend.count / example.weeks
    let panel = try ResponsePanel(
      rows: (0..<rows).map { .init(market: $0, channel: 0) }, weeks: example.weeks,
      observations: example.spend.indices.map {
        .init(
          spendMinor: example.spend[$0], visitors: example.visitors[$0], conversions: example.conversions[$0],
          revenueMinor: 0)
      })
    let references = RowInput.references(panel, channelOf: [Int](repeating: 0, count: rows), channels: 1)
    let signal = ConversionSignal(panel, references: references, ignoresSpend: false)
    // The common weeks' factors, which the optimiser does not have, take up a little of it.
    #expect(abs(signal.dilution - example.delta) < 0.02)
    for row in 0..<rows {
      let range = row * example.weeks..<(row + 1) * example.weeks
      #expect(difference(signal.counts[range].reduce(0, +), example.conversions[range].reduce(0, +)) < 1e-9)
    }
  }

  /// Goal: with clean data the curve is found, whatever its family. Method: exact conversions over widely varied spend; the
  /// fitted curve must lie within 8 % of the truth where spend was seen (peers and prior round off its corner).
  @Test("a clean curve is found again", arguments: ShapeLibrary.Family.allCases)
  func recovers(family: ShapeLibrary.Family) throws {
    let shape = ShapeLibrary.Shape(
      family: family, kappa: 0.6, exponent: 1, threshold: family == .threshold ? 0.45 : 0, base: 0)
    let levels = [0.6, 1.5, 1.0, 0.7, 1.3, 0.8, 1.9, 0.5, 1.1, 0.6]
    let panel = try Samples.exactPanel(
      rows: 6, channels: 3, weeks: 40, spend: { row, week in Int64(100_000 * levels[(week + row * 3) % 10]) },
      response: { row, _, spend in 200 * Double(row + 1) * shape.response(spend / 100_000) })
    let model = ResponseFitter.fit(panel)
    for (index, row) in model.rows.enumerated() {
      #expect(row.basis == .ownResponse(weeks: 40))
      let curve = model.curve(of: row)
      for level in [0.6, 0.8, 1, 1.3, 1.8] {
        let expected = 200 * Double(index + 1) * shape.response(level) * 5_000
        #expect(abs(curve(level * 100_000) / expected - 1) < 0.08, "\(family) at \(level)")
      }
    }
  }

  /// Goal: a holiday is not taken for response. Method: spend follows a season that alone moves conversions.
  @Test("seasons are found and kept apart from response") func season() throws {
    let season = (0..<52).map { 1 + 0.4 * sin(2 * .pi * Double($0) / 52) }
    // Half of the rows follow the season with their spend, the others do not: common demand can be told.
    let panel = try Samples.exactPanel(
      rows: 8, channels: 4, weeks: 52,
      spend: { row, week in
        let own = 1 + 0.3 * Double((week * 7 + row * 3) % 5 - 2) / 2
        return Int64(100_000 * own * (row % 2 == 0 ? season[week] : 1))
      },
      response: { _, week, spend in 150 * season[week] * (spend / 100_000).squareRoot() })
    let model = ResponseFitter.fit(panel)
    for week in 0..<52 {
      #expect(abs(model.seasons[0].history[week] - season[week]) < 0.08)
    }
    let curve = model.curve(of: model.rows[0])
    let ratio = curve(140_000) / curve(70_000)
    #expect(abs(ratio - 2.0.squareRoot()) < 0.12)
  }

  @Test("too few weeks, or no spend, fall back to value per visitor and say so") func fallback() throws {
    let world = AdvertisingWorld(.init(seed: 4, weeks: 5))
    let short = ResponseFitter.fit(try Samples.panel(world))
    #expect(short.rows.allSatisfy { $0.basis == .valuePerVisitor(weeks: 5) })
    let unpaid = try Samples.exactPanel(
      rows: 4, channels: 2, weeks: 20, spend: { _, _ in 0 }, response: { row, _, _ in Double(10 * (row + 1)) })
    let model = ResponseFitter.fit(unpaid)
    #expect(model.rows.allSatisfy { $0.basis == .valuePerVisitor(weeks: 20) })
    // Twice the conversions, twice the value.
    #expect(abs(model.rows[1].expectedAmplitude / model.rows[0].expectedAmplitude - 2) < 0.2)
    let plan = try BudgetPlanner.plan(unpaid, PlanRequest(totalMinor: 1_000_000))
    #expect(plan.rows.reduce(0) { $0 + $1.amountMinor } == 1_000_000)
    #expect(plan.rows[3].amountMinor > plan.rows[0].amountMinor)
  }

  @Test("a row's basis says how much of its own it has") func basis() throws {
    let panel = try Samples.exactPanel(
      rows: 4, channels: 2, weeks: 20,
      spend: { row, week in row == 0 ? 0 : row == 1 ? 50_000 : 50_000 + Int64(week % 5) * 10_000 },
      response: { row, _, spend in row == 3 ? 0.5 : 10 + spend / 10_000 })
    let model = ResponseFitter.fit(panel)
    #expect(
      model.rows.map(\.basis)
        == [.noSpendHistory, .pooledResponse(weeks: 20), .ownResponse(weeks: 20), .pooledResponse(weeks: 20)])
    #expect(model.rows[0].referenceSpendMinor > 0)
  }

  /// Goal: no history traps or gives anything but finite numbers. Method: empty, zero, single and enormous entries.
  @Test("odd histories give finite curves", arguments: 1...15 as ClosedRange<UInt64>)
  func odd(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let rows = Int(generator.next() % 7) + 1
    let weeks = Int(generator.next() % 30)
    let panel = try ResponsePanel(
      rows: (0..<rows).map { .init(market: $0 % 2, channel: $0 / 2) }, weeks: weeks,
      observations: (0..<rows * weeks).map { _ in
        .init(
          spendMinor: generator.next() % 3 == 0 ? 0 : Int64(generator.next() >> (14 + generator.next() % 45)),
          visitors: generator.next() % 3 == 0 ? 0 : Int64(generator.next() >> (20 + generator.next() % 40)),
          conversions: generator.next() % 2 == 0 ? 0 : generator.unit() * 100,
          revenueMinor: Int64(generator.next() >> 30) - (generator.next() % 5 == 0 ? 1 << 33 : 0))
      })
    let model = ResponseFitter.fit(panel)
    for row in model.rows {
      let curve = model.curve(of: row)
      #expect(curve.value.allSatisfy { $0.isFinite && $0 >= 0 })
      #expect(zip(curve.value, curve.value.dropFirst()).allSatisfy { $0 <= $1 })
    }
    let plan = try BudgetPlanner.plan(panel, PlanRequest(totalMinor: 12_345))
    #expect(plan.rows.reduce(0) { $0 + $1.amountMinor } == 12_345)
  }

  @Test("panels that contradict themselves are refused") func refuses() {
    let seen = ResponseObservation(spendMinor: 1, visitors: 1, conversions: 1, revenueMinor: 1)
    let row = ResponsePanel.Row(market: 0, channel: 0)
    #expect(throws: AdvertisingError.self) { try ResponsePanel(rows: [row], weeks: 2, observations: [seen]) }
    #expect(throws: AdvertisingError.self) {
      try ResponsePanel(rows: [row, row], weeks: 1, observations: [seen, seen])
    }
    for bad in [
      ResponseObservation(spendMinor: -1, visitors: 1, conversions: 1, revenueMinor: 1),
      ResponseObservation(spendMinor: 1, visitors: 1, conversions: .nan, revenueMinor: 1),
      ResponseObservation(spendMinor: .max, visitors: 1, conversions: 1, revenueMinor: 1),
    ] {
      #expect(throws: AdvertisingError.self) { try ResponsePanel(rows: [row], weeks: 1, observations: [bad]) }
    }
  }

  /// Goal: draws are those of the distributions they are named for. Method: means and variances within five standard errors.
  @Test("the generator's gamma and normal draws have their moments") func draws() {
    var generator = SplitMix64(seed: 9)
    let count = 100_000
    for shape in [0.3, 1, 4.5, 80] {
      let values = (0..<count).map { _ in generator.gamma(shape) }
      let mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      #expect(abs(mean - shape) < 5 * (shape / Double(count)).squareRoot())
      #expect(abs(variance / shape - 1) < 5 * ((2 + 6 / shape) / Double(count)).squareRoot())
    }
    let normals = (0..<count).map { _ in generator.normal() }
    #expect(abs(normals.reduce(0, +) / Double(count)) < 5 / Double(count).squareRoot())
    #expect(abs(normals.reduce(0) { $0 + $1 * $1 } / Double(count) - 1) < 5 * (2 / Double(count)).squareRoot())
  }
}
