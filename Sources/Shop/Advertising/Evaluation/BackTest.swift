/// How the planner would have done in the past: walk forward through a history, plan each period from the weeks before
/// it, and compare divisions of the money that was really spent then.
///
/// What another division would have returned was never observed. Where the truth is known (a simulation) it judges;
/// else the curves fitted to the whole history do, later weeks included, and the result says so: such a judge shares
/// the planner's assumptions. What needs no judge is `forecastError`: how far forecasts for the real spend were from
/// the real returns.
package enum BackTest {
  package enum Strategy: String, CaseIterable, Sendable {
    case plan, equal, naive, credited, current
  }

  package enum Judge: String, Sendable {
    case truth
    /// Curves fitted with hindsight.
    case hindsight
  }

  /// The known truth of a simulation.
  package struct Truth: Sendable {
    /// What advertising brings in these weeks (minor units) for a spend by row over all of them.
    package let incrementalReturn: @Sendable (Range<Int>, [Int64]) -> Double
    /// The best division of a total over these weeks.
    package let oracle: @Sendable (Range<Int>, Int64) -> [Int64]

    package init(
      incrementalReturn: @escaping @Sendable (Range<Int>, [Int64]) -> Double,
      oracle: @escaping @Sendable (Range<Int>, Int64) -> [Int64]
    ) {
      self.incrementalReturn = incrementalReturn
      self.oracle = oracle
    }
  }

  package struct Period: Sendable {
    package let weeks: Range<Int>
    package let totalMinor: Int64
    /// Incremental return of each strategy, in the order of `Strategy.allCases`.
    package let returns: [Double]
    /// Of the best division: the truth's, or that of the hindsight curves.
    package let bestReturn: Double
    /// Return forecast for the real spend, and what really came.
    package let forecastReturn: Double
    package let actualReturn: Double
  }

  package struct Result: Sendable {
    package let judge: Judge
    package let periods: [Period]

    package func total(_ strategy: Strategy) -> Double {
      let place = Strategy.allCases.firstIndex(of: strategy) ?? 0
      return periods.reduce(0) { $0 + $1.returns[place] }
    }

    package var bestTotal: Double { periods.reduce(0) { $0 + $1.bestReturn } }

    /// Share of the best return that a strategy missed; 0 is perfect.
    package func regret(_ strategy: Strategy) -> Double {
      bestTotal > 0 ? (bestTotal - total(strategy)) / bestTotal : 0
    }

    /// Mean of |forecast − actual| ÷ actual over periods with a return.
    package var forecastError: Double {
      let errors = periods.filter { $0.actualReturn > 0 }
        .map { abs($0.forecastReturn - $0.actualReturn) / $0.actualReturn }
      return errors.isEmpty ? 0 : errors.reduce(0, +) / Double(errors.count)
    }
  }

  /// Periods of `periodWeeks` follow each other from week `firstWeek` on; periods without spend are left out.
  /// Deterministic; blocks for one fit and one plan per period. Throws when the history is too short for one period.
  package static func run(
    _ panel: ResponsePanel, firstWeek: Int = AdvertisingLimits.weeksForResponse + 2, periodWeeks: Int = 4,
    settings: ResponseSettings = ResponseSettings(), explorationShare: Double = PlanRequest.defaultExplorationShare,
    truth: Truth? = nil
  ) throws(AdvertisingError) -> Result {
    guard periodWeeks > 0, firstWeek > 0, firstWeek + periodWeeks <= panel.weeks, !panel.rows.isEmpty else {
      throw AdvertisingError(
        .badInput,
        "\(panel.weeks) weeks of history for a first period of weeks \(firstWeek) to \(firstWeek + periodWeeks)",
        hint: "a back-test needs at least \(firstWeek + periodWeeks) weeks")
    }
    let hindsight = truth == nil ? ResponseFitter.fit(panel, settings) : nil
    var periods: [Period] = []
    for start in stride(from: firstWeek, through: panel.weeks - periodWeeks, by: periodWeeks) {
      let weeks = start..<start + periodWeeks
      let actual = panel.rows.indices.map { row in
        weeks.reduce(Int64(0)) { $0 + panel.observation(row, $1).spendMinor }
      }
      let total = actual.reduce(0, +)
      guard total > 0, total <= AdvertisingLimits.totalMinor else { continue }
      var settings = settings
      settings.horizonWeeks = periodWeeks
      let past = panel.weeks(0..<start)
      let model = ResponseFitter.fit(past, settings)
      let plan = try BudgetPlanner.plan(
        model,
        PlanRequest(
          totalMinor: total, horizonWeeks: periodWeeks, explorationShare: explorationShare, replicates: 50))
      let divisions = [
        plan.rows.map(\.amountMinor), Baselines.equal(rows: panel.rows.count, totalMinor: total),
        Baselines.naive(model, totalMinor: total), Baselines.credited(past, totalMinor: total),
        Baselines.current(model, totalMinor: total),
      ]
      let judged: [Double]
      let best: Double
      if let truth {
        judged = divisions.map { truth.incrementalReturn(weeks, $0) }
        best = truth.incrementalReturn(weeks, truth.oracle(weeks, total))
      } else if let hindsight {
        let problem = try Self.problem(hindsight, weeks: weeks, total: total)
        let without = problem.rows.reduce(0) { $0 + $1.curve(0) }
        judged = divisions.map { problem.value(of: $0) - without }
        best = BudgetAllocator.allocate(problem).value - without
      } else {
        continue
      }
      let forecast = model.rows.indices.reduce(0.0) { sum, row in
        let curve = model.curve(of: model.rows[row])
        return sum + curve(Double(actual[row]) / Double(periodWeeks)) * Double(periodWeeks)
      }
      let came = panel.rows.indices.reduce(0.0) { sum, row in
        weeks.reduce(sum) { $0 + Double(panel.observation(row, $1).revenueMinor) }
      }
      periods.append(
        Period(
          weeks: weeks, totalMinor: total, returns: judged, bestReturn: best, forecastReturn: forecast,
          actualReturn: came))
    }
    return Result(judge: truth == nil ? .hindsight : .truth, periods: periods)
  }

  /// The hindsight model's curves for past weeks, with the season those weeks had.
  private static func problem(
    _ model: ResponseModel, weeks: Range<Int>, total: Int64
  ) throws(AdvertisingError) -> AllocationProblem {
    let rows = model.rows.map { row -> AllocationProblem.Row in
      let season = model.season(of: row)
      let mean = weeks.reduce(0) { $0 + (season?.history[$1] ?? 1) } / Double(weeks.count)
      let curve = model.curve(of: row).scaled(mean / max(season?.factor ?? 1, 1e-9))
      let count = Double(weeks.count)
      return AllocationProblem.Row(
        curve: ResponseCurve(spend: curve.spend.map { $0 * count }, value: curve.value.map { $0 * count }))
    }
    return try AllocationProblem(rows: rows, totalMinor: total)
  }
}
