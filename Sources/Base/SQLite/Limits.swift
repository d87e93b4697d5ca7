/// Limits of this module, each with its reason.
package enum SQLiteLimits {
  /// How long a statement waits for another process's lock. Writers hold theirs for milliseconds, so five seconds means
  /// "stuck".
  package static let busyTimeoutMilliseconds: Int32 = 5_000
  /// Statements kept prepared per connection. The busiest mart uses about sixty; more would only hide an unbounded set
  /// of texts.
  package static let cachedStatements = 256
}
