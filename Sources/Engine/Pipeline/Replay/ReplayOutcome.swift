package import EventLog
package import Marts

/// What a replay came to.
package struct ReplayOutcome: Sendable {
  /// The mart's name.
  package var mart: String
  /// The generation that was built.
  package var generation: Int
  /// The generation that was served before; nil: none.
  package var old: Int?
  /// Old against new at the same positions; nil: there was nothing that could be compared.
  package var comparison: MartComparison?
  /// Why the new generation was not put to use; nil: nothing speaks against it.
  package var refusal: String?
  /// Built for looking only; never put to use.
  package var isDetached = false
  /// The new generation is the current one now.
  package var isSwapped = false
  /// Generations that were deleted, since newer ones are kept.
  package var deleted: [Int] = []
  /// Where this replay began to read: not at the start where it goes on from an earlier one.
  package var began: [TopicPartition: Offset] = [:]
  /// Where the new generation stands.
  package var positions: [TopicPartition: Offset] = [:]
  /// What became of the new generation's events.
  package var counts = MartCounts()
  /// What happened on the way that a person should know.
  package var notes: [String] = []
}

/// How far a replay has come.
package struct ReplayProgress: Sendable {
  /// How far one partition was read.
  package struct Partition: Sendable {
    /// The partition.
    package var name: TopicPartition
    /// Next offset to read, from the partition's start.
    package var done: Int64
    /// Where the generation must end, counted as `done` is.
    package var total: Int64
  }

  /// The mart's name.
  package var mart: String
  /// The generation being built.
  package var generation: Int
  /// All partitions of the mart, in order.
  package var partitions: [Partition]
  /// Events read by this replay, without those of an earlier one that it goes on from.
  package var read: Int64

  /// Over all partitions.
  package var done: Int64 { partitions.reduce(0) { $0 &+ $1.done } }
  /// Over all partitions.
  package var total: Int64 { partitions.reduce(0) { $0 &+ $1.total } }
}
