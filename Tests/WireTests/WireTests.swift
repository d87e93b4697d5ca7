import TestSupport
import Testing
import Wire

/// A message with one field of each kind, and itself.
private struct Sample: Equatable {
  var unsigned: UInt64 = 0
  var signed: Int64 = 0
  var zigzag: Int64 = 0
  var small: Int32 = 0
  var fixed: UInt64 = 0
  var text = ""
  var blob: [UInt8] = []
  var list: [String] = []
  var optional: Int64?
  var children: [Sample] = []
  var zigzagSmall: Int32 = 0

  func write(_ writer: inout WireWriter) {
    writer.uint64(1, unsigned)
    writer.int64(2, signed)
    writer.sint64(3, zigzag)
    writer.int32(4, small)
    writer.fixed64(5, fixed)
    writer.string(6, text)
    writer.bytes(7, blob)
    for element in list { writer.string(8, always: element) }
    writer.int64(16, optional)
    for child in children {
      let start = writer.begin(17)
      child.write(&writer)
      writer.end(start)
    }
    writer.sint32(536_870_911, zigzagSmall)
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch tag.field {
      case 1: try reader.uint64(&unsigned, tag, bytes)
      case 2: try reader.int64(&signed, tag, bytes)
      case 3: try reader.sint64(&zigzag, tag, bytes)
      case 4: try reader.int32(&small, tag, bytes)
      case 5: try reader.fixed64(&fixed, tag, bytes)
      case 6: try reader.string(&text, tag, bytes)
      case 7: try reader.bytes(&blob, tag, bytes)
      case 8: try reader.strings(&list, tag, bytes)
      case 16: try reader.int64(&optional, tag, bytes)
      case 17:
        var child = Sample()
        let outer = try reader.enter(tag, bytes)
        try child.read(&reader, bytes)
        reader.leave(outer)
        children.append(child)
      case 536_870_911: try reader.sint32(&zigzagSmall, tag, bytes)
      default: try reader.skip(tag, bytes)
      }
    }
  }

  func encoded(expecting: Int = 64) -> [UInt8] {
    var buffer: [UInt8] = []
    WireWriter.append(to: &buffer, expecting: expecting) { writer in write(&writer) }
    return buffer
  }

  static func decoded(_ bytes: [UInt8]) throws(WireError) -> Sample {
    let span = bytes.span
    var reader = try WireReader(span)
    var sample = Sample()
    try sample.read(&reader, span)
    return sample
  }

  static func random(_ generator: inout SeededGenerator, depth: Int = 0) -> Sample {
    func bits() -> UInt64 { generator.next() >> UInt64.random(in: 0...63, using: &generator) }
    var sample = Sample()
    sample.unsigned = bits()
    sample.signed = Int64(bitPattern: bits())
    sample.zigzag = Int64(bitPattern: bits()) &- Int64(bitPattern: bits())
    sample.small = Int32(truncatingIfNeeded: bits())
    sample.zigzagSmall = Int32(truncatingIfNeeded: bits())
    sample.fixed = bits()
    sample.text = String(repeating: "añ€𝄞\u{0}", count: Int.random(in: 0...40, using: &generator))
    sample.blob = (0..<Int.random(in: 0...200, using: &generator)).map { _ in UInt8(truncatingIfNeeded: bits()) }
    sample.list = (0..<Int.random(in: 0...3, using: &generator)).map { String($0) }
    sample.optional = Bool.random(using: &generator) ? Int64(bitPattern: bits()) : nil
    if depth < 3 {
      sample.children = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
        random(&generator, depth: depth + 1)
      }
    }
    return sample
  }
}

