import Simulator
import TestSupport
import Testing

@testable import Advertising

@Suite struct EvaluationTests {
  /// Goal: a change that spoils the planner is seen at once. Method: a dozen companies from the seeds it was tuned on, with
  /// bounds well below the figures measured; the held-out figures come from `millrace budget evaluate`.
  @Test("plans for a dozen companies come near the best and beat the naive share", arguments: [(52, 0.95), (8, 0.9)])
  func dozen(weeks: Int, ratio: Double) throws {
    let companies = try (1...12).map { try Samples.company(AdvertisingWorld(.init(seed: $0, weeks: weeks))) }
    let summary = AdvertisingEvaluation.run(count: 12) { companies[$0] }
    #expect(summary.overall.companies == 12)
    #expect(summary.families.reduce(0) { $0 + $1.figures.companies } == 12)
    #expect(summary.overall.planRatio > ratio)
    #expect(summary.overall.planRatio > summary.overall.naiveRatio)
    #expect(summary.overall.betterThanNaive >= 10 / 12.0)
    #expect((0.75...1).contains(summary.overall.rowCoverage))
    #expect(summary.overall.largestOptimizerGap < 0.01)
    #expect(summary.outcomes.allSatisfy { $0.planReturn <= $0.oracleReturn * 1.001 })
  }

  @Test("the same companies give the same figures") func deterministic() throws {
    let company = try Samples.company(AdvertisingWorld(.init(seed: 3, weeks: 12)))
    let first = AdvertisingEvaluation.run(count: 2) { _ in company }
    let second = AdvertisingEvaluation.run(count: 2) { _ in company }
    #expect(first.outcomes.map(\.planReturn) == second.outcomes.map(\.planReturn))
    #expect(first.outcomes[0].rowsCovered == first.outcomes[1].rowsCovered)
  }

  @Test("a back-test that knows the truth ranks the strategies and never beats the oracle") func backTestTruth() throws
  {
    let world = AdvertisingWorld(.init(seed: 6, weeks: 40, markets: 2, channels: 4))
    let result = try BackTest.run(
      try Samples.panel(world), firstWeek: 12, periodWeeks: 7,
      truth: BackTest.Truth(
        incrementalReturn: { weeks, amounts in
          world.incrementalReturn(spend: amounts.map { Double($0) }, weeks: weeks)
        }, oracle: { weeks, total in world.oracle(totalMinor: total, weeks: weeks).spendMinor }))
    #expect(result.judge == .truth)
    #expect(result.periods.map(\.weeks) == [12..<19, 19..<26, 26..<33, 33..<40])
    for strategy in BackTest.Strategy.allCases { #expect(result.regret(strategy) >= -0.001) }
    #expect(result.regret(.plan) < result.regret(.naive))
    #expect(result.regret(.plan) < result.regret(.equal))
    #expect(result.forecastError < 0.25)
  }

  @Test("a back-test without truth is judged with hindsight and says so") func backTestHindsight() throws {
    let world = AdvertisingWorld(.init(seed: 6, weeks: 24, markets: 2, channels: 3))
    let panel = try Samples.panel(world)
    let result = try BackTest.run(panel, firstWeek: 10, periodWeeks: 4)
    #expect(result.judge == .hindsight)
    #expect(result.periods.count == 3)
    for strategy in BackTest.Strategy.allCases { #expect(result.regret(strategy) >= 0) }
    let first = try #require(result.periods.first)
    let spent = panel.rows.indices.reduce(Int64(0)) { sum, row in
      (10..<14).reduce(sum) { $0 + panel.observation(row, $1).spendMinor }
    }
    #expect(first.totalMinor == spent)
    #expect(throws: AdvertisingError.self) { try BackTest.run(panel, firstWeek: 22, periodWeeks: 4) }
  }

  /// Goal: a back-test never looks ahead. Method: change the weeks after a period; what was planned for it must not move.
  @Test("a period's plan does not depend on later weeks") func noLookAhead() throws {
    let world = AdvertisingWorld(.init(seed: 9, weeks: 24, markets: 2, channels: 2))
    let panel = try Samples.panel(world)
    let changed = try ResponsePanel(
      rows: panel.rows, weeks: 24,
      observations: panel.observations.enumerated().map { place, seen in
        var seen = seen
        if place % 24 >= 16 {
          seen.revenueMinor *= Int64(1 + place / 24)
          seen.conversions *= Double(1 + place / 24)
        }
        return seen
      })
    let truth = BackTest.Truth(
      incrementalReturn: { _, amounts in amounts.reduce(0) { $0 * 1.01 + Double($1) } },
      oracle: { _, total in [total, 0, 0, 0] })
    let first = try BackTest.run(panel, firstWeek: 12, periodWeeks: 4, truth: truth)
    let second = try BackTest.run(changed, firstWeek: 12, periodWeeks: 4, truth: truth)
    #expect(first.periods[0].returns == second.periods[0].returns)
    #expect(first.periods[1].returns == second.periods[1].returns)
    #expect(first.periods[2].returns != second.periods[2].returns)
  }
}
