import TestSupport
import Testing

@testable import EventLog

@Suite("The stored form of a batch")
struct BatchFormatTests {
  private let partition = TopicPartition("t", 0)

  private func sample() throws -> EncodedBatch {
    var builder = BatchBuilder(partition: partition)
    for number in 0..<4 {
      let taken = builder.append(
        key: [1, 2, UInt8(number)], value: number == 1 ? nil : [UInt8](repeating: 9, count: number * 70),
        origin: number == 2 ? nil : [7], timestampMillis: 1_000 - Int64(number) * 300)
      #expect(taken)
    }
    let batch = builder.finish()
    return try #require(batch)
  }

  /// The published form, byte for byte: what was once written stays readable.
  @Test("version 1 has these bytes")
  func goldenBytes() throws {
    var builder = BatchBuilder(partition: partition)
    add(&builder, key: [0xaa], value: [0xbb, 0xcc], origin: [], timestampMillis: 0x0102)
    add(&builder, key: [], value: nil, origin: nil, timestampMillis: 0x0101)
    let batch = builder.finish()
    let bytes = try #require(batch).bytes
    #expect(bytes[0] == 1)
    #expect(bytes[1..<9].elementsEqual([0xa1, 0x33, 0x95, 0xe8, 0x6e, 0x55, 0x39, 0xb6]))
    #expect(bytes[9..<21].elementsEqual([2, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]))
    #expect(bytes[21...].elementsEqual([0, 1, 0xaa, 3, 0xbb, 0xcc, 1, 1, 0, 0, 0]))
  }

  @Test("records come back as they went in")
  func roundTrip() throws {
    let encoded = try sample()
    #expect(encoded.count == 4)
    #expect(encoded.firstTimestampMillis == 100)
    #expect(encoded.lastTimestampMillis == 1_000)
    let batch = try RecordBatch(decoding: encoded.bytes, partition: partition, baseOffset: 40)
    #expect(batch.records.map(\.offset) == [40, 41, 42, 43])
    #expect(batch.nextOffset == 44)
    #expect(batch.records.map(\.timestampMillis) == [1_000, 700, 400, 100])
    #expect(batch.records.map { Array(batch.bytes[$0.key]) } == (0..<4).map { [1, 2, UInt8($0)] })
    #expect(batch.records.map { $0.value.map { batch.bytes[$0].count } } == [0, nil, 140, 210])
    #expect(batch.records.map { $0.origin.map { Array(batch.bytes[$0]) } } == [[7], [7], nil, [7]])
  }

  @Test("extreme timestamps survive")
  func extremeTimestamps() throws {
    let times = [Int64.max, Int64.min, 0, Int64.min, Int64.max, -1]
    var builder = BatchBuilder(partition: partition)
    for time in times { add(&builder, key: [], value: nil, origin: nil, timestampMillis: time) }
    let batch = builder.finish()
    let encoded = try #require(batch)
    #expect(encoded.firstTimestampMillis == Int64.min)
    #expect(encoded.lastTimestampMillis == Int64.max)
    let decoded = try RecordBatch(decoding: encoded.bytes, partition: partition, baseOffset: 0)
    #expect(decoded.records.map(\.timestampMillis) == times)
  }

  @Test("a batch cut at any byte is damaged, never a trap")
  func truncated() throws {
    let bytes = try sample().bytes
    for length in 0..<bytes.count { expectDamaged(Array(bytes[..<length]), "cut at \(length)") }
    expectDamaged(bytes + [0], "one byte more")
  }

