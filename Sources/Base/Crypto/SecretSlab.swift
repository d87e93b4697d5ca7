internal import COpenSSL

/// Many small secrets of one size, side by side in locked chunks: a page of its own for each 32-byte key would use up
/// the limit of locked memory at 2,048 keys. Safe to share between threads.
///
/// Unchecked: `chunks` and `free` are touched under the lock only, and a slot's bytes are its taker's alone.
package final class SecretSlab: @unchecked Sendable {
  package let slotBytes: Int
  private let lock = AdaptiveLock()
  private var chunks: [SecretBytes] = []
  private var free: [UnsafeMutableRawPointer] = []

  package init(slotBytes: Int) {
    precondition(slotBytes > 0 && slotBytes <= CryptoLimits.slabChunkBytes, "a slot that fits no chunk")
    self.slotBytes = slotBytes
  }

  /// A zeroed slot, the caller's until `release`. The slab must outlive it.
  package func take() throws(CryptoError) -> UnsafeMutableRawBufferPointer {
    lock.lock()
    defer { lock.unlock() }
    if free.isEmpty {
      let chunk = try SecretBytes(byteCount: CryptoLimits.slabChunkBytes)
      chunks.append(chunk)
      let start = chunk.baseAddressWhileAlive
      for slot in 0..<(chunk.count / slotBytes) { free.append(start + slot * slotBytes) }
    }
    return UnsafeMutableRawBufferPointer(start: free.removeLast(), count: slotBytes)
  }

  /// Overwrites the slot and takes it back.
  package func release(_ slot: UnsafeMutableRawBufferPointer) {
    guard let start = slot.baseAddress else { return }
    OPENSSL_cleanse(start, slotBytes)
    lock.lock()
    free.append(start)
    lock.unlock()
  }

  /// Chunks in memory, and how many of them could be locked.
  package var chunkCounts: (all: Int, locked: Int) {
    lock.lock()
    defer { lock.unlock() }
    return (chunks.count, chunks.count(where: { $0.isLocked }))
  }
}
