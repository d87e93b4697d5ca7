internal import Foundation

/// From history and a total to a plan: fit, divide, and say how sure.
package enum BudgetPlanner {
  /// Deterministic: equal history, request and settings give an equal plan. Blocks. Throws when the panel has no rows
  /// or the bounds leave no division.
  package static func plan(
    _ panel: ResponsePanel, _ request: PlanRequest, settings: ResponseSettings = ResponseSettings()
  ) throws(AdvertisingError) -> BudgetPlan {
    var settings = settings
    settings.horizonWeeks = request.horizonWeeks
    return try plan(ResponseFitter.fit(panel, settings), request)
  }

  /// As above, from a model that was fitted before.
  package static func plan(
    _ model: ResponseModel, _ request: PlanRequest
  ) throws(AdvertisingError) -> BudgetPlan {
    let weeks = Double(request.horizonWeeks)
    let curves = parallelMap(model.rows.count) { row in
      let curve = model.curve(of: model.rows[row])
      return ResponseCurve(spend: curve.spend.map { $0 * weeks }, value: curve.value.map { $0 * weeks })
    }
    let floors = explorationFloors(request, rows: curves.count)
    let asked = request.bounds ?? []
    let rows = curves.indices.map { index in
      let bounds = index < asked.count ? asked[index] : PlanRequest.Bounds()
      let maximum = bounds.maximum ?? AdvertisingLimits.totalMinor
      return AllocationProblem.Row(
        curve: curves[index], minimum: max(bounds.minimum ?? 0, min(floors[index], maximum)), maximum: maximum)
    }
    let problem = try AllocationProblem(
      rows: rows, totalMinor: request.totalMinor, currency: request.currency)
    let allocation = BudgetAllocator.allocate(problem)
    let intervals = ReturnIntervals(model, weeklySpend: allocation.amounts.map { Double($0) / weeks }, request)
    let naive = Baselines.naive(model, totalMinor: request.totalMinor)
    let current = Baselines.current(model, totalMinor: request.totalMinor)
    let planned = model.rows.indices.map { index -> BudgetPlan.Row in
      let row = model.rows[index]
      let amount = allocation.amounts[index]
      // Where nearly all of a posterior's mass is at nothing, its mean lies beyond the quantiles.
      let expected = whole(curves[index](Double(amount)))
      return BudgetPlan.Row(
        row: row.row, amountMinor: amount, expectedReturnMinor: expected,
        lowMinor: min(expected, whole(intervals.low[index])), highMinor: max(expected, whole(intervals.high[index])),
        baseReturnMinor: whole(curves[index](0)), basis: row.basis,
        binding: binding(amount, asked: index < asked.count ? asked[index] : nil, floor: floors[index]),
        marginalReturn: curves[index].slope(Double(amount)), naiveMinor: naive[index],
        currentShareMinor: current[index], currentMinor: whole(row.currentSpendMinor * weeks),
        visitorsPerWeek: row.visitorsPerWeek, valuePerConversionMinor: row.valuePerConversion)
    }
    let expected = whole(allocation.value)
    return BudgetPlan(
      rows: planned, totalMinor: request.totalMinor, horizonWeeks: request.horizonWeeks,
      expectedReturnMinor: expected, lowMinor: min(expected, whole(intervals.totalLow)),
      highMinor: max(expected, whole(intervals.totalHigh)), baseReturnMinor: whole(curves.reduce(0) { $0 + $1(0) }),
      naiveReturnMinor: whole(problem.value(of: naive)), currentShareReturnMinor: whole(problem.value(of: current)),
      allocation: allocation, model: model)
  }

  /// Equal parts of the exploration share.
  private static func explorationFloors(_ request: PlanRequest, rows: Int) -> [Int64] {
    let reserved = Int64((Double(request.totalMinor) * request.explorationShare).rounded(.down))
    return LargestRemainder.split(reserved, by: [Double](repeating: 1, count: rows))
  }

  private static func binding(_ amount: Int64, asked: PlanRequest.Bounds?, floor: Int64) -> BudgetPlan.BindingRule {
    if let maximum = asked?.maximum, amount >= maximum { return .maximum }
    if let minimum = asked?.minimum, amount <= minimum, minimum >= floor, minimum > 0 { return .minimum }
    return amount <= floor && floor > 0 ? .exploration : .none
  }

  private static func whole(_ value: Double) -> Int64 {
    let limit = 0x1p62
    return value.isFinite ? Int64(min(max(value, -limit), limit).rounded()) : 0
  }
}