  @Test("a batch with any flipped bit is damaged, never a trap")
  func flipped() throws {
    let bytes = try sample().bytes
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      expectDamaged(changed, "bit \(bit)")
    }
  }

  /// Goal: hostile bytes whose checksum fits are refused too, or read within bounds. Method: cut, flip and exchange bytes,
  /// then put the right checksum on.
  @Test("hostile bytes under a right checksum stay within bounds")
  func hostile() throws {
    let bytes = try sample().bytes
    var hostiles: [[UInt8]] = []
    for length in StoredBatch.headerBytes..<bytes.count { hostiles.append(Array(bytes[..<length])) }
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      hostiles.append(changed)
    }
    var random = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        changed[Int.random(in: 9..<changed.count, using: &random)] =
          [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
      }
      hostiles.append(changed)
    }
    var accepted = 0
    for hostile in hostiles.map(resealed) {
      guard let batch = try? RecordBatch(decoding: hostile, partition: partition, baseOffset: 0) else { continue }
      accepted += 1
      for record in batch.records {
        for range in [record.key, record.value ?? record.key, record.origin ?? record.key] {
          #expect(range.lowerBound >= StoredBatch.headerBytes && range.upperBound <= hostile.count)
        }
      }
    }
    #expect(accepted > 0 && accepted < hostiles.count)
  }

  @Test("a count or a length that promises too much takes no memory")
  func hugePromises() throws {
    func batch(count: UInt32, _ body: [UInt8]) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 21) + body
      bytes[0] = 1
      for index in 0..<4 { bytes[9 + index] = UInt8(truncatingIfNeeded: count >> UInt32(8 * index)) }
      return resealed(bytes)
    }
    let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    let tooWide: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]
    expectDamaged(batch(count: 0, []), "no record")
    expectDamaged(batch(count: UInt32.max, [0, 0, 0, 0]), "count")
    expectDamaged(batch(count: 2, [0, 0, 0, 0]), "one record too few")
    expectDamaged(batch(count: 1, [0, 0, 0, 0, 0]), "one byte too many")
    for place in 1...3 {
      var body: [UInt8] = [0, 0, 0, 0]
      body.replaceSubrange(place...place, with: huge)
      expectDamaged(batch(count: 1, body), "length of part \(place)")
      body = [0, 0, 0, 0]
      body.replaceSubrange(place...place, with: tooWide)
      expectDamaged(batch(count: 1, body), "varint of part \(place)")
    }
    let long = [0, 0x80, 0x80, 0x40] + [UInt8](repeating: 1, count: 1 << 20) + [0, 0]
    expectDamaged(batch(count: 1, long), "a record above the limit")
    let fine = try RecordBatch(decoding: batch(count: 1, huge + [0, 0, 0]), partition: partition, baseOffset: 0)
    #expect(fine.records.first?.timestampMillis == Int64.min)
  }

  @Test("offsets near the end of the numbers are refused")
  func hugeOffsets() throws {
    let bytes = try sample().bytes
    for base in [.max, .max - 3, -1, Offset(.min)] as [Offset] {
      #expect(throws: LogError.self) { _ = try RecordBatch(decoding: bytes, partition: partition, baseOffset: base) }
    }
  }

  @Test("a later format version is told apart from damage")
  func laterVersion() throws {
    var bytes = try sample().bytes
    bytes[0] = 2
    let later = resealed(bytes)
    let error = #expect(throws: LogError.self) {
      _ = try RecordBatch(decoding: later, partition: partition, baseOffset: 0)
    }
    #expect(error?.kind == .configuration)
    #expect(error?.hint.contains("newer") == true)
  }

  @Test("what is above the limits is not taken, and nothing changes")
  func limits() throws {
    var builder = BatchBuilder(partition: partition)
    let limit = EventLogLimits.recordBytes
    refuse(&builder, key: [1], value: [UInt8](repeating: 0, count: limit), origin: nil, timestampMillis: 0)
    #expect(!BatchBuilder.fits(keyBytes: 1, valueBytes: limit, originBytes: 0))
    #expect(!BatchBuilder.fits(keyBytes: Int.max, valueBytes: Int.max, originBytes: Int.max))
    #expect(builder.count == 0 && builder.byteCount == 0)
    let none = builder.finish()
    #expect(none == nil)

    let large = [UInt8](repeating: 0, count: limit)
    var taken = 0
    while builder.append(key: [], value: large, origin: nil, timestampMillis: 0) { taken += 1 }
    #expect(taken == 8)
    #expect(builder.count == 8)
    let batch = builder.finish()
    let encoded = try #require(batch)
    #expect(encoded.bytes.count <= EventLogLimits.batchBytes)
    #expect(try RecordBatch(decoding: encoded.bytes, partition: partition, baseOffset: 0).records.count == 8)
    #expect(builder.count == 0)

    taken = 0
    while builder.append(key: [], value: nil, origin: nil, timestampMillis: 0) { taken += 1 }
    #expect(taken == EventLogLimits.batchRecords)
  }

  private func add(
    _ builder: inout BatchBuilder, key: [UInt8], value: [UInt8]?, origin: [UInt8]?, timestampMillis: Int64
  ) {
    let taken = builder.append(key: key, value: value, origin: origin, timestampMillis: timestampMillis)
    #expect(taken)
  }

  private func refuse(
    _ builder: inout BatchBuilder, key: [UInt8], value: [UInt8]?, origin: [UInt8]?, timestampMillis: Int64
  ) {
    let taken = builder.append(key: key, value: value, origin: origin, timestampMillis: timestampMillis)
    #expect(!taken)
  }

  private func resealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let checksum = bytes.withUnsafeBytes { StoredBatch.checksum(of: $0, version: $0[0]) }
    for index in 0..<8 { bytes[1 + index] = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * index)) }
    return bytes
  }

  private func expectDamaged(_ bytes: [UInt8], _ what: String) {
    do {
      _ = try RecordBatch(decoding: bytes, partition: partition, baseOffset: 0)
      Issue.record("\(what) was accepted")
    } catch {
      #expect(error.kind == .damaged, "\(what)")
    }
  }
}

