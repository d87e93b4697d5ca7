/// Limits of this module, each with its reason.
package enum HealthLimits {
  /// The users' own limit: nobody may decide on data older than an hour.
  package static let freshnessSeconds: Int64 = 3_600
  /// One event in a hundred: single bad rows are daily life, more means that a source has changed.
  package static let quarantineBasisPoints: Int64 = 100
}
