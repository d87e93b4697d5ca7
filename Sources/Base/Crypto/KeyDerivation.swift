internal import COpenSSL

/// Sub-keys of a master key: NIST SP 800-108r1, counter mode, HMAC-SHA-256, 32-bit counter and length
/// (https://doi.org/10.6028/NIST.SP.800-108r1-upd1).
package enum KeyDerivation {
  /// The sub-key that `label` (what it is for) and `context` (which one of those) name.
  package static func derive(
    from master: SecretBytes, label: String, context: [UInt8], byteCount: Int = 32
  ) throws(CryptoError) -> SecretBytes {
    guard (1...1_024).contains(byteCount), !label.isEmpty else {
      throw CryptoError(.invalidInput, operation: "derive a key")
    }
    let failure = CryptoError(.library, operation: "derive a key")
    guard let algorithm = EVP_KDF_fetch(nil, "KBKDF", nil) else { throw failure }
    defer { EVP_KDF_free(algorithm) }
    guard let derivation = EVP_KDF_CTX_new(algorithm) else { throw failure }
    defer { EVP_KDF_CTX_free(derivation) }

    let result = try SecretBytes(byteCount: byteCount)
    let code = Array(label.utf8).withUnsafeBytes { label in
      context.withUnsafeBytes { context in
        master.withBytes { master in
          result.withMutableBytes { result in
            millrace_kbkdf_derive(
              derivation, master.baseAddress, master.count, label.baseAddress, label.count, context.baseAddress,
              context.count, result.baseAddress?.assumingMemoryBound(to: UInt8.self), result.count)
          }
        }
      }
    }
    guard code == 1 else { throw failure }
    return result
  }
}
