internal import Money

/// What stands above every plan, and what speaks against one.
enum Cautions {
  /// How much more or less than ever a total may be before it is far outside: half of the least, twice the most.
  private static let farOutside = 2.0

  /// The sentence above every plan. The figure was measured outside of this project, on worlds with demand-following
  /// spend and halo, which `budget evaluate` does not have.
  static let unproven =
    "History alone cannot prove that this division brings more than the present one: where spend follows demand and channels help each other, plans like this lost in 88 of 100 simulated companies. Move in small steps, and test."

  /// Why the total is far from all that history shows; nil: it is not. `rows`: those of the plan. Sums are of as many
  /// weeks in a row as the period has, or in proportion where history is shorter.
  static func range(_ history: AdvertisingHistory, rows: [Int], _ question: BudgetQuestion) -> String? {
    let scale = BudgetAdvisor.scale(history, question)
    let weekly = (0..<history.weeks).map { week in
      rows.reduce(0) { $0 + Double(history.cell($1, week).spendMinor) * scale }
    }
    let span = min(question.period.weeks, weekly.count)
    guard span > 0 else { return nil }
    let days = Double(question.period.days) / 7 / Double(span)
    let sums = (0...(weekly.count - span)).map { first in weekly[first..<first + span].reduce(0, +) * days }
    guard let least = sums.min(), let most = sums.max(), most > 0 else { return nil }
    let total = Double(question.totalMinor)
    guard total * farOutside < least || total > most * farOutside else { return nil }
    let share = total < least ? total / least : total / most
    return
      "the total is \(percent(share)) of the \(total < least ? "least" : "most") that was spent in as many days: history supports totals from \(money(least, question)) to \(money(most, question)), and says little about others"
  }

  /// Spend that no row of a plan has, by what it lacks.
  static func leftOut(_ quality: AdvertisingHistory.Quality, base: Currency) -> [String] {
    let unreadable =
      quality.unreadableSpendRows == 0
      ? []
      : [
        "\(groupedText(Int64(quality.unreadableSpendRows))) rows of spend were refused when their sheets were read, and their amounts cannot be told (`millrace quarantine list`): they are in no row of the plan"
      ]
    return quality.spendLeftOut.sorted { ($0.lacks.rawValue, $0.currency) < ($1.lacks.rawValue, $1.currency) }.map {
      part in
      let currency = Currency(part.currency) ?? base
      return
        "\(currency.grouped(part.amountMinor)) \(part.currency) of spend in \(part.rows) rows \(part.lacks.words), and is in no row of the plan"
    } + unreadable
  }

  private static func money(_ minor: Double, _ question: BudgetQuestion) -> String {
    "\(question.currency.grouped(Int64(minor.rounded()))) \(question.currency)"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int64((share * 1_000).rounded())
    return share < 10 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10) %" : "\(groupedText(tenths / 10)) %"
  }
}
