internal import Money
internal import SQLite

/// Facts without which a report cannot know its answer, so that an empty one can say whether nothing happened or nobody
/// can tell.
package struct ReportNeed: Sendable {
  /// Name of the mart that has them.
  package var mart: String
  /// SELECT of one number, 0 where the mart has none of them, whenever they happened.
  package var exists: String
  /// What there is none of, as a clause: "no request carries a user name".
  package var words: String
  /// SELECT of how many things were looked at in vain, and what people call these; nil: nobody counts them.
  package var among: (count: String, words: String)?
  /// What to do, as a clause.
  package var remedy: String
  /// SELECT of the first and the last day that has them, days since 1970-01-01; nil: they have no day.
  package var days: String?

  package init(
    mart: String, exists: String, words: String, among: (count: String, words: String)? = nil, remedy: String,
    days: String? = nil
  ) {
    self.mart = mart
    self.exists = exists
    self.words = words
    self.among = among
    self.remedy = remedy
    self.days = days
  }
}

/// What a report needs, which may depend on its options.
package struct ReportNeeds: Sendable {
  /// What an answer to this request needs, the first that everything hangs on first.
  package let of: @Sendable (ReportRequest) -> [ReportNeed]

  /// The same, whatever is asked for.
  package init(_ needs: ReportNeed...) { of = { _ in needs } }
  /// What is needed for a request.
  package init(by choose: @escaping @Sendable (ReportRequest) -> [ReportNeed]) { of = choose }
}

/// Why a report has no figures.
package enum Emptiness: String, Sendable {
  /// What it asks for was looked at, and there was none.
  case none
  /// There is some, of other days.
  case elsewhere
  /// What it needs is not there, so nobody can tell.
  case unknowable
}

/// Finds out why a report has no figures.
struct EmptinessCheck {
  let request: ReportRequest
  let marts: OpenMarts

  /// The reason, and a sentence with the way out.
  func explain() throws -> (Emptiness, String) {
    var days: DayWindow?
    for need in request.report.needs.of(request) {
      let mart = try marts.database(need.mart)
      guard try mart.integer(need.exists) ?? 0 > 0 else {
        var looked = ""
        if let among = need.among, let count = try mart.integer(among.count), count > 0 {
          looked = " (\(groupedText(count)) \(among.words))"
        }
        return (.unknowable, "This cannot be known: \(need.words)\(looked); \(need.remedy).")
      }
      guard let query = need.days, request.report.window != nil else { continue }
      let found = try mart.first(query) { row -> DayWindow? in
        guard !row.isNull(0), !row.isNull(1) else { return nil }
        return DayWindow(
          first: CivilDate(daysSinceEpoch: Int32(clamping: row.int64(0))),
          last: CivilDate(daysSinceEpoch: Int32(clamping: row.int64(1))))
      }
      if let found = found ?? nil, !overlaps(found) { days = days ?? found }
    }
    let window = request.window
    if let days {
      return (
        .elsewhere,
        "There are none of \(window.first) to \(window.last); data are there of \(days.first) to \(days.last): "
          + "try --from \(days.first) --to \(days.last)."
      )
    }
    return (
      .none,
      request.report.window == nil
        ? "There are none." : "There were none from \(window.first) to \(window.last), as far as the sources were read."
    )
  }

  private func overlaps(_ days: DayWindow) -> Bool {
    days.first <= request.window.last && days.last >= request.window.first
  }
}
