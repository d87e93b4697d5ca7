internal import COpenSSL

/// SHA-256 over a stream of bytes. Owns its OpenSSL context; reusable after `finish`.
package struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  /// Traps when OpenSSL has no SHA-256 or no memory is left: nothing in the program could go on.
  package init() {
    guard let context = EVP_MD_CTX_new(), let algorithm = SHA256.algorithm,
      EVP_DigestInit_ex2(context, algorithm, nil) == 1
    else { fatalError("OpenSSL offers no SHA-256") }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    let code = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(code == 1, "SHA-256 update failed")
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes of the digest, written into `digest`; the hasher starts anew.
  package mutating func finish(into digest: UnsafeMutableRawBufferPointer) {
    precondition(digest.count >= SHA256.byteCount, "a SHA-256 digest needs 32 bytes")
    let code = EVP_DigestFinal_ex(context, digest.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
    let again = EVP_DigestInit_ex2(context, nil, nil)
    precondition(code == 1 && again == 1, "SHA-256 finish failed")
  }

  /// The 32 bytes of the digest; the hasher starts anew.
  package mutating func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
      finish(into: UnsafeMutableRawBufferPointer(buffer))
      count = SHA256.byteCount
    }
  }
}

/// SHA-256 of bytes that are all at hand.
package enum SHA256 {
  package static let byteCount = 32

  // Fetched once: a fetch walks OpenSSL's providers under a lock and costs more than hashing a small input.
  // Immutable and reference-counted inside OpenSSL, hence safe to share.
  nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

  package static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    return hasher.finish()
  }

  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { hash($0) }
  }
}
