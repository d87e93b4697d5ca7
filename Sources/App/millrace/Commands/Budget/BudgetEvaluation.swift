internal import Advertising
internal import Failures
internal import Foundation
internal import Operations
internal import Text
internal import Workspace

extension Command {
  /// The planner's figures over simulated companies, overall and by family of curves.
  static func evaluateBudgets(_ invocation: Invocation) throws -> ExitCode {
    let seeds = try seedRange(invocation["seeds"] ?? "1001-1100")
    let weeks = try invocation.integer("weeks", in: 1...260, default: 52)
    let explore = try invocation.fraction("explore", in: 0...1, default: PlanRequest.defaultExplorationShare)
    let level = try invocation.fraction("level", in: 0.5...0.99, default: 0.9)
    let markets = try invocation["markets"].map { _ in try invocation.integer("markets", in: 1...60, default: 1) }
    let channels = try invocation["channels"].map { _ in try invocation.integer("channels", in: 1...12, default: 1) }
    let summary = PlannerTrial(
      seeds: seeds, weeks: weeks, explorationShare: explore, intervalLevel: level, markets: markets, channels: channels
    ).run()
    if invocation["format"] == "json" {
      Output.line(json(summary, seeds: seeds, weeks: weeks).text)
    } else {
      Output.text(table(summary, seeds: seeds, weeks: weeks))
    }
    return .ok
  }

  private static func seedRange(_ text: String) throws -> ClosedRange<Int> {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first >= 0, first <= last, last - first < 10_000
    else {
      throw Failure(.usage, "--seeds takes a range like 1001-1100 of at most 10,000 seeds, not '\(printable(text))'")
    }
    return first...last
  }

  private static func table(
    _ summary: AdvertisingEvaluation.Summary, seeds: ClosedRange<Int>, weeks: Int
  ) -> String {
    let percent = { (share: Double) in String(format: "%.1f %%", share * 100) }
    let rows = ([("all", summary.overall)] + summary.families.map { ($0.family, $0.figures) }).map { name, figures in
      [
        name, "\(figures.companies)", percent(figures.planRatio), percent(figures.planRatioLow),
        percent(figures.naiveRatio), percent(figures.creditedRatio), percent(figures.currentRatio),
        percent(figures.equalRatio), percent(figures.betterThanNaive), percent(figures.gapClosed),
        percent(figures.rowCoverage), percent(figures.totalCoverage),
      ]
    }
    let heads = [
      "curves", "companies", "plan", "plan p10", "naive", "last touch", "current", "equal", "beats naive", "gap closed",
      "rows in interval", "totals in interval",
    ]
    let widths = heads.indices.map { column in
      max(heads[column].count, rows.map { $0[column].count }.max() ?? 0)
    }
    let lines = ([heads] + rows).map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + padding : padding + row[column]
      }.joined(separator: "  ")
    }
    return """
      Seeds \(seeds.lowerBound) to \(seeds.upperBound), \(weeks) weeks of history. Returns are medians of what advertising \
      itself brings, as shares of the best possible; nominal level of intervals: \(percent(summary.intervalLevel)).
      \(lines.joined(separator: "\n"))
      Largest gap between a plan and the best division of its own curves: \
      \(String(format: "%.3f %%", summary.overall.largestOptimizerGap * 100))

      """
  }

  private static func json(
    _ summary: AdvertisingEvaluation.Summary, seeds: ClosedRange<Int>, weeks: Int
  ) -> JSON {
    let number = { (value: Double) in JSON.number(String(format: "%.6f", value.isFinite ? value : 0)) }
    func object(_ figures: AdvertisingEvaluation.Figures) -> JSON {
      .object([
        ("companies", .integer(Int64(figures.companies))), ("plan_ratio", number(figures.planRatio)),
        ("plan_ratio_p10", number(figures.planRatioLow)), ("naive_ratio", number(figures.naiveRatio)),
        ("last_touch_ratio", number(figures.creditedRatio)), ("current_ratio", number(figures.currentRatio)),
        ("equal_ratio", number(figures.equalRatio)), ("better_than_naive", number(figures.betterThanNaive)),
        ("better_than_current", number(figures.betterThanCurrent)), ("gap_closed", number(figures.gapClosed)),
        ("row_coverage", number(figures.rowCoverage)), ("total_coverage", number(figures.totalCoverage)),
        ("largest_optimizer_gap", number(figures.largestOptimizerGap)), ("plan_seconds", number(figures.planSeconds)),
      ])
    }
    return .object([
      ("first_seed", .integer(Int64(seeds.lowerBound))), ("last_seed", .integer(Int64(seeds.upperBound))),
      ("weeks", .integer(Int64(weeks))), ("interval_level", number(summary.intervalLevel)),
      ("overall", object(summary.overall)),
      ("families", .object(summary.families.map { ($0.family, object($0.figures)) })),
    ])
  }
}
