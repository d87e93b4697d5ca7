package import Money

/// A question with its options.
package struct ReportRequest: Sendable {
  /// The report asked for.
  package var report: ReportDefinition
  /// Windows end with this day, inclusive.
  package var asOf: CivilDate
  /// What was asked for, by the options' names.
  package var values: [String: ReportOptionValue]

  package init(_ report: ReportDefinition, asOf: CivilDate, _ values: [String: ReportOptionValue] = [:]) {
    self.report = report
    self.asOf = asOf
    self.values = values
  }

  // MARK: What was asked for

  /// Whether the option was given.
  package func has(_ option: String) -> Bool { values[option] != nil }

  /// What was given, or what holds when nothing is.
  package subscript(_ option: String) -> ReportOptionValue? { values[option] ?? report.option(named: option)?.fallback }

  /// A day that was given, or the option's fallback.
  package func day(_ option: String) -> CivilDate? {
    if case .day(let day) = self[option] { day } else { nil }
  }

  /// A number that was given, or the option's fallback.
  package func count(_ option: String) -> Int? {
    if case .count(let count) = self[option] { count } else { nil }
  }

  /// A word that was given, or the option's fallback.
  package func choice(_ option: String) -> String? {
    if case .choice(let word) = self[option] { word } else { nil }
  }

  /// A zone that was given, or the option's fallback.
  package func zone(_ option: String) -> ReportZone? {
    if case .zone(let zone) = self[option] { zone } else { nil }
  }

  /// The first rows of a ranking, as many as were asked for.
  package func top<Row>(of ranked: [Row]) -> ArraySlice<Row> {
    ranked.prefix(count("top") ?? ranked.count)
  }

  // MARK: The window

  /// The days that the report covers; for one without a window, the day that it stands for.
  package var window: DayWindow {
    if has("calendar") {
      let last = asOf.month
      return DayWindow(first: last.adding(-11).firstDay, last: last.lastDay)
    }
    let last = day("to") ?? asOf
    return DayWindow(first: day("from") ?? report.window?.first(endingWith: last) ?? last, last: last)
  }

  // MARK: Checking

  /// Refuses what this report cannot honour, rather than ignoring it.
  package func validate() throws(ReportError) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let option = report.option(named: name) else { throw refusal(of: name) }
      guard option.takes(value) else {
        let (problem, cause, hint) = option.refusal
        throw ReportError(.usage, problem, cause: cause, hint: hint)
      }
    }
    if has("calendar"), has("from") || has("to") {
      throw ReportError(
        .usage, "--calendar and --from/--to exclude each other", cause: "both set the window", hint: "give one of them")
    }
    let window = window
    if window.last < window.first {
      throw ReportError(
        .usage, "the window is empty", cause: "it runs from \(window.first) to \(window.last)",
        hint: "give a --from that is not after --to")
    }
    if window.dayCount > ReportLimits.windowDays {
      throw ReportError(
        .usage, "the window is too long", cause: "it has \(window.dayCount) days",
        hint: "give at most \(ReportLimits.windowDays) days")
    }
  }

  private func refusal(of option: String) -> ReportError {
    let problem = "--\(option) does not apply to \(report.name)"
    if let refusal = report.refusals.first(where: { $0.option == option }) {
      return ReportError(.usage, problem, cause: refusal.cause, hint: refusal.hint)
    }
    let known = report.options.map { "--\($0.name)" }.sorted()
    return ReportError(
      .usage, problem, cause: "the report has no such option",
      hint: known.isEmpty
        ? "it only takes --as-of and --format" : "it takes --as-of, --format, \(known.joined(separator: ", "))")
  }
}
