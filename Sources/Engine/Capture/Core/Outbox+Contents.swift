internal import Entity
internal import EventLog
internal import Money
internal import Privacy

/// What goes into an outbox and comes out of it.
extension Outbox {
  struct Source: Sendable, Equatable {
    var epoch: UInt64
    var position: String
    var readUpTo: Timestamp?
  }

  struct PartitionNumber: Sendable, Equatable {
    var topic: String
    var partition: Int32
    /// The last number given.
    var last: UInt64
    /// When the last event was captured.
    var at: Timestamp
  }

  struct SealedState: Sendable {
    var key: [UInt8]
    var digest: [UInt8]
    var content: SealedData
  }

  struct Commit: Sendable {
    var source: String
    var state: Source
    /// A new epoch: the numbers of all partitions begin again.
    var beginsEpoch = false
    var numbers: [PartitionNumber] = []
    var batches: [EncodedBatch] = []
    /// Rows to keep or to forget; those with a content stand in `sealed`.
    var kept = StateWrites()
    var sealed: [SealedState] = []
    /// Of the vault whose keys seal what is in it; nil: it holds no seal.
    var vault: VaultMark?
    /// Rejected events among the batches.
    var rejections: [Rejection] = []
    /// Keys of rejected records that were mended or are gone.
    var settled: [[UInt8]] = []
    /// The mapping is another one than that which has refused what was refused so far; nil: it is not.
    var mapping: String?
    /// nil: as before.
    var notes: Set<SourceNote>?
    /// When new notes were made.
    var notedAt: Timestamp?
  }

  struct Pending: Sendable {
    var id: Int64
    var batch: EncodedBatch
  }
}