@Suite("Hashes that others compute too")
struct HashTests {
  /// The Java client's own test vectors (org.apache.kafka.common.utils.UtilsTest).
  @Test(
    "murmur2 gives the Java client's values",
    arguments: [
      ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
      ("a-little-bit-longer-string", -1_486_304_829),
      ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ] as [(String, Int32)])
  func murmur2(text: String, expected: Int32) {
    #expect(Partitioner.murmur2(Array(text.utf8)) == expected)
  }

  @Test("a partition lies within the topic, and the sign bit is cleared as in Java")
  func partitions() {
    #expect(Partitioner.partition(of: Array("21".utf8), among: 4) == (-973_932_308 & 0x7fff_ffff) % 4)
    var seen: Set<Int32> = []
    for number in 0..<200 { seen.insert(Partitioner.partition(of: Array("key \(number)".utf8), among: 4)) }
    #expect(seen == [0, 1, 2, 3])
    #expect(Partitioner.partition(of: [], among: 1) == 0)
  }

  /// Values of the reference implementation (the `xxhsum` program).
  @Test(
    "XXH64 gives the reference values",
    arguments: [
      ("", 0, 0xef46_db37_51d8_e999), ("a", 0, 0xd24e_c4f1_a98c_6e5b), ("abc", 0, 0x44bc_2cf5_ad77_0999),
      ("Nobody inspects the spammish repetition", 0, 0xfbce_a83c_8a37_8bf1),
    ] as [(String, UInt64, UInt64)])
  func checksum(text: String, seed: UInt64, expected: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes { Checksum.xxh64($0, seed: seed) } == expected)
  }

  /// All paths of the algorithm, with a seed; the value is an independent implementation's.
  @Test("XXH64 of a hundred bytes with a seed is right")
  func longChecksum() {
    let bytes = (0..<101).map { UInt8($0) }
    #expect(bytes.withUnsafeBytes { Checksum.xxh64($0, seed: 1) } == 0x4364_9992_8c06_f890)
  }
}
