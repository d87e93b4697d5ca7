/// How well the planner does on companies whose truth is known.
package enum AdvertisingEvaluation {
  /// One company's figures. Returns are incremental: what would come without any spend is left out of every ratio.
  package struct Outcome: Sendable {
    package let seed: UInt64
    package let family: String
    package let rows: Int
    package let oracleReturn: Double
    package let planReturn: Double
    package let naiveReturn: Double
    package let currentReturn: Double
    package let equalReturn: Double
    package let creditedReturn: Double
    /// Rows whose true expected return lies in its interval.
    package let rowsCovered: Int
    package let totalCovered: Bool
    /// Bound of how far the plan is from the best division of its own curves.
    package let optimizerGap: Double
    /// Time on the wall from the panel to the plan.
    package let planSeconds: Double

    package var planRatio: Double { planReturn / oracleReturn }
    /// Share of the way from the naive division to the oracle's; nil when there is nearly none to go (1 %).
    package var gapClosed: Double? {
      oracleReturn - naiveReturn > 0.01 * oracleReturn
        ? (planReturn - naiveReturn) / (oracleReturn - naiveReturn) : nil
    }
  }

  /// Figures of several companies.
  package struct Figures: Sendable {
    package let companies: Int
    /// Medians of return over the oracle's.
    package let planRatio: Double
    package let naiveRatio: Double
    package let currentRatio: Double
    package let equalRatio: Double
    package let creditedRatio: Double
    /// Tenth percentile of the plan's.
    package let planRatioLow: Double
    /// Share of companies in which the plan returns more than the naive division.
    package let betterThanNaive: Double
    package let betterThanCurrent: Double
    /// Median.
    package let gapClosed: Double
    /// Share of rows, and of totals, whose true expected return lies in the interval.
    package let rowCoverage: Double
    package let totalCoverage: Double
    package let largestOptimizerGap: Double
    /// Median time to make a plan, seconds; companies that are planned side by side share the processors.
    package let planSeconds: Double
  }

  package struct Summary: Sendable {
    package let intervalLevel: Double
    package let outcomes: [Outcome]
    package let overall: Figures
    /// By family name, in order of the name.
    package let families: [(family: String, figures: Figures)]
  }

  /// Plans for `count` companies, made one by one by `company(index)` (nil: left out), and sums up. Deterministic but
  /// for the time that plans take; companies run side by side.
  package static func run(
    count: Int, settings: ResponseSettings = ResponseSettings(), explorationShare: Double? = nil,
    intervalLevel: Double = 0.9, company: @escaping @Sendable (Int) -> HiddenCompany?
  ) -> Summary {
    let outcomes = parallelMap(count) { index in
      company(index).flatMap {
        outcome($0, settings: settings, explorationShare: explorationShare, intervalLevel: intervalLevel)
      }
    }.compactMap { $0 }
    let names = Set(outcomes.map(\.family)).sorted()
    return Summary(
      intervalLevel: intervalLevel, outcomes: outcomes, overall: figures(outcomes),
      families: names.map { name in (name, figures(outcomes.filter { $0.family == name })) })
  }

  /// Nil when no plan can be made, which a company with rows and weeks does not cause.
  package static func outcome(
    _ company: HiddenCompany, settings: ResponseSettings, explorationShare: Double? = nil, intervalLevel: Double
  ) -> Outcome? {
    let request = PlanRequest(
      totalMinor: company.totalMinor, horizonWeeks: company.horizonWeeks,
      explorationShare: explorationShare ?? PlanRequest.defaultExplorationShare, intervalLevel: intervalLevel,
      seed: company.seed)
    let began = ContinuousClock.now
    guard let plan = try? BudgetPlanner.plan(company.panel, request, settings: settings) else { return nil }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let amounts = plan.rows.map(\.amountMinor)
    let truth = company.expectedReturn(amounts.map { Double($0) })
    let covered = zip(plan.rows, truth).filter { Double($0.lowMinor) <= $1 && $1 <= Double($0.highMinor) }.count
    let total = truth.reduce(0, +)
    return Outcome(
      seed: company.seed, family: company.family, rows: amounts.count,
      oracleReturn: company.incrementalReturn(company.oracleMinor), planReturn: company.incrementalReturn(amounts),
      naiveReturn: company.incrementalReturn(plan.rows.map(\.naiveMinor)),
      currentReturn: company.incrementalReturn(plan.rows.map(\.currentShareMinor)),
      equalReturn: company.incrementalReturn(Baselines.equal(rows: amounts.count, totalMinor: company.totalMinor)),
      creditedReturn: company.incrementalReturn(Baselines.credited(company.panel, totalMinor: company.totalMinor)),
      rowsCovered: covered, totalCovered: Double(plan.lowMinor) <= total && total <= Double(plan.highMinor),
      optimizerGap: plan.allocation.gap, planSeconds: seconds)
  }

  package static func figures(_ outcomes: [Outcome]) -> Figures {
    let rows = outcomes.reduce(0) { $0 + $1.rows }
    let count = Double(max(outcomes.count, 1))
    func ratio(_ value: (Outcome) -> Double, at share: Double = 0.5) -> Double {
      quantile(outcomes.map { value($0) / $0.oracleReturn }, share)
    }
    return Figures(
      companies: outcomes.count, planRatio: ratio(\.planReturn), naiveRatio: ratio(\.naiveReturn),
      currentRatio: ratio(\.currentReturn), equalRatio: ratio(\.equalReturn), creditedRatio: ratio(\.creditedReturn),
      planRatioLow: ratio(\.planReturn, at: 0.1),
      betterThanNaive: Double(outcomes.filter { $0.planReturn > $0.naiveReturn }.count) / count,
      betterThanCurrent: Double(outcomes.filter { $0.planReturn > $0.currentReturn }.count) / count,
      gapClosed: quantile(outcomes.compactMap(\.gapClosed), 0.5),
      rowCoverage: Double(outcomes.reduce(0) { $0 + $1.rowsCovered }) / Double(max(rows, 1)),
      totalCoverage: Double(outcomes.filter(\.totalCovered).count) / count,
      largestOptimizerGap: outcomes.map(\.optimizerGap).max() ?? 0,
      planSeconds: quantile(outcomes.map(\.planSeconds), 0.5))
  }

  /// By linear interpolation; 0 of nothing.
  static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }
}
