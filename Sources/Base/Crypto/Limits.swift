/// Limits of this module, each with its reason.
package enum CryptoLimits {
  /// Random bytes fetched at once for nonces: 256 nonces a call. The generator's own locking then costs next to nothing
  /// per nonce, and a page is not exceeded.
  package static let randomBlockBytes = 3_072
  /// Bytes of one locked chunk of a slab: 2,048 keys of 32 bytes. `mlock` works on pages and its usual limit is 8 MiB,
  /// so chunks are big enough to waste nothing and small enough that a short-lived command locks little.
  package static let slabChunkBytes = 65_536
  /// Longest input of one seal. An event is at most 1 MiB, so a longer field is a defect; OpenSSL counts in Int32.
  package static let sealBytes = 16 << 20
}
