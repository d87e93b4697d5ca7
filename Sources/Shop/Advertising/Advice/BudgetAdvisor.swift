internal import Money

/// From history and a question to advice.
package enum BudgetAdvisor {
  /// Deterministic; blocks for about a second with 600 rows. Throws when no row can take money or bounds leave no
  /// division.
  package static func advise(
    _ history: AdvertisingHistory, _ question: BudgetQuestion, warnings: [String] = []
  ) throws(AdvertisingError) -> BudgetAdvice {
    let rows = plannable(history, question)
    guard !rows.isEmpty else {
      throw AdvertisingError(
        .badInput, "no market and channel has spend or visitors that money could be divided by",
        hint: "capture the web log and spend sheets first")
    }
    let panel = try panel(history, rows: rows, scale: scale(history, question), stretch: question.period.stretch)
    var settings = ResponseSettings()
    settings.horizonWeeks = question.period.weeks
    let model = ResponseFitter.fit(panel, settings)
    let keys = rows.map { history.rows[$0] }
    let (plan, bounds) = try Bounds.plan(model, keys: keys, question)
    let advised = zip(plan.rows, rows).enumerated().map { index, pair -> BudgetAdvice.Row in
      let (row, place) = pair
      return BudgetAdvice.Row(
        key: history.rows[place], amountMinor: row.amountMinor, expectedReturnMinor: row.expectedReturnMinor,
        lowMinor: row.lowMinor, highMinor: row.highMinor, baseReturnMinor: row.baseReturnMinor,
        naiveMinor: row.naiveMinor, currentMinor: row.currentMinor,
        basis: row.basis.code, binding: bounds[index] ?? row.binding.rawValue,
        reason: Reason.text(row, total: history.total(place), question, bound: bounds[index]))
    }
    return BudgetAdvice(
      question: question, rows: advised, expectedReturnMinor: plan.expectedReturnMinor, lowMinor: plan.lowMinor,
      highMinor: plan.highMinor, baseReturnMinor: plan.baseReturnMinor,
      gap: plan.allocation.gap, weeks: history.weeks, firstWeek: history.firstWeek,
      notes: try notes(history, panel, question) + boundNotes(plan, model, keys, question),
      warnings: warnings + [Cautions.range(history, rows: rows, question)].compactMap(\.self))
  }

  /// What the bound on changes costs, by the curves themselves.
  private static func boundNotes(
    _ plan: BudgetPlan, _ model: ResponseModel, _ keys: [AdvertisingHistory.RowKey], _ question: BudgetQuestion
  ) throws(AdvertisingError) -> [String] {
    guard let change = question.maxChange else { return [] }
    var free = question
    free.maxChange = nil
    let unbound = try Bounds.plan(model, keys: keys, free).0
    let cost = max(0, Double(unbound.expectedReturnMinor) / Double(max(plan.expectedReturnMinor, 1)) - 1)
    let tenths = Int64((min(cost, 1_000) * 1_000).rounded())
    return [
      "No row moves by more than \(Int64((change * 100).rounded())) % from its present share of the total (--max-change). By these curves, which nobody has tested out there, that bound costs \(tenths / 10).\(tenths % 10) % of the expected return."
    ]
  }

  /// Where money was spent, or a bound names, or, where spend is not known at all, where visitors come from.
  static func plannable(_ history: AdvertisingHistory, _ question: BudgetQuestion?) -> [Int] {
    let totals = history.rows.indices.map { history.total($0) }
    let anySpend = totals.contains { $0.spendMinor > 0 }
    let visitors = max(totals.reduce(0) { $0 + $1.visitors }, 1)
    return history.rows.indices.filter { index in
      let key = history.rows[index]
      guard !key.market.isEmpty, key.channel != AdvertisingHistory.directChannel, key.channel != "unknown" else {
        return false
      }
      if totals[index].spendMinor > 0 { return true }
      let isNamed = question?.bounds.contains { $0.isMinimum && $0.market == key.market && $0.channel == key.channel }
      if isNamed ?? false { return true }
      return !anySpend && totals[index].visitors * 100 >= visitors
    }
  }

  /// The weekly table that curves are fitted to. `scale`: units of the plan's currency for one of the base's, both
  /// minor.
  package static func panel(
    _ history: AdvertisingHistory, rows: [Int], scale: Double = 1, stretch: Double = 1
  ) throws(AdvertisingError) -> ResponsePanel {
    let markets = Array(Set(rows.map { history.rows[$0].market })).sorted()
    let channels = Array(Set(rows.map { history.rows[$0].channel })).sorted()
    var observations: [ResponseObservation] = []
    observations.reserveCapacity(rows.count * history.weeks)
    func amount(_ minor: Int64, _ factor: Double) -> Int64 {
      Int64(min(Double(minor) * factor, Double(AdvertisingLimits.totalMinor)).rounded())
    }
    for row in rows {
      for week in 0..<history.weeks {
        let cell = history.cell(row, week)
        observations.append(
          ResponseObservation(
            spendMinor: amount(cell.spendMinor, scale * stretch), visitors: amount(cell.visitors, stretch),
            conversions: Double(cell.orders) * stretch, revenueMinor: amount(cell.revenueMinor, scale * stretch)))
      }
    }
    return try ResponsePanel(
      rows: rows.map { row in
        ResponsePanel.Row(
          market: markets.firstIndex(of: history.rows[row].market) ?? 0,
          channel: channels.firstIndex(of: history.rows[row].channel) ?? 0)
      }, weeks: history.weeks, observations: observations)
  }

  /// The rows and the table of a back-test, in the base currency.
  package static func historyPanel(
    _ history: AdvertisingHistory
  ) throws(AdvertisingError) -> (rows: [AdvertisingHistory.RowKey], panel: ResponsePanel) {
    let rows = plannable(history, nil)
    return (rows.map { history.rows[$0] }, try panel(history, rows: rows))
  }

  static func scale(_ history: AdvertisingHistory, _ question: BudgetQuestion) -> Double {
    let base = history.query.baseCurrency
    if base == question.currency || question.rate <= 0 { return 1 }
    let decimals =
      Double(powerOfTen(Int(question.currency.exponent)) ?? 1) / Double(powerOfTen(Int(base.exponent)) ?? 1)
    return decimals / question.rate
  }

  private static func notes(
    _ history: AdvertisingHistory, _ panel: ResponsePanel, _ question: BudgetQuestion
  ) -> [String] {
    var notes = [
      "Return is revenue of orders credited to the last visit or lead before them (30 days back, direct visits only where there is nothing else); what would come without any spend stands beside it, as base. Correlation is not cause: treat large changes as tests."
    ]
    if panel.weeks < AdvertisingLimits.weeksForResponse {
      notes.append(
        "Only \(panel.weeks) weeks of history: too few for response curves. The plan rests on smoothed return per visitor."
      )
    }
    let quality = history.quality
    notes.append(
      "\(quality.ordersWithTouch) of \(quality.orders) orders have a visit or lead before them; the others are credited to nobody."
    )
    if question.currency != history.query.baseCurrency {
      notes.append(
        "History is converted at each day's rate into \(history.query.baseCurrency) and at the newest rate into \(question.currency)."
      )
    }
    return notes + Cautions.leftOut(quality, base: history.query.baseCurrency) + ChannelGaps.notes(history)
  }
}

