internal import Hashing

/// Random choices of one seed (SplitMix64); all that a run does comes from here.
struct Draw: RandomNumberGenerator {
  private var generator: SplitMix64

  init(_ seed: UInt64) { generator = SplitMix64(seed: seed &* 0xd134_2543_de82_ef95 &+ 1) }

  mutating func next() -> UInt64 { generator.next() }

  /// 0 ..< bound.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
