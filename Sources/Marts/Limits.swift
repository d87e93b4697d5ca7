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
  /// Page cache of the writer. Three marts are written at once within 300 MiB, user agent data and log included.
  package static let writerCacheKibibytes = 24 << 10
  /// `CURRENT` holds one file name; more is not ours.
  package static let currentFileBytes = 256
  /// Generation numbers have six digits in file names; one rebuild an hour lasts a century.
  package static let generations = 999_999
  /// Bytes of a quarantine row's detail. Details name fields and limits; longer ones would be content.
  package static let quarantineDetailBytes = 500
}
