import Entity
import Events
import Foundation
import Money
import TestSupport
import Testing
import Wire

@Suite("Events and their bytes")
struct CodecTests {
  @Test(
    "random events of every kind survive encoding and decoding in both formats", arguments: 0..<RandomEvents.kinds,
    Formats.all)
  func roundTrip(kind: Int, format: UInt32) throws {
    var random = RandomEvents(seed: UInt64(kind))
    var buffer: [UInt8] = []
    for _ in 0..<300 {
      let event = random.event(kind: kind, format: format)
      buffer.removeAll(keepingCapacity: true)
      event.encode(into: &buffer)
      #expect(try Event.decoded(buffer) == event)
      #expect(buffer == event.encoded)
    }
  }

  @Test("encoding appends behind what the buffer holds")
  func appends() throws {
    var buffer: [UInt8] = [1, 2, 3]
    for sample in Samples.all { sample.event.encode(into: &buffer) }
    #expect(buffer == [1, 2, 3] + Samples.all.flatMap(\.event.encoded))
  }

  @Test("unknown fields and unknown enum numbers survive a newer writer")
  func newerWriter() throws {
    var event = Samples.all[0].event
    event.operation = EventOperation(rawValue: 99)
    event.payload = .order(Change(after: Samples.order(OrderStatus(rawValue: -5))))
    // Field 15, a string, that this version does not know.
    for format in Formats.all {
      event.envelope.format = format
      event.key = 4711
      #expect(try Event.decoded(event.encoded + [0x7a, 0x02, 0x68, 0x69]) == event)
    }
    #expect(event.operation.name == "unknown")
  }

  @Test("what an event cannot be without is asked for by name")
  func missing() {
    let whole = Samples.event(.heartbeat, .heartbeat(Heartbeat(readUpTo: Timestamp(millis: 0))))
    func error(_ edit: (inout Event<SealedPerson>) -> Void) -> EventError? {
      var event = whole
      edit(&event)
      return decodingError(event.encoded)
    }
    #expect(error { _ in } == nil)
    #expect(error { $0.source = "" } == .missingField("Event.source"))
    #expect(error { $0.epoch = 0 } == .missingField("Event.epoch"))
    #expect(error { $0.number = 0 } == .missingField("Event.number"))
    #expect(error { $0.payload = .store(Change()) } == .missingField("Change.after"))
    #expect(decodingError([]) == .missingField("Event.format"))
    #expect(decodingError([0x08, 0x03]) == .unknownFormat(3))
    #expect(decodingError(whole.encoded.dropLast(3)) == .missingField("Event.payload"))
  }

  @Test("an unknown payload, a doubled one and a doubled message are refused")
  func payloads() {
    let whole = Samples.event(.heartbeat, .heartbeat(Heartbeat(readUpTo: Timestamp(millis: 0)))).encoded
    // Field 98, a payload to come, in place of the empty heartbeat (field 30 has tag 0xe2 0x01 before it).
    #expect(Array(whole.suffix(3)) == [0xea, 0x01, 0x00])
    #expect(decodingError(Array(whole.dropLast(3)) + [0x92, 0x06, 0x00]) == .unknownPayload)
    #expect(decodingError(whole + [0xea, 0x01, 0x00]) == .repeatedField("Event.payload"))
    #expect(decodingError(whole + [0x3a, 0x00]) == .repeatedField("Event.version"))
  }

  @Test("a decimal's scale above 9 and a key that is not 16 bytes are out of range")
  func ranges() {
    var line = Samples.event(
      .create,
      .orderLine(
        Change(
          after: OrderLine(
            orderID: 1, productID: 1, quantity: 1, unitPrice: Decimal64(unscaled: 1, scale: 10)))))
    #expect(decodingError(line.encoded) == .outOfRange("Decimal.scale"))
    line.payload = .rejected(
      Rejected(reason: "r", detail: "", raw: SealedData(key: PersonKeyID(high: 0, low: 0), box: [])))
    var bytes = line.encoded
    // The 16 zero bytes end the event; their length stands before them, those of Sealed and Rejected before that.
    #expect(bytes.suffix(16).allSatisfy { $0 == 0 })
    bytes.removeLast()
    let end = bytes.count - 15
    bytes[end - 1] -= 1
    bytes[end - 3] -= 1
    bytes[end - 8] -= 1
    #expect(decodingError(bytes) == .outOfRange("Sealed.key"))
  }

