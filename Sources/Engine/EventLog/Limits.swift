/// Limits of this module, each with its reason.
package enum EventLogLimits {
  /// Key, value and origin of one record together. The size that Kafka brokers accept by default, less room for their
  /// own headers; an event above it becomes a `rejected` marker in capture.
  package static let recordBytes = 1_048_576 - 1_024
  /// One stored batch. It is read into memory whole, hashed whole and written in one commit; several times what a
  /// capture cycle gathers.
  package static let batchBytes = 8 * 1_048_576
  /// Records of one batch: a table of them costs 80 bytes each, so 8 MB at most for hostile bytes that claim many.
  package static let batchRecords = 100_000
  /// Partitions of one topic. Millrace uses four; more than this is a typing error, and each costs a chain and a
  /// position.
  package static let partitions: Int32 = 1_024
  /// Bytes of a topic's name: Kafka's own limit, so that every name works on both logs.
  package static let topicNameBytes = 249
  /// Bytes that a copy reads and commits at once: enough that a commit costs little beside it, and what it holds in
  /// memory (twice: as read, and as taken).
  package static let copyBytes = 4 * 1_048_576
  /// Milliseconds between two looks of a copy that follows its source and found nothing new.
  package static let copyPollMilliseconds = 200
  /// Longest pause before a copy tries an unreachable log again: a broker restarts in less than a minute.
  package static let copyRetryMilliseconds = 10_000
}