@Suite("Protobuf's wire format")
struct WireTests {
  /// Goal: bytes are protobuf's. Method: the examples of its documentation, by hand.
  @Test("fields have the documented bytes")
  func documented() {
    var sample = Sample()
    sample.unsigned = 150
    #expect(sample.encoded() == [0x08, 0x96, 0x01])
    sample = Sample()
    sample.text = "testing"
    #expect(sample.encoded() == [0x32, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    sample = Sample()
    sample.signed = -2
    #expect(sample.encoded() == [0x10, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    sample = Sample()
    sample.zigzag = -2
    #expect(sample.encoded() == [0x18, 0x03])
    sample = Sample()
    sample.fixed = 1
    #expect(sample.encoded() == [0x29, 1, 0, 0, 0, 0, 0, 0, 0])
    sample = Sample()
    sample.optional = 0
    #expect(sample.encoded() == [0x80, 0x01, 0x00])
    sample = Sample()
    sample.children = [Sample()]
    #expect(sample.encoded() == [0x8a, 0x01, 0x00])
    sample = Sample()
    sample.zigzagSmall = 1
    #expect(sample.encoded() == [0xf8, 0xff, 0xff, 0xff, 0x0f, 0x02])
    #expect(Sample().encoded().isEmpty)
  }

  @Test("what was written is read again, whatever the room expected at first")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<1000 {
      let sample = Sample.random(&generator)
      let bytes = sample.encoded(expecting: 0)
      #expect(bytes == sample.encoded(expecting: 1 << 16))
      #expect(try Sample.decoded(bytes) == sample)
    }
  }

  @Test("every length of a varint is written and read")
  func varints() throws {
    for shift in 0..<64 {
      for offset: UInt64 in [0, 1, UInt64.max] {
        var sample = Sample()
        sample.unsigned = (1 << UInt64(shift)) &+ offset
        // Behind other bytes and at the very end, so that both ways of reading are met.
        #expect(try Sample.decoded(sample.encoded()) == sample)
        sample.text = "some more bytes behind it"
        #expect(try Sample.decoded(sample.encoded()) == sample)
      }
    }
  }

  @Test("a nested message's length is patched right around every border")
  func lengths() throws {
    for length in [0, 1, 124, 125, 126, 127, 128, 129, 16_380, 16_381, 16_383, 16_384, 16_385, 65_536] {
      var child = Sample()
      child.blob = [UInt8](repeating: 7, count: length)
      var sample = Sample()
      sample.children = [child, Sample()]
      sample.zigzagSmall = -1
      #expect(try Sample.decoded(sample.encoded()) == sample)
    }
  }

  @Test("writing appends and leaves what is there alone")
  func appends() {
    var buffer: [UInt8] = [1, 2, 3]
    WireWriter.append(to: &buffer, expecting: 1) { writer in
      writer.string(6, String(repeating: "x", count: 300))
    }
    #expect(buffer.count == 3 + 3 + 300)
    #expect(Array(buffer[..<6]) == [1, 2, 3, 0x32, 0xac, 0x02])
  }

  @Test("a field beyond its limit is refused when it is read")
  func overlong() {
    var sample = Sample()
    sample.blob = [UInt8](repeating: 0, count: WireLimits.fieldBytes + 1)
    var buffer: [UInt8] = []
    WireWriter.append(to: &buffer, expecting: 64) { sample.write(&$0) }
    #expect(throws: WireError.tooLong) { try Sample.decoded(buffer) }
  }
}

