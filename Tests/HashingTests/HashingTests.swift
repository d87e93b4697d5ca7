import Hashing
import Testing

@Suite("Mixing words")
struct HashingTests {
  /// The reference implementation's numbers for seed 1234567 (https://prng.di.unimi.it/splitmix64.c), as printed in
  /// Rosetta Code's task "Pseudo-random numbers/Splitmix64".
  @Test("SplitMix64 gives the published numbers")
  func splitMix() {
    var generator = SplitMix64(seed: 1_234_567)
    let numbers = (0..<5).map { _ in generator.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test("equal seeds give equal numbers, streams differ, and bounds hold")
  func streams() {
    var one = SplitMix64(seed: 5, stream: 1)
    var same = SplitMix64(seed: 5, stream: 1)
    var other = SplitMix64(seed: 5, stream: 2)
    #expect(one.next() == same.next())
    #expect(one.next() != other.next())
    #expect((0..<1_000).allSatisfy { _ in (0..<7).contains(one.below(7)) })
    #expect(one.below(0) == 0 && one.below(-1) == 0)
  }

  /// Goal: a table of cached values is used evenly, and keys that differ in length or one bit only differ. Method: ten
  /// thousand keys of look-alike text into 1,024 places, and all prefixes of zeros.
  @Test("hashes of look-alike keys spread over a table")
  func spread() {
    var counts = [Int](repeating: 0, count: 1_024)
    for number in 0..<10_240 {
      let key = Array("198.51.100.\(number)".utf8)
      counts[Int(key.withUnsafeBytes { TableHash.of($0) } & 1_023)] += 1
    }
    #expect((counts.max() ?? 0) < 30 && counts.filter { $0 == 0 }.count < 10)
    let zeros = [UInt8](repeating: 0, count: 64)
    let hashes = Set((0...64).map { length in zeros.withUnsafeBytes { TableHash.of(.init(rebasing: $0[..<length])) } })
    #expect(hashes.count == 65)
    let bytes = Array("abc".utf8)
    #expect(bytes.withUnsafeBytes { TableHash.of($0, seed: 1) } != bytes.withUnsafeBytes { TableHash.of($0, seed: 2) })
  }
}
