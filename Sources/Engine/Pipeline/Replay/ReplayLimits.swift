/// Limits of replaying, each with its reason.
package enum ReplayLimits {
  /// Distance to the live generation at which its snapshot is taken. The snapshot keeps its write-ahead log from being
  /// emptied until the comparison is done, so what is left to build under it should take a second.
  static let snapshotLagEvents: Int64 = 200_000
  /// Rounds of catching up before the snapshot is taken anyway: a source faster than the rebuild must not keep it for
  /// ever.
  static let catchUpRounds = 10
  /// How long a live projector may take to make way: a batch of 100,000 events takes a second, a slow disk several.
  package static let handOverMilliseconds = 30_000
  /// Pause between two looks of a running projector whether it is to make way: a rollback is promised within a second.
  static let handOverLookMilliseconds = 25
  /// Tries to move the write-ahead log into a file that somebody reads just then, 50 ms each.
  static let checkpointTries = 100
  /// Room asked for beyond the estimate, in percent: tables grow in pages, and the old generation goes on growing.
  static let spareSpacePercent: Int64 = 20
  /// Bytes of a mart per event where there is no generation to judge by; web requests take about 60, orders 200.
  static let bytesPerEvent: Int64 = 200
  /// Events per second that a rebuild is expected to manage at least, to judge whether retention will overtake it.
  static let slowEventsPerSecond: Int64 = 50_000
}
