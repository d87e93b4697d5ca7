internal import Glibc
internal import Hashing

/// A bounded table from bytes to what was derived from them. A look-up allocates nothing and copies nothing; two keys
/// with one hash displace each other, so that crafted keys cost time but never memory or a wrong answer.
struct ByteCache<Value> {
  private struct Entry {
    var key: [UInt8]
    var value: Value
  }
  private var entries: [UInt64: Entry] = [:]
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 { TableHash.of(bytes, seed: seed) }

  /// The value of a key that is two pieces of bytes, e.g. address and user agent.
  func value(_ hash: UInt64, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Value? {
    guard let entry = entries[hash], entry.key.count == first.count &+ second.count else { return nil }
    let isSame = entry.key.withUnsafeBytes { key in
      equal(key.prefix(first.count), first) && equal(key.dropFirst(first.count), second)
    }
    return isSame ? entry.value : nil
  }

  mutating func insert(
    _ value: Value, _ hash: UInt64, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) {
    if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
    entries[hash] = Entry(key: Array(first) + Array(second), value: value)
  }

  private func equal(_ left: Slice<UnsafeRawBufferPointer>, _ right: UnsafeRawBufferPointer) -> Bool {
    let left = UnsafeRawBufferPointer(rebasing: left)
    guard left.count == right.count, let a = left.baseAddress, let b = right.baseAddress else {
      return left.count == right.count
    }
    return memcmp(a, b, left.count) == 0
  }
}
