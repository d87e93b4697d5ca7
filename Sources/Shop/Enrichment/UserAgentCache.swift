internal import Foundation
internal import Hashing

/// Remembers facts by user agent: sets of four slots, the clock of a set chooses which to give up. A stranger who
/// sends colliding agents can empty one set, not slow the others. One thread at a time.
struct UserAgentCache {
  private static let ways = 4

  private struct Slot {
    var agent: [UInt8]
    var facts: UserAgentFacts
  }

  /// Hashes lie apart from the slots: a look-up touches 32 bytes of them and then one slot.
  private var hashes: [UInt64]
  private var slots: [Slot?]
  /// One bit a way: used since the clock's hand last passed; and the hand.
  private var used: [UInt8]
  private var hands: [UInt8]
  private let mask: Int

  /// `capacity` is rounded up to a power of two.
  init(capacity: Int) {
    var sets = 1
    while sets * UserAgentCache.ways < capacity { sets *= 2 }
    mask = sets - 1
    hashes = Array(repeating: 0, count: sets * UserAgentCache.ways)
    slots = Array(repeating: nil, count: sets * UserAgentCache.ways)
    used = Array(repeating: 0, count: sets)
    hands = Array(repeating: 0, count: sets)
  }

  var capacity: Int { slots.count }
  var count: Int { slots.count { $0 != nil } }

  @inline(__always)
  mutating func facts(of agent: UnsafeBufferPointer<UInt8>, hash: UInt64) -> UserAgentFacts? {
    let set = Int(truncatingIfNeeded: hash) & mask
    let first = set &* UserAgentCache.ways
    for way in 0..<UserAgentCache.ways where hashes[first &+ way] == hash {
      guard let slot = slots[first &+ way], UserAgentCache.equal(slot.agent, agent) else {
        continue
      }
      used[set] |= 1 << UInt8(way)
      return slot.facts
    }
    return nil
  }

  mutating func insert(_ facts: UserAgentFacts, of agent: UnsafeBufferPointer<UInt8>, hash: UInt64) {
    let set = Int(truncatingIfNeeded: hash) & mask
    let first = set * UserAgentCache.ways
    var hand = hands[set]
    while used[set] & (1 << hand) != 0 {
      used[set] &= ~(1 << hand)
      hand = (hand + 1) & 3
    }
    hands[set] = (hand + 1) & 3
    hashes[first + Int(hand)] = hash
    slots[first + Int(hand)] = Slot(agent: Array(agent), facts: facts)
  }

  @inline(__always)
  private static func equal(_ own: [UInt8], _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard own.count == other.count, let start = other.baseAddress else { return own.isEmpty && other.isEmpty }
    return own.withUnsafeBytes { memcmp($0.baseAddress ?? UnsafeRawPointer(start), start, other.count) } == 0
  }

  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 { TableHash.of(UnsafeRawBufferPointer(bytes)) }
}
