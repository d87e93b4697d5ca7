/// Limits of this module, each with its reason.
package enum RunLimits {
  /// Bytes kept of a command line and of a reason; more is a file name list or a message that nobody reads in a table.
  package static let textBytes = 1_024
  /// Rows that one `list` answers at most: a screenful is what people ask for, and memory stays bounded.
  package static let listedRuns = 10_000
  /// How long a run must live before it counts as past what ended the run before it: a hundred looks at every source.
  package static let settledMillis: Int64 = 30_000
}
