internal import Crypto
internal import Entity
internal import Glibc
internal import Hashing

/// Tokens of the values met lately: a direct-mapped table in one block of secret memory, since it holds clear values.
///
/// A table of its own for each field whose values come again and again. Finding one costs a
/// fraction of its MAC; a value that collides with another only costs a miss.
final class TokenCache {
  /// A slot: the token's two words, the value's length + 1 (0: empty), the value.
  private static let slotBytes = 64
  private static let lengthOffset = 16
  private static let valueOffset = 17
  private static let valueBytes = slotBytes - valueOffset

  let memory: SecretBytes
  private let slots: UnsafeMutableRawPointer
  private let mask: Int

  /// `capacity`: a power of two.
  init(capacity: Int) throws(CryptoError) {
    precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a capacity that is no power of two")
    memory = try SecretBytes(byteCount: capacity * Self.slotBytes)
    slots = memory.baseAddressWhileAlive
    mask = capacity - 1
  }

  func token(of value: UnsafeRawBufferPointer) -> Token? {
    guard let slot = slot(of: value), slot.load(fromByteOffset: Self.lengthOffset, as: UInt8.self) == value.count + 1
    else { return nil }
    if let start = value.baseAddress, memcmp(slot + Self.valueOffset, start, value.count) != 0 { return nil }
    return Token(high: slot.load(as: UInt64.self), low: slot.load(fromByteOffset: 8, as: UInt64.self))
  }

  /// A value too long for a slot is passed over.
  func insert(_ token: Token, of value: UnsafeRawBufferPointer) {
    guard let slot = slot(of: value) else { return }
    slot.storeBytes(of: token.high, as: UInt64.self)
    slot.storeBytes(of: token.low, toByteOffset: 8, as: UInt64.self)
    slot.storeBytes(of: UInt8(value.count + 1), toByteOffset: Self.lengthOffset, as: UInt8.self)
    UnsafeMutableRawBufferPointer(start: slot + Self.valueOffset, count: value.count).copyMemory(from: value)
  }

  /// Forgets and overwrites everything.
  func wipe() { memory.withMutableBytes { SecretBytes.cleanse($0) } }

  /// nil: the value is too long.
  @inline(__always)
  private func slot(of value: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
    guard value.count <= Self.valueBytes else { return nil }
    return slots + (Int(truncatingIfNeeded: TableHash.of(value)) & mask) * Self.slotBytes
  }
}
