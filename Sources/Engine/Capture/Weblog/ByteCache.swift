internal import Glibc

/// A bounded table from bytes to what was derived from them. A look-up allocates nothing and copies nothing; two keys with
/// one hash displace each other, so that crafted keys cost time but never memory or a wrong answer.
struct ByteCache<Value> {
  private struct Entry {
    var key: [UInt8]
    var value: Value
  }
  private var entries: [UInt64: Entry] = [:]
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var state = seed ^ 0x9e37_79b9_7f4a_7c15 ^ UInt64(bytes.count)
    var index = 0
    while index &+ 8 <= bytes.count {
      state = mix(state, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index &+= 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index &+= 1
    }
    return mix(state, rest)
  }

  private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
    return product.high ^ product.low ^ word.byteSwapped
  }

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
