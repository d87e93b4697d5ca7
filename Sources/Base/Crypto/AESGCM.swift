internal import COpenSSL

/// AES-256-GCM with one reused context for sealing and one or more for opening. A *box* is nonce (12 bytes),
/// ciphertext, tag (16). One thread at a time.
///
/// A nonce must never be used twice under one key; with random 96-bit nonces NIST SP 800-38D (8.3) allows 2^32 seals a
/// key.
package struct AESGCM: ~Copyable {
  package static let keyBytes = 32
  package static let nonceBytes = 12
  package static let tagBytes = 16
  /// A box is so much longer than what it holds.
  package static let overhead = nonceBytes + tagBytes

  // Fetched once, for the reason given at SHA256.algorithm.
  nonisolated(unsafe) private static let algorithm: OpaquePointer? = millrace_aes_256_gcm()

  private let sealing: OpaquePointer
  /// One context for each slot.
  private let opening: [OpaquePointer]

  /// `openingSlots`: how many keys `open` can keep expanded, each in a slot of its own.
  package init(openingSlots: Int = 1) throws(CryptoError) {
    precondition(openingSlots > 0, "a cipher that opens nothing")
    let sealing = EVP_CIPHER_CTX_new()
    let opening = (0..<openingSlots).compactMap { _ in EVP_CIPHER_CTX_new() }
    guard let algorithm = Self.algorithm, let sealing, opening.count == openingSlots,
      EVP_EncryptInit_ex2(sealing, algorithm, nil, nil, nil) == 1,
      opening.allSatisfy({ EVP_DecryptInit_ex2($0, algorithm, nil, nil, nil) == 1 })
    else {
      EVP_CIPHER_CTX_free(sealing)
      for context in opening { EVP_CIPHER_CTX_free(context) }
      throw CryptoError(.library, operation: "set up AES-256-GCM")
    }
    self.sealing = sealing
    self.opening = opening
  }

  deinit {
    EVP_CIPHER_CTX_free(sealing)
    for context in opening { EVP_CIPHER_CTX_free(context) }
  }

  /// Overwrites every key that is kept expanded; each slot, and sealing, then needs a key again.
  package mutating func forgetKeys() {
    for context in opening {
      let code = EVP_CIPHER_CTX_reset(context) & EVP_DecryptInit_ex2(context, Self.algorithm, nil, nil, nil)
      precondition(code == 1, "a cipher that was set up cannot be set up again")
    }
    let code = EVP_CIPHER_CTX_reset(sealing) & EVP_EncryptInit_ex2(sealing, Self.algorithm, nil, nil, nil)
    precondition(code == 1, "a cipher that was set up cannot be set up again")
  }

  /// Writes the box of `plaintext` into `box`, which must have exactly `plaintext.count + overhead` bytes.
  /// `key` nil: the key of the last call of `seal`, whose expansion (half of the cost of a short field) is then saved.
  package mutating func seal(
    _ plaintext: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer?, nonce: UnsafeRawBufferPointer,
    associatedData: UnsafeRawBufferPointer, into box: UnsafeMutableRawBufferPointer
  ) throws(CryptoError) {
    guard plaintext.count <= CryptoLimits.sealBytes, associatedData.count <= CryptoLimits.sealBytes,
      box.count == plaintext.count + Self.overhead, nonce.count == Self.nonceBytes,
      key == nil || key?.count == Self.keyBytes
    else { throw CryptoError(.invalidInput, operation: "seal") }
    let output = Self.bytes(box)
    box.copyMemory(from: nonce)
    var written: Int32 = 0
    var code = EVP_EncryptInit_ex2(sealing, nil, Self.bytes(key), Self.bytes(nonce), nil)
    if !associatedData.isEmpty {
      code &= EVP_EncryptUpdate(sealing, nil, &written, Self.bytes(associatedData), Int32(associatedData.count))
    }
    if !plaintext.isEmpty {
      code &= EVP_EncryptUpdate(
        sealing, output + Self.nonceBytes, &written, Self.bytes(plaintext), Int32(plaintext.count))
    }
    let tag = output + Self.nonceBytes + plaintext.count
    code &= EVP_EncryptFinal_ex(sealing, tag, &written)
    code &= EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagBytes), tag)
    guard code == 1 else { throw CryptoError(.library, operation: "seal") }
  }

  /// Opens `box` into the start of `plaintext` and answers how many bytes it held. When the tag does not fit, nothing
  /// usable is left in `plaintext`. `key` nil: the key of the last call of `open` with this slot, whose expansion (half
  /// of the cost of a short field) is then saved.
  package mutating func open(
    _ box: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer?, slot: Int = 0,
    associatedData: UnsafeRawBufferPointer, into plaintext: UnsafeMutableRawBufferPointer
  ) throws(CryptoError) -> Int {
    let opening = opening[slot]
    let count = box.count - Self.overhead
    guard count >= 0, let input = box.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      throw CryptoError(.authenticationFailed, operation: "open")
    }
    guard count <= CryptoLimits.sealBytes, count <= plaintext.count, associatedData.count <= CryptoLimits.sealBytes,
      key == nil || key?.count == Self.keyBytes
    else { throw CryptoError(.invalidInput, operation: "open") }
    var written: Int32 = 0
    var code = EVP_DecryptInit_ex2(opening, nil, Self.bytes(key), input, nil)
    if !associatedData.isEmpty {
      code &= EVP_DecryptUpdate(opening, nil, &written, Self.bytes(associatedData), Int32(associatedData.count))
    }
    if count > 0 {
      code &= EVP_DecryptUpdate(opening, Self.bytes(plaintext), &written, input + Self.nonceBytes, Int32(count))
    }
    code &= EVP_CIPHER_CTX_ctrl(
      opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagBytes),
      UnsafeMutableRawPointer(mutating: input + Self.nonceBytes + count))
    guard code == 1 else { throw CryptoError(.library, operation: "open") }
    // GCM writes nothing at the end; the pointer only has to be one.
    var nothing: UInt8 = 0
    guard EVP_DecryptFinal_ex(opening, &nothing, &written) == 1 else {
      if count > 0 { OPENSSL_cleanse(plaintext.baseAddress, count) }
      throw CryptoError(.authenticationFailed, operation: "open")
    }
    return count
  }

  private static func bytes(_ buffer: UnsafeRawBufferPointer?) -> UnsafePointer<UInt8>? {
    buffer?.baseAddress?.assumingMemoryBound(to: UInt8.self)
  }

  private static func bytes(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<UInt8> {
    guard let base = buffer.baseAddress else { preconditionFailure("an output buffer without an address") }
    return base.assumingMemoryBound(to: UInt8.self)
  }
}
