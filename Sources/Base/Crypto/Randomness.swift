internal import COpenSSL

/// OpenSSL's deterministic random bit generator, seeded by the kernel.
package enum Randomness {
  package static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptoError) {
    guard !buffer.isEmpty else { return }
    guard buffer.count <= Int(Int32.max) else { throw CryptoError(.invalidInput, operation: "make random bytes") }
    guard RAND_bytes(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(buffer.count)) == 1 else {
      throw CryptoError(.library, operation: "make random bytes")
    }
  }

  /// Public random bytes, e.g. names; secrets go into `SecretBytes`.
  package static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    var failure: CryptoError?
    result.withUnsafeMutableBytes { buffer in
      do throws(CryptoError) { try fill(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }
}

/// Small random values from a block fetched in advance: a call of RAND_bytes for each nonce costs as much as the seal.
/// Not for use across fork(2), where parent and child would hand out the same bytes.
package struct RandomBlock: ~Copyable {
  private let buffer: UnsafeMutableRawBufferPointer
  private var used = CryptoLimits.randomBlockBytes

  package init() {
    buffer = .allocate(byteCount: CryptoLimits.randomBlockBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// The next `count` bytes (at most a block); valid until the next call. No byte is handed out twice.
  package mutating func next(_ count: Int) throws(CryptoError) -> UnsafeRawBufferPointer {
    precondition(count > 0 && count <= buffer.count, "a random block is smaller than what was asked for")
    if buffer.count - used < count {
      try Randomness.fill(buffer)
      used = 0
    }
    defer { used += count }
    return UnsafeRawBufferPointer(rebasing: buffer[used..<(used + count)])
  }
}
