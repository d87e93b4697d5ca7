internal import Crypto

/// A reused buffer for clear values and MAC inputs: grows, is overwritten when it goes, and saves an allocation per
/// field.
struct Scratch: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 512) {
    base = .allocate(byteCount: capacity, alignment: 8)
    self.capacity = capacity
  }

  deinit {
    SecretBytes.cleanse(UnsafeMutableRawBufferPointer(start: base, count: capacity))
    base.deallocate()
  }

  /// Valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  mutating func truncate(to newCount: Int) { count = min(count, newCount) }

  /// Overwrites everything behind the first bytes, also what was truncated before.
  mutating func wipe(from kept: Int = 0) {
    truncate(to: kept)
    SecretBytes.cleanse(free)
  }

  /// Room for `extra` more bytes, to be written from `base + count` on and then counted by `advance`.
  mutating func reserve(_ extra: Int) {
    guard capacity - count < extra else { return }
    let newCapacity = max(capacity * 2, count + extra)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 8)
    larger.copyMemory(from: base, byteCount: count)
    SecretBytes.cleanse(UnsafeMutableRawBufferPointer(start: base, count: capacity))
    base.deallocate()
    base = larger
    capacity = newCapacity
  }

  /// The free bytes behind the content.
  var free: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base + count, count: capacity - count)
  }

  mutating func advance(_ added: Int) {
    precondition(added >= 0 && added <= capacity - count, "more bytes counted than reserved")
    count += added
  }

  mutating func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    reserve(bytes.count)
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  /// Big-endian.
  mutating func append<I: FixedWidthInteger>(number: I) {
    withUnsafeBytes(of: number.bigEndian) { append($0) }
  }

  /// The bytes with their length in front, so that parts never run into each other.
  mutating func append(part: UnsafeRawBufferPointer) {
    append(number: UInt32(truncatingIfNeeded: part.count))
    append(part)
  }

  mutating func append(part: [UInt8]) { part.withUnsafeBytes { append(part: $0) } }

  mutating func append(part: String) {
    var part = part
    part.withUTF8 { append(part: UnsafeRawBufferPointer($0)) }
  }

  /// Overwrites four bytes at `offset` with a length that was not known when they were written.
  mutating func patch(_ length: Int, at offset: Int) {
    precondition(offset >= 0 && offset + 4 <= count, "a length is patched outside of the content")
    base.storeBytes(of: UInt32(truncatingIfNeeded: length).bigEndian, toByteOffset: offset, as: UInt32.self)
  }
}
