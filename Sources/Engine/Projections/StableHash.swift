internal import Hashing

/// A 64-bit hash that is the same on every machine and in every run, unlike `Hasher`: it is stored in marts.
///
/// Each word is mixed in by wyhash's step. Not a defence against someone who searches for collisions; what may
/// collide here are two user agents of one address, or the contents of two orders.
@frozen package struct StableHash {
  package private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The hash of nothing.
  package init() {}

  /// Mixes in eight bytes.
  @inline(__always)
  package mutating func combine(_ word: UInt64) {
    value = foldedProduct(value ^ word, 0xa076_1d64_78bd_642f) &+ 0xe703_7ed1_a0b4_28db
  }

  /// Mixes in eight bytes.
  package mutating func combine(_ word: Int64) { combine(UInt64(bitPattern: word)) }

  /// Absent and zero differ.
  package mutating func combine(_ word: Int64?) {
    combine(word == nil ? 0 : 1 as UInt64)
    combine(word ?? 0)
  }

  /// Mixes in the text as UTF-8, with its length.
  package mutating func combine(_ text: String) {
    combine(utf8: text)
  }

  /// Absent and empty differ.
  package mutating func combine(_ text: String?) {
    combine(text == nil ? 0 : 1 as UInt64)
    combine(utf8: text ?? "")
  }

  private mutating func combine(utf8 text: String) {
    var copy = text
    copy.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Eight bytes at a time, then the rest as one padded word, then the length, so that padding cannot collide.
  private mutating func combine(bytes: UnsafeRawBufferPointer) {
    var offset = 0
    while offset &+ 8 <= bytes.count {
      combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset &+= 8
    }
    var rest: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count {
      rest |= UInt64(bytes[offset]) << shift
      shift &+= 8
      offset &+= 1
    }
    combine(rest)
    combine(UInt64(bytes.count))
  }

  /// Of these bytes alone; equal to that of a text of the same UTF-8.
  package static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = StableHash()
    hash.combine(bytes: UnsafeRawBufferPointer(bytes))
    return hash.value
  }

  /// Of this text alone.
  package static func of(_ text: String) -> UInt64 {
    var hash = StableHash()
    hash.combine(utf8: text)
    return hash.value
  }
}