/// Bounds on rows and on groups of rows.
enum Bounds {
  /// Bounds of single rows go to the allocator as they are. A group that the free optimum would leave outside its bound
  /// gets exactly the bound, divided inside as is best for it; for one group that is the optimum, for overlapping ones
  /// nearly so. Answers the plan, and by row the group bound that it obeys.
  static func plan(
    _ model: ResponseModel, keys: [AdvertisingHistory.RowKey], _ question: BudgetQuestion
  ) throws(AdvertisingError) -> (BudgetPlan, [Int: String]) {
    var bounds = [PlanRequest.Bounds](repeating: PlanRequest.Bounds(), count: keys.count)
    var groups: [BudgetQuestion.Bound] = []
    for bound in question.bounds {
      let members = keys.indices.filter { bound.covers(keys[$0]) }
      guard !members.isEmpty else {
        throw AdvertisingError(
          .badInput, "no row of the plan belongs to \(bound.name)",
          hint:
            "rows are markets and channels with spend so far; a minimum for MARKET/CHANNEL adds a row that has visitors"
        )
      }
      if members.count > 1 {
        groups.append(bound)
      } else if bound.isMinimum {
        bounds[members[0]].minimum = bound.amountMinor
      } else {
        bounds[members[0]].maximum = bound.amountMinor
      }
    }
    let changes = ChangeBounds(question, keys: keys, current: model.rows.map(\.currentSpendMinor))
    let inside = bounds.indices.map { changes?.within(bounds[$0], $0) ?? bounds[$0] }
    // Upper bounds first: what a lower bound then asks for is divided below them.
    var (plan, obeyed) = try solve(
      model, keys, question, inside, groups.filter { !$0.isMinimum } + groups.filter(\.isMinimum))
    if changes != nil, let share = question.maxChange {
      for (index, row) in plan.rows.enumerated() where obeyed[index] == nil {
        let (asked, held) = (bounds[index], inside[index])
        if row.amountMinor == held.maximum && asked.maximum != held.maximum
          || row.amountMinor == held.minimum && asked.minimum != held.minimum && row.binding != .exploration
        {
          obeyed[index] = "bound of \(Int64((share * 100).rounded())) % on changes"
        }
      }
    }
    return (plan, obeyed)
  }

