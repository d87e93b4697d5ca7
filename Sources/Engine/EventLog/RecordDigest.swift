internal import Crypto

/// SHA-256 of one record: an anchor for logs without a chain, which any log can check.
///
///     mark ‖ SHA-256(timestamp ‖ length, key ‖ length + 1 or 0, value ‖ length + 1 or 0, origin)
///
/// Numbers are 64-bit little-endian.
package enum RecordDigest {
  /// First byte of an anchor of this kind: "R".
  package static let mark: UInt8 = 0x52

  /// Whether a proof is one of this kind: 33 bytes that begin with the mark. Says nothing about whether it holds.
  package static func isDigest(_ proof: [UInt8]) -> Bool { proof.count == 33 && proof[0] == mark }

  /// The proof of a record, 33 bytes. It covers key, value, origin and timestamp, not the offset: a copy's is the same.
  package static func proof(of record: RecordBatch.Record, in batch: RecordBatch) -> [UInt8] {
    var hasher = SHA256Hasher()
    batch.bytes.withUnsafeBytes { bytes in
      func add(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { hasher.update($0) } }
      func add(_ range: Range<Int>) { hasher.update(UnsafeRawBufferPointer(rebasing: bytes[range])) }
      func addOptional(_ range: Range<Int>?) {
        add(range.map { Int64($0.count) + 1 } ?? 0)
        if let range { add(range) }
      }
      add(record.timestampMillis)
      add(Int64(record.key.count))
      add(record.key)
      addOptional(record.value)
      addOptional(record.origin)
    }
    return [mark] + hasher.finish()
  }
}
