import Concurrency
import Crypto
import Testing

@Suite struct SecretTests {
  @Test("a secret prints nothing of itself") func mute() throws {
    let hidden = try secret([UInt8](repeating: 0x41, count: 40))
    var dumped = ""
    dump(hidden, to: &dumped)
    for text in ["\(hidden)", String(reflecting: hidden), dumped] {
      #expect(!text.contains("65") && !text.contains("41") && !text.contains("AAAA"), "\(text)")
    }
  }

  /// Goal: a released slot holds nothing of the secret. Method: write, release, take again: the pointer is the same.
  @Test("a slab hands out distinct slots and wipes them") func slab() throws {
    let slab = SecretSlab(slotBytes: 32)
    var slots: [UnsafeMutableRawBufferPointer] = []
    for number in 0..<5_000 {
      let slot = try slab.take()
      #expect(slot.allSatisfy { $0 == 0 })
      slot.storeBytes(of: UInt64(number) + 1, as: UInt64.self)
      slots.append(slot)
    }
    #expect(Set(slots.map { UInt(bitPattern: $0.baseAddress) }).count == 5_000)
    for (number, slot) in slots.enumerated() { #expect(slot.load(as: UInt64.self) == UInt64(number) + 1) }
    #expect(slab.chunkCounts.all == 3)
    for slot in slots { slab.release(slot) }
    for _ in 0..<5_000 {
      let slot = try slab.take()
      #expect(slot.allSatisfy { $0 == 0 })
    }
    #expect(slab.chunkCounts.all == 3)
  }

  /// Goal: a slab may be shared. Method: threads take, fill, look and give back; a slot that two had at once would show the
  /// other's number, and ThreadSanitizer the race.
  @Test("threads that share a slab never hold the same slot") func sharedSlab() throws {
    let slab = SecretSlab(slotBytes: 32)
    let work = (1...4).map { number in
      WorkThread.run("slab \(number)") {
        for _ in 0..<300 {
          let slots = try (0..<5).map { _ in try slab.take() }
          for slot in slots { slot.storeBytes(of: UInt64(number), as: UInt64.self) }
          guard slots.allSatisfy({ $0.load(as: UInt64.self) == UInt64(number) }) else { return false }
          for slot in slots { slab.release(slot) }
        }
        return true
      }
    }
    for each in work { #expect(try each.wait()) }
    #expect(slab.chunkCounts.all == 1)
  }

  /// Goal: whoever spins and whoever sleeps is let in alone. Method: threads that count under it, without the count being
  /// atomic.
  @Test("threads that fight over an adaptive lock lose no change") func adaptiveLock() throws {
    final class Shared: @unchecked Sendable { var count = 0 }
    let shared = Shared()
    let lock = AdaptiveLock()
    let work = (0..<4).map { number in
      WorkThread.run("adaptive \(number)") { for _ in 0..<5_000 { lock.withLock { shared.count += 1 } } }
    }
    for each in work { try each.wait() }
    #expect(lock.withLock { shared.count } == 20_000)
  }

  /// Goal: running out of lockable memory is no failure. Method: take more than any usual limit.
  @Test("more secrets than may be locked still work") func beyondTheLimit() throws {
    var held: [SecretBytes] = []
    for _ in 0..<40 { held.append(try SecretBytes(random: 1 << 20)) }
    #expect(Set(held.map { $0.withBytes { $0.load(as: UInt64.self) } }).count == 40)
  }

  @Test("a random block never hands out a byte twice") func randomBlock() throws {
    var block = RandomBlock()
    var seen: Set<[UInt8]> = []
    for _ in 0..<10_000 { seen.insert(Array(try block.next(12))) }
    #expect(seen.count == 10_000)
  }
}
