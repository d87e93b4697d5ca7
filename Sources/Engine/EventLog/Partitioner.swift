/// The partition of a key: murmur2 as the Java client computes it, so that other producers agree.
package enum Partitioner {
  /// `partitions` is at least 1.
  package static func partition(of key: [UInt8], among partitions: Int32) -> Int32 {
    precondition(partitions >= 1, "a topic has at least one partition")
    // The Java client clears the sign bit instead of taking the absolute value (Utils.toPositive).
    return (murmur2(key) & 0x7fff_ffff) % partitions
  }

  /// 32-bit murmur2 with the Java client's seed
  /// (https://github.com/apache/kafka/blob/trunk/clients/src/main/java/org/apache/kafka/common/utils/Utils.java).
  package static func murmur2(_ key: [UInt8]) -> Int32 {
    let mixer: UInt32 = 0x5bd1_e995
    let seed: UInt32 = 0x9747_b28c
    return key.withUnsafeBytes { bytes in
      var hash = seed ^ UInt32(truncatingIfNeeded: bytes.count)
      var position = 0
      while position &+ 4 <= bytes.count {
        var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        word = word &* mixer
        word ^= word &>> 24
        word = word &* mixer
        hash = (hash &* mixer) ^ word
        position &+= 4
      }
      let rest = bytes.count &- position
      if rest >= 3 { hash ^= UInt32(bytes[position &+ 2]) &<< 16 }
      if rest >= 2 { hash ^= UInt32(bytes[position &+ 1]) &<< 8 }
      if rest >= 1 {
        hash ^= UInt32(bytes[position])
        hash = hash &* mixer
      }
      hash ^= hash &>> 13
      hash = hash &* mixer
      hash ^= hash &>> 15
      return Int32(bitPattern: hash)
    }
  }
}
