/// A hash of bytes for tables in memory: eight bytes a step. Not keyed and never stored: it may change, and whoever searches
/// for collisions finds them, so a table that uses it compares keys and takes a collision for a miss.
@usableFromInline
package enum TableHash {
  @inlinable @inline(__always)
  package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
    var index = 0
    while index &+ 8 <= bytes.count {
      hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index &+= 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index &+= 1
    }
    // Twice: tables use the low bits, which a single step of a short key leaves too regular.
    return mix(mix(hash ^ rest))
  }

  @inlinable @inline(__always)
  package static func mix(_ word: UInt64) -> UInt64 {
    // The first constant keeps a word of 0 from staying 0.
    foldedProduct(word ^ 0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9)
  }
}
