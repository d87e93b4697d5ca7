/// Limits of this module, each with its reason.
package enum MartLimits {
  /// Write-ahead log size at which the writer moves it into the database. Smaller costs a sync more often, larger makes
  /// every reader search a longer index and every reopening read more.
  package static let checkpointBytes: Int64 = 16 << 20
  /// When readers kept a checkpoint from finishing, the next try waits for this much growth, so that it is not repeated
  /// after every batch.
  package static let checkpointRetryBytes: Int64 = 4 << 20
  /// How long a checkpoint waits for readers. The writer stands still meanwhile, and freshness is promised in seconds.
  package static let checkpointWaitMilliseconds = 50
  /// Page cache of the writer. All marts are written at once within 300 MiB (measured with four), user agent data and log included.
  package static let writerCacheKibibytes = 24 << 10
  /// `CURRENT` holds one file name; more is not ours.
  package static let currentFileBytes = 256
  /// Generation numbers have six digits in file names; one rebuild an hour lasts a century.
  package static let generations = 999_999
  /// A state file holds five short lines; more is not ours.
  package static let stateFileBytes = 4_096
  /// Generations kept after a swap, the current one included: the one before it for a rollback, and one more, since a
  /// wrong rule is often noticed only after its second rebuild. Each is as large as the mart.
  package static let keptGenerations = 3
  /// Between two looks whether a writer has made way. Short, because reports grow older meanwhile and a rollback should
  /// be over within a second.
  package static let handOverPollMilliseconds = 5
  /// Findings of SQLite's integrity check that are shown; one is enough to refuse a file.
  package static let integrityFindings = 10
  /// Bytes of a quarantine row's detail. Details name fields and limits; longer ones would be content.
  package static let quarantineDetailBytes = 500
}
