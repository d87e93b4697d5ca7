internal import EventLog
internal import Privacy
internal import Projections

/// Records of one partition, decoded, opened, tokenized and enriched: what the preparing thread hands to the folding
/// one.
struct PreparedChunk: Sendable {
  /// Source and epoch; usually one per chunk, so that records need no text of their own.
  struct Origin: Sendable, Equatable {
    var source: String
    var epoch: Int64

    /// Of records whose origin cannot be read.
    static let unreadable = Origin(source: "", epoch: 0)
  }

  enum Outcome: Sendable {
    /// A place among `inputs`.
    case fold(Int)
    /// "The source was read up to this moment", milliseconds since 1970.
    case heartbeat(Int64)
    /// Index into `rejections`.
    case reject(Int)
  }

  struct Record: Sendable {
    var offset: Offset
    var capturedAt: Int64
    /// Index into `origins`.
    var origin: Int
    /// From 1; 0 where the origin cannot be read.
    var number: Int64
    var outcome: Outcome
  }

  /// Why a record is left out; never content.
  struct Rejection: Sendable {
    var stage: Stage
    var reason: String
    var detail: String
  }

  var partition: TopicPartition
  /// Index of the partition in the mart's list, for look-ups without hashing.
  var slot: Int
  /// Where the log goes on after the last record.
  var end: LogAnchor
  var origins: [Origin] = []
  var records: [Record] = []
  /// What the domain made of the records' events; apart from `records`, so that a fold reads an input where it lies.
  var inputs: any PreparedInputs = NoInputs()
  var rejections: [Rejection] = []
  /// The values' SHA-256, for records that turn out to need one, is computed from these.
  var values: ValueBytes
}

/// Of a chunk whose inputs have not been taken yet.
private struct NoInputs: PreparedInputs {
  func lend(to projections: [any Projection], _ body: (_ fold: (Int) -> QuarantineReason?) -> Void) {
    body { _ in QuarantineReason("event.incomplete", "no input") }
  }
}

/// The bytes that a chunk was read from, kept for the hashes of quarantined records.
struct ValueBytes: Sendable {
  var bytes: [UInt8]
  var ranges: [Range<Int>?]
}

/// Where on its way an event was left out.
enum Stage: String, Sendable {
  case capture
  case decode
  case open
  case validate
  case fold
  /// While it was written into a tokenized copy; no mart has this one.
  case copy
}

/// Codes of the quarantine, and of tokenized copies, that the pipeline itself gives.
enum Reason {
  /// Code and detail of what a seal was refused for.
  static func ofSeal(_ error: PrivacyError) -> (reason: String, detail: String) {
    switch error.kind {
    case .keyMissing, .keyForeign: (keyUnknown, "its key was never made for this log")
    default: (sealBroken, "a sealed field does not open")
    }
  }

  static let undecodable = "event.undecodable"
  static let originMismatch = "event.originMismatch"
  static let trapped = "event.trapped"
  static let sealBroken = "seal.broken"
  static let keyUnknown = "seal.keyUnknown"
  static let tooLarge = "event.tooLarge"
}
