/// Limits of this module, each with its reason.
package enum KafkaLimits {
  /// What a broker may refuse a record batch for: the largest record (1 MiB less 1 KiB) with its frame and headers, or
  /// the writer's largest batch. A topic must take at least this.
  package static let batchBytes = 1_200_000
  /// What new topics take: several times the largest batch, so that other producers with other batch sizes fit too.
  package static let topicBatchBytes = 4 * 1_048_576
  /// Uncompressed bytes of a writer's batch.
  static let writerBatchBytes = 1_000_000
  /// Records and kilobytes waiting for their acknowledgement; beyond it, `append` waits.
  static let queuedRecords = 100_000
  static let queuedKilobytes = 64 * 1_024
  /// Bytes prefetched per partition: some turns of a rebuild's round. Four marts read some forty partitions, so more is
  /// memory.
  static let prefetchKilobytes = 1_024
  /// Compressed bytes asked from one partition at once; they become about five times as many.
  static let partitionFetchBytes = 512 * 1_024
  static let fetchBytes = 4 * 1_048_576
  /// An answer above this is refused: it bounds what a broken or hostile peer can make this process allocate.
  static let answerBytes = 64 * 1_048_576
  /// How long a broker holds a fetch that finds nothing. Each client has one fetch under way with a broker, so a
  /// partition that is started, or that ran dry while all others are at their end, waits as long; shorter costs
  /// requests while idle.
  static let fetchWaitMillis = 20
  /// Waiting is done in slices, so that a request to stop is heard soon.
  static let sliceMillis: Int32 = 20
  /// After the process was asked to stop, calls that wait for a broker give up after this: shutdown takes less than ten
  /// seconds, and all marts and capture stop side by side.
  static let stopMillis: Int64 = 3_000
  /// A client that does not end within this is left behind: librdkafka 2.0.2 can hang when a partition or topic is gone
  /// (its issues 4187, 4724).
  static let closeSeconds = 3.0
  /// Tries of one append with new clients: fatal errors of the idempotent producer are ordinary (issue 4438) but must
  /// not loop.
  static let clientsPerAppend = 4
  /// Between two commits of group offsets, which are for people to look at.
  static let progressMillis: Int64 = 1_000
  /// Bytes of a file with a secret: a PEM chain with key is some ten kilobytes.
  static let secretBytes = 65_536
  /// Bytes of the record that holds a log's identity.
  static let identityBytes = 65_536
  /// The longest name that librdkafka 2.0.2 takes without trouble (issue 4689).
  static let clientNameBytes = 32
  /// How long the reason for a lost connection counts as the reason that no broker answers: some reconnects.
  static let reasonMillis: Int64 = 10_000
  /// Lines of librdkafka's own log per second; a broker that is down gives several each second, all the same.
  static let logLinesPerSecond = 5
  /// How far back one step looks for the record before an offset when transactions left holes there.
  static let holeSteps: [Int64] = [1, 16, 256, 4_096, 65_536]
}
