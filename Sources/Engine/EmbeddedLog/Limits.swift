/// Limits of this module, each with its reason.
package enum EmbeddedLogLimits {
  /// A wait for another process's append from which on it is told: an append takes milliseconds, so this is somebody who
  /// stands still or copies.
  static let toldWaitMilliseconds: Int64 = 250
  /// Bytes of a database page. A batch of 350 KB lies on 22 pages instead of 86, which is what a scan pays for; a live
  /// append of a few records still writes only some 50 KB.
  static let pageBytes = 16_384
  /// Bytes in the write-ahead log after which an append checkpoints: a start after a crash reads that much again, and a
  /// checkpoint of it takes tens of milliseconds.
  package static let checkpointBytes: Int64 = 16 * 1_048_576
  /// What the write-ahead log's file is cut back to after a reader made it grow.
  static let keptWriteAheadBytes: Int64 = 2 * checkpointBytes
  /// Bytes between two progress reports of `verify`: about a hundred a second.
  static let progressBytes: Int64 = 8 * 1_048_576
  /// Payload of one commit of a backup: few enough syncs, and little memory.
  static let backupBytes = 8 * 1_048_576
  /// The most that a read reserves before it knows how much there is.
  static let reservedReadBytes = 8 * 1_048_576
}
