package import EventLog
package import Marts

/// What a replay came to.
package struct ReplayOutcome: Sendable {
  package var mart: String
  /// The generation that was built.
  package var generation: Int
  /// The generation that was served before; nil: none.
  package var old: Int?
  /// Old against new at the same positions; nil: there was nothing that could be compared.
  package var comparison: MartComparison?
  /// Why the new generation was not put to use; nil: nothing speaks against it.
  package var refusal: String?
  package var isDetached = false
  package var isSwapped = false
  /// Generations that were deleted, since newer ones are kept.
  package var deleted: [Int] = []
  /// Where this replay began to read: not at the start where it goes on from an earlier one.
  package var began: [TopicPartition: Int64] = [:]
  /// Where the new generation stands.
  package var positions: [TopicPartition: Int64] = [:]
  package var counts = MartCounts()
  /// What happened on the way that a person should know.
  package var notes: [String] = []
}

/// How far a replay has come.
package struct ReplayProgress: Sendable {
  package struct Partition: Sendable {
    package var name: TopicPartition
    /// Next offset to read, from the partition's start.
    package var done: Int64
    package var total: Int64
  }

  package var mart: String
  package var generation: Int
  package var partitions: [Partition]
  /// Events read by this replay, without those of an earlier one that it goes on from.
  package var read: Int64

  package var done: Int64 { partitions.reduce(0) { $0 &+ $1.done } }
  package var total: Int64 { partitions.reduce(0) { $0 &+ $1.total } }
}
