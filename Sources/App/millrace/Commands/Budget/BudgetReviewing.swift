internal import Advertising
internal import Money
internal import Text
internal import Workspace

/// `millrace budget review`: recorded plans against what came.
enum BudgetReviewing {
  static func run(_ context: BudgetContext) throws -> ExitCode {
    let reader = try context.reader()
    let plans = try reader.recommendations()
    // Of several plans for one period the newest counts.
    var periods: Set<String> = []
    let newest = plans.filter { periods.insert("\($0.first)..\($0.last)").inserted }
    guard !newest.isEmpty else {
      return context.refuse(
        "review", ["no plan was recorded yet: millrace budget plan … records one, millrace project brings it here"])
    }
    var rows: [[BudgetTable.Value]] = []
    var summaries: [JSON] = []
    var sentences: [String] = []
    let query = try context.query()
    for plan in newest {
      let review = try review(plan, reader, query, context)
      rows += review.rows.map { row in
        [
          .text(plan.period), .text(row.key.market), .text(row.key.channel), .integer(row.plannedMinor),
          .integer(row.spentMinor), .integer(row.expectedReturnMinor), .integer(row.lowMinor), .integer(row.highMinor),
          .integer(row.returnedMinor), .text(row.verdict.rawValue), .text(plan.currency),
        ]
      }
      summaries.append(summary(review))
      sentences.append(sentence(review))
    }
    BudgetTable(
      name: "review", currency: Currency(newest[0].currency) ?? context.base,
      columns: [
        .init("period", .text), .init("market", .text), .init("channel", .text), .init("planned_minor", .money),
        .init("spent_minor", .money), .init("expected_return_minor", .money), .init("low_minor", .money),
        .init("high_minor", .money), .init("returned_minor", .money), .init("verdict", .text),
        .init("row_currency", .text),
      ], rows: rows, extra: [("plans", .array(summaries))], before: sentences,
      after: [
        "An interval is for the whole period; while it runs nothing is judged. Returns are credited to the last visit or lead, as in the plan."
      ]
    ).print(context.format)
    return .ok
  }

  private static func review(
    _ plan: RecordedPlan, _ reader: AdvertisingReader, _ query: AdvertisingQuery, _ context: BudgetContext
  ) throws -> BudgetReview {
    let last = min(plan.last, context.asOf)
    let history =
      plan.first <= last ? try reader.readDays(plan.first...last, query) : nil
    let rate = try Currency(plan.currency).flatMap {
      try reader.newestRate(of: $0, base: context.base, until: context.asOf)
    }
    return BudgetReview(plan, history: history, rate: rate ?? 1)
  }

  private static func sentence(_ review: BudgetReview) -> String {
    let plan = review.plan
    let currency = Currency(plan.currency) ?? .usd
    let asked =
      "\(plan.period): \(currency.grouped(plan.totalMinor)) \(plan.currency), recommended \(plan.decidedAt.day) for \(printable(plan.by))"
    let warning = plan.warning.isEmpty ? "" : "; made against a warning: \(printable(plan.warning))"
    guard let seen = review.seen else { return asked + warning + "; begins \(plan.first)" }
    let judged = review.rows.filter { $0.verdict == .inside }.count
    let outcome =
      review.isOver
      ? "returned \(currency.grouped(review.returnedMinor)) against \(currency.grouped(plan.expectedReturnMinor)) expected "
        + "(\(currency.grouped(plan.lowMinor)) to \(currency.grouped(plan.highMinor))); \(judged) of \(review.rows.count) rows inside their intervals"
      : "day \(review.days), up to \(seen.upperBound): returned \(currency.grouped(review.returnedMinor)) so far of \(currency.grouped(plan.expectedReturnMinor)) expected"
    let other =
      review.otherSpentMinor > 0 ? "; \(currency.grouped(review.otherSpentMinor)) spent outside the plan's rows" : ""
    return asked + "; spent \(currency.grouped(review.spentMinor)), " + outcome + other + warning
  }

  private static func summary(_ review: BudgetReview) -> JSON {
    let plan = review.plan
    return .object([
      ("period", .text(plan.period)), ("from", .text(plan.first.text)), ("to", .text(plan.last.text)),
      ("decided_at", .text(plan.decidedAt.iso)), ("by", .text(plan.by)), ("currency", .text(plan.currency)),
      ("total_minor", .integer(plan.totalMinor)), ("spent_minor", .integer(review.spentMinor)),
      ("expected_return_minor", .integer(plan.expectedReturnMinor)), ("low_minor", .integer(plan.lowMinor)),
      ("high_minor", .integer(plan.highMinor)), ("returned_minor", .integer(review.returnedMinor)),
      ("other_spent_minor", .integer(review.otherSpentMinor)),
      ("other_returned_minor", .integer(review.otherReturnedMinor)), ("days_seen", .integer(Int64(review.days))),
      ("is_over", .bool(review.isOver)), ("warning", .text(plan.warning)),
    ])
  }
}