  @Test("an event above the limits is refused, by a field of it or as a whole")
  func limits() {
    var event = Samples.event(.create, .webRequest(Samples.webRequest))
    event.source = String(repeating: "s", count: EventLimits.fieldBytes + 1)
    #expect(decodingError(event.encoded) == .tooLong)
    event.source = "weblog"
    event.flags = [String](repeating: String(repeating: "f", count: 60_000), count: 20)
    #expect(decodingError(event.encoded) == .tooLong)
  }

  @Test("the origin in a record's header names source, epoch and number")
  func origin() throws {
    var origin = EventOrigin(source: "platform", epoch: 3, number: 1 << 40)
    let plain = origin.encoded
    #expect(try EventOrigin(decoding: plain.span) == origin)
    // What is not told takes no byte: the header is what it was before there was anything to tell.
    #expect(plain == [0x0a, 8] + Array("platform".utf8) + [0x10, 3, 0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20])
    (origin.owner, origin.vault) = (7, 300)
    #expect(try EventOrigin(decoding: origin.encoded.span) == origin)
    #expect(origin.encoded == plain + [0x20, 7, 0x28, 0xac, 0x02])
    #expect(Samples.all[0].event.origin == EventOrigin(source: "platform", epoch: 1, number: 42))
    for bytes: [UInt8] in [
      [], [0x0a], [0x10, 0x01], origin.encoded.dropLast(), [0x0a, 0x01, 0xff, 0x10, 0x01, 0x18, 0x01],
    ] {
      #expect(throws: EventError.self) { try EventOrigin(decoding: bytes.span) }
    }
  }

  @Test("errors say what to do and never show content")
  func hints() {
    for error: EventError in [
      .truncated, .unknownPayload, .missingField("x"), .unknownFormat(9), .tooLong, .unknownEncoding(1),
      .foreignField("x"),
    ] {
      #expect(!error.hint.isEmpty && !error.description.isEmpty)
    }
  }

  /// Goal: no bytes trap, and one record has one reading. Method: 20,000 seeded mutations of valid frames; what is accepted
  /// is encoded and decoded again and must be the same event.
  @Test("mutated frames end in a typed error or in an event that survives another round")
  func fuzz() throws {
    var mutator = FrameMutator(seed: 20_261)
    var accepted = 0
    for _ in 0..<20_000 {
      let frame = mutator.next()
      guard let event = try? Event.decoded(frame) else { continue }
      accepted += 1
      if try Event.decoded(event.encoded) != event { Issue.record("another reading of \(frame)") }
    }
    #expect((1000..<19_000).contains(accepted))
  }

  private func decodingError(_ bytes: [UInt8]) -> EventError? {
    do throws(EventError) {
      _ = try Event.decoded(bytes)
      return nil
    } catch {
      return error
    }
  }
}

/// Valid frames with one to three seeded injuries each.
struct FrameMutator {
  private var random: RandomEvents
  private var frames: [[UInt8]]

  init(seed: UInt64) {
    random = RandomEvents(seed: seed)
    frames = (Samples.all + Samples.second).map(\.event.encoded)
    for kind in 0..<RandomEvents.kinds {
      for format in Formats.all {
        for _ in 0..<20 { frames.append(random.event(kind: kind, format: format).encoded) }
      }
    }
  }

  mutating func next() -> [UInt8] {
    var frame = frames[pick(frames.count)]
    for _ in 0...pick(3) where !frame.isEmpty {
      let index = pick(frame.count)
      switch pick(7) {
      case 0: frame[index] = UInt8(truncatingIfNeeded: random.generator.next())
      case 1: frame[index] ^= 1 << UInt8(pick(8))
      case 2: frame.remove(at: index)
      case 3: frame.insert([0x00, 0x7f, 0x80, 0xff][pick(4)], at: index)
      case 4: frame.removeLast(frame.count - index)
      case 5:
        let other = frames[pick(frames.count)]
        frame = Array(frame[..<index] + other[pick(other.count)...])
      default:
        let end = min(frame.count, index + pick(40))
        frame.insert(contentsOf: frame[index..<end], at: pick(frame.count))
      }
    }
    return frame
  }

  private mutating func pick(_ count: Int) -> Int { Int(random.generator.next() % UInt64(count)) }
}
