package import Advertising
internal import Simulator

/// The planner of budgets on simulated companies, whose response to advertising is known. Needs no workspace.
package struct PlannerTrial: Sendable {
  /// Each makes one company up. From 0.
  package var seeds: ClosedRange<Int>
  /// Of history that the planner sees.
  package var weeks: Int
  /// Of each budget that is divided equally over all rows, 0...1.
  package var explorationShare: Double
  /// Share of the time that intervals shall hold the truth, 0..<1.
  package var intervalLevel: Double
  /// Of each company, and channels in each market; nil: the seed decides.
  package var markets: Int?
  package var channels: Int?

  package init(
    seeds: ClosedRange<Int>, weeks: Int = 52, explorationShare: Double = PlanRequest.defaultExplorationShare,
    intervalLevel: Double = 0.9, markets: Int? = nil, channels: Int? = nil
  ) {
    self.seeds = seeds
    self.weeks = weeks
    self.explorationShare = explorationShare
    self.intervalLevel = intervalLevel
    self.markets = markets
    self.channels = channels
  }

  /// Plans for every company, and holds the plans against the best possible ones and against simple divisions. The same
  /// trial gives the same figures, but for the time that plans take. Blocks; companies run side by side.
  package func run() -> AdvertisingEvaluation.Summary {
    AdvertisingEvaluation.run(
      count: seeds.count, explorationShare: explorationShare, intervalLevel: intervalLevel
    ) { index in
      company(
        AdvertisingWorld.Plan(
          seed: UInt64(seeds.lowerBound + index), weeks: weeks, markets: markets, channels: channels))
    }
  }

  /// A simulated company as the planner sees it, and the truth as its judge.
  private func company(_ plan: AdvertisingWorld.Plan) -> HiddenCompany? {
    let world = AdvertisingWorld(plan)
    let rows = world.rows.map { ResponsePanel.Row(market: $0.market, channel: $0.channel) }
    let observations = world.observations.map {
      ResponseObservation(
        spendMinor: $0.spendMinor, visitors: $0.visitors, conversions: Double($0.conversions),
        revenueMinor: $0.revenueMinor)
    }
    guard let panel = try? ResponsePanel(rows: rows, weeks: world.plan.weeks, observations: observations) else {
      return nil
    }
    return HiddenCompany(
      seed: plan.seed, family: world.family.rawValue, panel: panel, totalMinor: world.nextTotalMinor,
      horizonWeeks: world.plan.horizonWeeks,
      oracleMinor: world.oracle(totalMinor: world.nextTotalMinor).spendMinor,
      expectedReturn: { world.expectedReturn(spend: $0) })
  }
}
