import Entity
import Events
import Money
import TestSupport
import Testing

@Suite("Web requests read and written without an event in between")
struct ShortRoadTests {
  /// Goal: a request that the short reader takes is the one that the long reader makes. Method: random requests of every
  /// shape, plain ones among them, whole and damaged at one byte.
  @Test("what is read in place equals what is decoded, for whole and for damaged bytes")
  func reading() throws {
    var random = RandomEvents(seed: 41)
    var plain = 0
    for round in 0..<6_000 {
      var event = random.event(kind: 12)
      if round.isMultiple(of: 2) { event = ShortRoadTests.plainRequest(&random.generator) }
      event.envelope.format = round < 3_000 ? EventFormat.first : EventFormat.second
      var bytes = event.encoded
      if round % 3 == 2 {
        let index = Int.random(in: 0..<bytes.count, using: &random.generator)
        bytes[index] = UInt8.random(in: 0...255, using: &random.generator)
      }
      guard let short = WebRequestView(decoding: bytes.span) else {
        // Whole plain requests are never left to the long road.
        #expect(!round.isMultiple(of: 2) || round % 3 == 2)
        continue
      }
      plain += 1
      func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
      let long = try Event.decoded(bytes)
      guard case .webRequest(let request) = long.payload else {
        Issue.record("no web request")
        continue
      }
      #expect(
        text(short.envelope.source) == long.source && short.envelope.epoch == long.epoch
          && short.envelope.number == long.number)
      #expect(short.envelope.occurredAt == long.occurredAt && long.flags.isEmpty)
      #expect(text(short.path) == request.path && short.status == request.status && short.bytes == request.bytes)
      #expect(text(short.referrer) == request.referrer && text(short.userAgent) == request.userAgent)
      #expect(text(short.country) == request.country && text(short.utmSource) == request.utmSource)
      #expect(text(short.utmMedium) == request.utmMedium)
      #expect(short.envelope.format == long.envelope.format && long.key == nil)
      #expect(short.ip.key == request.ip.key && Array(bytes[short.ip.box]) == request.ip.box)
      #expect(short.ip.tokenVersion == request.ip.tokenVersion)
      #expect(short.user?.key == request.user?.key)
      #expect(short.user.map { Array(bytes[$0.box]) } == request.user?.box)
      #expect(throws: Never.self) { try ShortRoadTests.tokenized(long).validate() }
      // A span cannot pass through the macro.
      func isNamed(by origin: EventOrigin) -> Bool { short.envelope.isNamed(by: origin.encoded.span, in: bytes.span) }
      #expect(isNamed(by: long.origin))
      var other = long.origin
      (other.owner, other.vault) = (3, UInt64(round))
      #expect(isNamed(by: other))
      other.number &+= 1
      #expect(!isNamed(by: other))
      other = long.origin
      other.source += "x"
      #expect(!isNamed(by: other))
    }
    #expect(plain > 2_000)
  }

  @Test(
    "sealing while encoding gives the bytes of sealing and then encoding", arguments: 0..<RandomEvents.kinds,
    Formats.all)
  func writing(kind: Int, format: UInt32) throws {
    var random = RandomEvents(seed: 43)
    for _ in 0..<100 {
      let event =
        random.event(kind: kind, format: format).mapPersonal { sealed, _ in PersonalData(bytes: sealed.box) }
        as Event<Person>
      let seal = { (data: PersonalData, place: PersonalPlace) in
        SealedData(key: PersonKeyID(high: place.code, low: 7), box: data.bytes.reversed())
      }
      var bytes: [UInt8] = [9]
      try event.encode(into: &bytes, sealing: seal)
      #expect(bytes == [9] + (try event.sealingPersonal(seal)).encoded)
    }
  }

  private static func tokenized(_ event: Event<SealedPerson>) throws -> Event<PersonToken> {
    try event.tokenizingPersonal(.everything) { sealed, _ in Token(high: sealed.key.high, low: sealed.key.low) }
  }

  private static func plainRequest(_ generator: inout SeededGenerator) -> Event<SealedPerson> {
    func text(_ generator: inout SeededGenerator) -> String {
      String(repeating: "/a b?", count: Int.random(in: 0..<9, using: &generator))
    }
    func seal(_ generator: inout SeededGenerator) -> SealedData {
      SealedData(
        key: PersonKeyID(high: generator.next(), low: generator.next()),
        box: (0..<Int.random(in: 28..<60, using: &generator)).map { _ in UInt8(truncatingIfNeeded: generator.next()) },
        tokenVersion: generator.next() % 4 == 0 ? 2 : 1)
    }
    return Event(
      source: "weblog", epoch: 1, number: 1 + generator.next() % 1_000_000,
      position: SourcePosition(stream: "1:2", record: generator.next() % 1_000_000), operation: .create,
      version: StateVersion(major: 1, minor: 2),
      occurredAt: Timestamp(millis: Int64(generator.next() % 250_000_000_000_000)),
      capturedAt: Timestamp(millis: 1),
      payload: .webRequest(
        WebRequest(
          method: "GET", path: text(&generator), status: 200, bytes: Int64(generator.next() % 10_000),
          referrer: text(&generator), userAgent: text(&generator), country: "AR", ipPrefix: text(&generator),
          countryDataVersion: generator.next(), utmSource: text(&generator), utmMedium: text(&generator),
          utmCampaign: text(&generator), ip: seal(&generator),
          user: generator.next() % 2 == 0 ? seal(&generator) : nil)))
  }
}
