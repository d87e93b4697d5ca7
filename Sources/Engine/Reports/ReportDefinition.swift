package import Money
internal import SQLite

/// A question that can be asked of marts: one value that says all about it. Command line, help texts and `Reporter` read
/// it from a `ReportRegistry`.
package struct ReportDefinition: Sendable {
  /// As on the command line: lower-case words joined by hyphens.
  package var name: String
  /// One line for lists of reports.
  package var meaning: String
  /// Names of the marts that it reads; its age is that of their sources.
  package var marts: [String]
  /// What it takes besides the day that windows end with, in the order of help texts.
  package var options: [ReportOption]
  /// Why options that people may expect are not among `options`.
  package var refusals: [ReportRefusal]
  /// Days that it covers unless asked for others; nil: it knows no window.
  package var window: ReportSpan?
  /// Where the newest event of its data stands.
  package var newestEvent: NewestEvent
  /// What it needs to know its answer, the first that everything hangs on first; asked where it has no rows.
  package var needs: ReportNeeds
  /// Works the answer out. May read the marts that it names, and nothing else. Blocks.
  package var answer: @Sendable (ReportQuestion) throws -> ReportContent

  /// Options, refusals and needs may be none; each is as the property of its name.
  package init(
    name: String, meaning: String, marts: [String], options: [ReportOption] = [], refusals: [ReportRefusal] = [],
    window: ReportSpan?, newestEvent: NewestEvent,
    needs: ReportNeeds = ReportNeeds(),
    answer: @escaping @Sendable (ReportQuestion) throws -> ReportContent
  ) {
    self.name = name
    self.meaning = meaning
    self.marts = marts
    self.options = options
    self.refusals = refusals
    self.window = window
    self.newestEvent = newestEvent
    self.needs = needs
    self.answer = answer
  }

  /// The report's own form of an option; nil: it does not take it.
  package func option(named name: String) -> ReportOption? { options.first { $0.name == name } }
}

/// What a report's code is given.
package struct ReportQuestion {
  /// A checked request.
  package var request: ReportRequest
  /// The marts that the report names, each inside one snapshot.
  package var marts: OpenMarts
  /// The currency that others are converted into.
  package var baseCurrency: Currency
  /// Words that stand for nobody in this workspace; what they are compared with is the report's business.
  package var placeholders: [String]
}

/// What a report's own code gives; the rest of a `Report` is the same for all.
package struct ReportContent: Sendable {
  /// The main table.
  package var table: ReportTable
  /// Tables beside it.
  package var extras: [ReportTable]
  /// Sentences about what the figures leave out or assume.
  package var notes: [String]

  package init(table: ReportTable, extras: [ReportTable] = [], notes: [String] = []) {
    self.table = table
    self.extras = extras
    self.notes = notes
  }
}

/// The question where the newest event of a report's data stands.
package struct NewestEvent: Sendable {
  /// Name of the mart that is asked.
  package var mart: String
  /// SELECT of one number: milliseconds since 1970-01-01T00:00:00Z; NULL: there is no event.
  package var millis: String

  package init(mart: String, millis: String) {
    self.mart = mart
    self.millis = millis
  }

  func read(_ marts: OpenMarts) throws -> Timestamp? {
    try marts.database(mart).integer(millis).map(Timestamp.init(millis:))
  }
}

/// A length of time that ends with a day.
package enum ReportSpan: Sendable, Hashable {
  case days(Int)
  case months(Int)

  /// The first day of the span that ends with `last`.
  func first(endingWith last: CivilDate) -> CivilDate {
    switch self {
    case .days(let count): last.adding(days: 1 - count)
    case .months(let count): last.adding(months: -count).adding(days: 1)
    }
  }

  /// "30 days", "12 months".
  package var words: String {
    switch self {
    case .days(let count): "\(count) days"
    case .months(let count): "\(count) months"
    }
  }
}
