/// The answer to a `ReportRequest`, ready to be rendered.
package struct Report: Sendable {
  /// Of the report.
  package var name: String
  /// The main table.
  package var table: ReportTable
  /// Tables beside the main one: monthly sales in the base currency, purchases.
  package var extras: [ReportTable]
  /// Sentences about what the figures leave out or assume.
  package var notes: [String]
  /// The days that it covers; nil: it knows no window.
  package var window: DayWindow?
  /// Why it has no figures but zeros; nil: it has some.
  package var emptiness: Emptiness?
  /// Where its data stood.
  package var standing: ReportStanding
}
