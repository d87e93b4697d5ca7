internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key. Owns its OpenSSL context, which holds the key's two inner states; a message
/// then costs two or more blocks of SHA-256 and no allocation. One thread at a time.
package struct HMACSHA256: ~Copyable {
  private let context: OpaquePointer
  package static let byteCount = 32

  // Fetched once, for the reason given at SHA256.algorithm.
  nonisolated(unsafe) private static let algorithm: OpaquePointer? = EVP_MAC_fetch(nil, "HMAC", nil)

  package init(key: UnsafeRawBufferPointer) throws(CryptoError) {
    guard !key.isEmpty else { throw CryptoError(.invalidInput, operation: "set up HMAC without a key") }
    guard let algorithm = Self.algorithm, let context = EVP_MAC_CTX_new(algorithm) else {
      throw CryptoError(.library, operation: "set up HMAC-SHA-256")
    }
    let code = millrace_hmac_sha256_init(context, key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count)
    guard code == 1 else {
      EVP_MAC_CTX_free(context)
      throw CryptoError(.library, operation: "set up HMAC-SHA-256")
    }
    self.context = context
  }

  package init(key: SecretBytes) throws(CryptoError) {
    defer { withExtendedLifetime(key) {} }
    try self.init(key: UnsafeRawBufferPointer(start: key.baseAddressWhileAlive, count: key.count))
  }

  deinit { EVP_MAC_CTX_free(context) }

  /// The first 128 bits of the MAC, as two big-endian numbers. The hot path: nothing is allocated.
  package mutating func token(of message: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { output in
      compute(message, into: output)
      return (
        UInt64(bigEndian: output.load(as: UInt64.self)),
        UInt64(bigEndian: output.load(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  package mutating func authenticate(_ message: UnsafeRawBufferPointer) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      compute(message, into: UnsafeMutableRawBufferPointer(buffer))
      count = Self.byteCount
    }
  }

  package mutating func authenticate(_ message: [UInt8]) -> [UInt8] {
    message.withUnsafeBytes { authenticate($0) }
  }

  private mutating func compute(_ message: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
    // A null key starts a new message under the key that the context already has.
    var code = EVP_MAC_init(context, nil, 0, nil)
    if !message.isEmpty {
      code &= EVP_MAC_update(context, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count)
    }
    code &= EVP_MAC_final(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, output.count)
    precondition(code == 1, "HMAC failed on a context that was set up")
  }
}