@Suite("Hostile bytes")
struct HostileWireTests {
  @Test(
    "each kind of bad bytes has its error",
    arguments: [
      ([0x08], WireError.truncated), ([0x08, 0x80], .truncated), ([0x32, 0x05, 0x61], .truncated),
      ([0x29, 1, 2, 3], .truncated), ([0x00, 0x01], .malformed), ([0x07, 0x01], .malformed),
      ([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .malformed),
      ([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .malformed),
      ([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01], .malformed),
      ([0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .malformed),
      ([0x80, 0x80, 0x80, 0x80, 0x10], .malformed), ([0x4e, 0x01], .malformed), ([0x4f, 0x01], .malformed),
      ([0x32, 0x02, 0xc3, 0x28], .notUTF8), ([0x32, 0x03, 0xed, 0xa0, 0x80], .notUTF8),
      ([0x0d, 0, 0, 0, 0], .wrongWireType),
      ([0x30, 0x01], .wrongWireType), ([0x4c], .malformed), ([0x4b, 0x54], .malformed),
      ([0x4b, 0x48, 0x01], .truncated),
      ([0x4d, 0x00, 0x00], .truncated), ([0x49, 0x00], .truncated), ([0x4a, 0x7f], .truncated),
      ([0x32, 0xff, 0xff, 0xff, 0xff, 0x0f], .truncated),
    ] as [([UInt8], WireError)])
  func errors(bytes: [UInt8], error: WireError) {
    #expect(throws: error) { try Sample.decoded(bytes) }
  }

  @Test("unknown fields of every type are skipped, nested groups too")
  func unknown() throws {
    let bytes: [UInt8] = [
      0x48, 0x96, 0x01, 0x49, 1, 2, 3, 4, 5, 6, 7, 8, 0x4a, 0x02, 9, 9, 0x4d, 1, 2, 3, 4,
      0x4b, 0x53, 0x48, 0x01, 0x5b, 0x5c, 0x54, 0x4a, 0x01, 0x4c, 0x4c, 0x08, 0x05,
    ]
    #expect(try Sample.decoded(bytes).unsigned == 5)
  }

  @Test("depth is limited for messages and for unknown groups, together")
  func depth() throws {
    func nested(_ levels: Int, _ inner: [UInt8]) -> [UInt8] {
      (0..<levels).reduce(inner) { bytes, _ in
        var sample: [UInt8] = []
        WireWriter.append(to: &sample, expecting: 256) { writer in
          bytes.withUnsafeBytes { writer.raw(17, $0) }
        }
        return sample
      }
    }
    let groups = { (count: Int) in
      [UInt8](repeating: 0x4b, count: count) + [UInt8](repeating: 0x4c, count: count)
    }
    #expect(throws: Never.self) { try Sample.decoded(nested(WireLimits.depth, [])) }
    #expect(throws: WireError.tooDeep) { try Sample.decoded(nested(WireLimits.depth + 1, [])) }
    #expect(throws: Never.self) { try Sample.decoded(groups(WireLimits.depth)) }
    #expect(throws: WireError.tooDeep) { try Sample.decoded(groups(WireLimits.depth + 1)) }
    #expect(throws: WireError.tooDeep) { try Sample.decoded(nested(20, groups(13))) }
    #expect(throws: WireError.tooDeep) { try Sample.decoded([UInt8](repeating: 0x4b, count: 1 << 20)) }
  }

  @Test("a message, a list and a field beyond their limits are refused")
  func limits() {
    #expect(throws: WireError.tooLong) {
      try Sample.decoded([UInt8](repeating: 0x08, count: WireLimits.messageBytes + 1))
    }
    let elements = [[UInt8]](repeating: [0x42, 0x00], count: WireLimits.repeatedElements)
    #expect(throws: Never.self) { try Sample.decoded(Array(elements.joined())) }
    #expect(throws: WireError.tooMany) { try Sample.decoded(Array(elements.joined()) + [0x42, 0x00]) }
  }

  /// Goal: no bytes trap. Method: seeded mutations of valid messages; what is accepted must survive another round.
  @Test("mutated messages end in an error or in a message")
  func mutated() throws {
    var generator = SeededGenerator(seed: 2)
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = Sample.random(&generator, depth: 2).encoded()
      for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(0xff, at: index)
        default: bytes.removeLast(bytes.count - index)
        }
      }
      do throws(WireError) {
        let sample = try Sample.decoded(bytes)
        accepted += 1
        #expect(try Sample.decoded(sample.encoded()) == sample)
      } catch {
        #expect(error != .tooMany)
      }
    }
    #expect((100..<4500).contains(accepted))
  }
}
