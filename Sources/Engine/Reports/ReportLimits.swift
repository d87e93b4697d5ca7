/// Limits of this module, each with its reason.
enum ReportLimits {
  /// Most rows of a ranking: more than any list that people read, and a bound for the output.
  static let rankedRows = 100_000
  /// A century: beyond it a window is a typing error, and zero rows for each of its months would fill the screen.
  static let windowDays = 36_600
  /// Age above which a report is called stale, unless configured: the users' own limit, and never more.
  static let freshnessSeconds: Int64 = 3_600
  /// Characters of a text shown in a table; longer ones are cut, so that one hostile name cannot push the figures away.
  static let tableText = 60
}