  private static func solve(
    _ model: ResponseModel, _ keys: [AdvertisingHistory.RowKey], _ question: BudgetQuestion,
    _ asked: [PlanRequest.Bounds], _ groups: [BudgetQuestion.Bound]
  ) throws(AdvertisingError) -> (BudgetPlan, [Int: String]) {
    var bounds = asked
    var groups = groups
    let maxima = groups.filter { !$0.isMinimum }
    var obeyed: [Int: String] = [:]
    while true {
      let plan = try BudgetPlanner.plan(model, request(question, bounds))
      guard
        let broken = groups.first(where: { bound in
          let sum = keys.indices.reduce(Int64(0)) { $0 + (bound.covers(keys[$1]) ? plan.rows[$1].amountMinor : 0) }
          return bound.isMinimum ? sum < bound.amountMinor : sum > bound.amountMinor
        })
      else { return (plan, obeyed) }
      groups.removeAll { $0 == broken }
      var inside = bounds
      for index in keys.indices where !broken.covers(keys[index]) { inside[index] = PlanRequest.Bounds(maximum: 0) }
      var part = question
      part.totalMinor = broken.amountMinor
      let division = try solve(model, keys, part, inside, broken.isMinimum ? maxima : []).0
      for index in keys.indices where broken.covers(keys[index]) {
        let amount = division.rows[index].amountMinor
        if broken.isMinimum { bounds[index].minimum = amount } else { bounds[index].maximum = amount }
        obeyed[index] = "\(broken.isMinimum ? "minimum" : "maximum") for \(broken.name)"
      }
    }
  }

  private static func request(_ question: BudgetQuestion, _ bounds: [PlanRequest.Bounds]) -> PlanRequest {
    var request = PlanRequest(
      totalMinor: question.totalMinor, horizonWeeks: question.period.weeks, bounds: bounds,
      explorationShare: question.explorationShare)
    request.currency = question.currency
    return request
  }
}

/// Why a row gets what it gets, in plain words.
enum Reason {
  static func text(
    _ row: BudgetPlan.Row, total: AdvertisingHistory.Cell, _ question: BudgetQuestion, bound: String?
  ) -> String {
    let currency = question.currency
    func money(_ minor: Int64) -> String { currency.grouped(minor) }
    var parts: [String] = []
    let inputs = "\(groupedText(total.visitors)) visitors and \(groupedText(total.orders)) orders"
    switch row.basis {
    case .ownResponse(let weeks): parts.append("its own response over \(weeks) weeks (\(inputs))")
    case .pooledResponse(let weeks):
      parts.append("\(weeks) weeks (\(inputs)) say how much comes; how it bends is taken from its channel")
    case .noSpendHistory: parts.append("never spent on before (\(inputs)): judged by its visitors and its channel")
    case .valuePerVisitor(let weeks):
      parts.append("smoothed return per visitor, since \(weeks) weeks are too few for a curve (\(inputs))")
    }
    if row.marginalReturn.isFinite {
      let percent = Int64((row.marginalReturn * 100).rounded())
      parts.append("100 more would bring about \(groupedText(percent))")
    }
    if let bound {
      parts.append("held by the \(bound)")
    } else {
      switch row.binding {
      case .none: parts.append("no bound holds it")
      case .minimum: parts.append("held up by its minimum")
      case .maximum: parts.append("held down by its maximum")
      case .exploration: parts.append("kept at the exploration floor, so that it can still be learnt from")
      }
    }
    parts.append("\(change(row.amountMinor, row.currentMinor)) now (\(money(row.currentMinor)))")
    parts.append("\(change(row.amountMinor, row.naiveMinor)) its share of visitors (\(money(row.naiveMinor)))")
    return parts.joined(separator: "; ")
  }

  private static func change(_ amount: Int64, _ other: Int64) -> String {
    guard other > 0 else { return amount > 0 ? "new against" : "as" }
    let percent = Int64(((Double(amount) / Double(other) - 1) * 100).rounded())
    if percent == 0 { return "the same as" }
    return percent > 0 ? "\(groupedText(percent)) % more than" : "\(groupedText(-percent)) % less than"
  }
}
