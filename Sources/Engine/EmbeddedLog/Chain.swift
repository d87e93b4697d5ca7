internal import Crypto
internal import EventLog

/// The hash chain of a partition:
/// hash(n) = SHA-256(hash(n-1) ‖ partition ‖ base ‖ last ‖ first timestamp ‖ last timestamp ‖ count ‖ payload),
/// numbers as 64-bit little-endian. The chain begins at a hash of the log's id and the partition's name, so that
/// batches copied from another log or another partition do not fit; in a copy also of the offset at which the partition
/// begins. A hole between batches is in the hashes by the offsets around it.
struct Chain: ~Copyable {
  struct Link {
    var partition: Int32
    var baseOffset: Offset
    var lastOffset: Offset
    var firstTimestamp: Int64
    var lastTimestamp: Int64
  }

  private var hasher = SHA256Hasher()

  static func start(logID: String, partition: TopicPartition, firstOffset: Offset) -> [UInt8] {
    var hasher = SHA256Hasher()
    // Lengths stand before texts, so that no two names give the same bytes.
    let text = "millrace log 1|\(logID.utf8.count):\(logID)|\(partition.topic.utf8.count):\(partition.topic)"
    let beginning = firstOffset == .first ? "" : "|from \(firstOffset)"
    Array("\(text)|\(partition.partition)\(beginning)".utf8).withUnsafeBytes { hasher.update($0) }
    return hasher.finish()
  }

  mutating func hash(after previous: [UInt8], _ link: Link, payload: UnsafeRawBufferPointer) -> [UInt8] {
    previous.withUnsafeBytes { hasher.update($0) }
    // The caller has checked that the offsets are in order; wrapping keeps hostile ones from trapping.
    let count = link.baseOffset.distance(to: link.lastOffset) &+ 1
    let fields = (
      Int64(link.partition).littleEndian, link.baseOffset.rawValue.littleEndian,
      link.lastOffset.rawValue.littleEndian,
      link.firstTimestamp.littleEndian, link.lastTimestamp.littleEndian, count.littleEndian
    )
    withUnsafeBytes(of: fields) { hasher.update($0) }
    hasher.update(payload)
    return hasher.finish()
  }
}
