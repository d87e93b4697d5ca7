internal import COpenSSL
internal import Glibc

/// Secret bytes in pages of their own: kept out of swap (`mlock`) as far as the process's limit allows, out of core
/// dumps (`MADV_DONTDUMP`), and overwritten when the last owner goes. Mute: nothing prints them.
///
/// Where the limit of locked memory (often 8 MiB) is used up, the pages work unlocked: refusing to run would help
/// nobody, and `isLocked` tells. Sharing one between threads is safe while nobody writes into it.
///
/// Unchecked: addresses and sizes never change, and the bytes are written by whoever makes the secret, before others get
/// it.
package final class SecretBytes: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  private let pages: UnsafeMutableRawPointer
  private let mapped: Int
  package let count: Int
  package let isLocked: Bool

  /// Zeroed bytes.
  package init(byteCount: Int) throws(CryptoError) {
    precondition(byteCount > 0, "a secret without bytes")
    let page = max(4_096, sysconf(Int32(_SC_PAGESIZE)))
    mapped = (byteCount + page - 1) / page * page
    guard let pages = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      pages != MAP_FAILED
    else { throw CryptoError(.library, operation: "get memory for a secret") }
    self.pages = pages
    count = byteCount
    isLocked = mlock(pages, mapped) == 0
    _ = madvise(pages, mapped, MADV_DONTDUMP)
  }

  /// Random bytes, e.g. a new key.
  package convenience init(random byteCount: Int) throws(CryptoError) {
    try self.init(byteCount: byteCount)
    try withMutableBytes { buffer throws(CryptoError) in try Randomness.fill(buffer) }
  }

  package convenience init(copying bytes: UnsafeRawBufferPointer) throws(CryptoError) {
    try self.init(byteCount: bytes.count)
    withMutableBytes { $0.copyMemory(from: bytes) }
  }

  deinit {
    OPENSSL_cleanse(pages, mapped)
    munmap(pages, mapped)
  }

  /// Lends the bytes. A property would let them outlive their owner, which Swift may free after its last mention.
  package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: pages, count: count))
  }

  package func withMutableBytes<R, E: Error>(_ body: (UnsafeMutableRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeMutableRawBufferPointer(start: pages, count: count))
  }

  /// The address for an owner that keeps this object alive as long as it uses the address.
  package var baseAddressWhileAlive: UnsafeMutableRawPointer { pages }

  /// Overwrites `bytes`, in a way that the optimiser does not remove.
  package static func cleanse(_ bytes: UnsafeMutableRawBufferPointer) {
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
  }

  package var description: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
