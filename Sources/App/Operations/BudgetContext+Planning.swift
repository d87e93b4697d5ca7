package import Advertising
internal import Capture
internal import Concurrency
internal import Entity
internal import Events
internal import Failures
internal import Marts
internal import Money
internal import Pipeline
internal import Privacy
internal import ShopSources
internal import Workspace

/// Plans: made from history, recorded in the log.
extension BudgetContext {
  /// A plan with what it was made from.
  package struct Plan {
    package var advice: BudgetAdvice
    package var history: AdvertisingHistory
  }

  /// Throws `BudgetRefusal` where data are stale, gapped or too thin; `isForced`: such a plan then carries these as
  /// warnings. The question's rate is filled in here.
  package func plan(_ question: BudgetQuestion, isForced: Bool) throws -> Plan {
    var question = question
    guard question.period.last >= asOf else {
      throw BudgetRefusal([
        "the period \(question.period.name) is over: its last day was \(question.period.last); ask for one to come"
      ])
    }
    guard question.period.first <= asOf.adding(months: 12) else {
      throw BudgetRefusal([
        "the period \(question.period.name) begins on \(question.period.first), more than a year ahead: history says "
          + "nothing of that; ask for one within a year"
      ])
    }
    var warnings = try unfitness()
    let reader: AdvertisingReader
    do {
      reader = try self.reader()
    } catch let error as MartError where error.kind == .missing {
      // Without its marts there is nothing to force a plan from.
      throw BudgetRefusal(warnings.isEmpty ? ["\(error)"] : warnings)
    }
    guard let rate = try reader.newestRate(of: question.currency, base: base, until: asOf) else {
      throw Failure(.usage, "there is no exchange rate for \(question.currency) yet; give --currency \(base)")
    }
    question.rate = rate
    var history = try reader.read(query())
    try addRefusedSpend(to: &history, reader)
    warnings += Readiness.missing(in: history)
    if !warnings.isEmpty, !isForced { throw BudgetRefusal(warnings, canBeForced: true) }
    // Nothing that a plan could not be made in spite of.
    if question.period.first < asOf {
      warnings.append(
        "the period \(question.period.name) began on \(question.period.first): what was spent in it by now is part of "
          + "the total")
    }
    return Plan(advice: try BudgetAdvisor.advise(history, question, warnings: warnings), history: history)
  }

  /// Spend that capture has refused stands in no mart; what it knows of the amounts is told all the same.
  private func addRefusedSpend(to history: inout AdvertisingHistory, _ reader: AdvertisingReader) throws {
    let sheets = Set(configuration.sources.filter { $0.kind == "spend" }.map(\.name))
    var sums: [String: (minor: Int64, rows: Int)] = [:]
    for refused in try workspace.openRejections() where sheets.contains(refused.event.source) {
      guard let amount = refused.amount, let currency = Currency(amount.currency) else {
        history.quality.unreadableSpendRows += 1
        continue
      }
      // In the base currency where there is a rate, as all other spend.
      let rate = try reader.newestRate(of: currency, base: base, until: asOf)
      let known = rate.map { rate in
        let units = Double(amount.minor) / Self.minorPerUnit(currency) * rate * Self.minorPerUnit(base)
        return (base.code, Int64(units.rounded()))
      }
      let (code, minor) = known ?? (currency.code, amount.minor)
      sums[code, default: (0, 0)].minor &+= minor
      sums[code, default: (0, 0)].rows += 1
    }
    history.quality.spendLeftOut += sums.sorted { $0.key < $1.key }.map { code, sum in
      AdvertisingHistory.LeftOutSpend(lacks: .refused, currency: code, amountMinor: sum.minor, rows: sum.rows)
    }
  }

  private static func minorPerUnit(_ currency: Currency) -> Double {
    (0..<currency.exponent).reduce(1.0) { product, _ in product * 10 }
  }

  /// Appends the plan to the log, for a later review. `role`: in what role it was asked for; a word or two, no name.
  package func record(_ plan: Plan, by role: String) throws {
    // A name or an address has no place in the log.
    guard !role.isEmpty, role.utf8.count <= 64, !role.contains("@") else {
      throw Failure(.usage, "--by takes a role such as 'marketing', at most 64 bytes and no address")
    }
    let (advice, question) = (plan.advice, plan.advice.question)
    let decision = Decision(
      kind: Decision.recommendation, by: role,
      inputs: plan.history.positions.map {
        LogPosition(topic: $0.topic, partition: $0.partition, nextOffset: $0.nextOffset)
      },
      recommendation: Recommendation(
        period: question.period.name, firstDate: question.period.first, lastDate: question.period.last,
        currency: question.currency.code, totalMinor: question.totalMinor,
        expectedReturnMinor: advice.expectedReturnMinor, lowMinor: advice.lowMinor, highMinor: advice.highMinor,
        warning: advice.warnings.joined(separator: "; "),
        rows: advice.rows.map {
          Recommendation.Row(
            market: $0.key.market, channel: $0.key.channel, amountMinor: $0.amountMinor,
            expectedReturnMinor: $0.expectedReturnMinor, lowMinor: $0.lowMinor, highMinor: $0.highMinor,
            // A plan of all rows stays within one record of the log.
            reason: String($0.reason.prefix(256)))
        }))
    let keyring = try workspace.keyring()
    try DecisionRecorder.record(
      decision, at: now, workspace: workspace.folder, partitions: configuration.partitions,
      log: workspace.openWritableLog(configuration, stop: StopFlag()), keyring: keyring,
      vault: workspace.vaultToRead(keyring))
  }
}
