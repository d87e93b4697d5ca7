import Entity
import Events
import Money
import TestSupport
import Testing
import Wire

@Suite("The two formats of events")
struct FormatTests {
  /// Goal: behind the reader of records there are names alone. Method: the same sample in both formats.
  @Test(
    "a record of either format names its entity, its system and where its content lies", arguments: Samples.all.indices)
  func records(index: Int) throws {
    let (name, event) = Samples.all[index]
    let (first, second) = (event.encoded, Samples.second[index].event.encoded)
    let old = try read(first)
    let new = try read(second)
    #expect(old.entity == name && new.entity == name)
    #expect(old.system == SourceName.platform && new.system == old.system)
    #expect(!old.range.isEmpty)
    // But for keys, which stood in the rows, and for an order's key that format 1 could not hold.
    if Samples.integers[name] == nil { #expect(first[old.range] == second[new.range]) }
    // Whoever reads the event finds the key in one place.
    #expect(try Event.decoded(first).key == event.key && (event.key != nil) == (new.key != nil))
    #expect(old.key == nil && new.key == Samples.second[index].event.key)
    #expect(old.envelope.format == 1 && new.envelope.format == 2)
    // Format 2 needs no table.
    #expect(try read(second, FormatOneEntities([])).entity == name)
  }

  @Test("the engine reads its own entities in both formats, and of others that they are others")
  func engineEntities() throws {
    let none = FormatOneEntities([])
    for samples in [Samples.all, Samples.second] {
      for (name, event) in samples where ["heartbeat", "rejected"].contains(name) {
        let bytes = event.encoded
        let record = try read(bytes, none)
        let (heartbeat, rejected) = (try Heartbeat(record, bytes.span), try Rejected(record, bytes.span))
        switch event.payload {
        case .heartbeat(let expected): #expect(heartbeat == expected && rejected == nil)
        case .rejected(let expected): #expect(rejected == expected && heartbeat == nil)
        default: Issue.record("\(name)")
        }
      }
    }
    let order = Samples.all[0].event.encoded
    #expect(throws: EventError.unknownPayload) { try read(order, none) }
    #expect(none.name(of: 15) == nil && none.name(of: 100) == nil && none.name(of: 28) == nil)
    #expect(PayloadField.entities.name(of: 28) == "web_request")
  }

  @Test("a delete by its key alone is a change with neither row, in format 2 only")
  func deleteByKey() throws {
    let event = Samples.deleteByKey
    let decoded = try Event.decoded(event.encoded)
    #expect(decoded.payload == .order(Change()) && decoded.key == RowKey(4711) && decoded.operation == .delete)
    let record = try read(event.encoded)
    #expect(record.mayLackRows && record.range.isEmpty)
    #expect(error(event) { $0.operation = .update } == .missingField("Change.after"))
    #expect(error(event) { $0.key = nil } == .missingField("Change.after"))
    #expect(
      error(event) {
        $0.envelope.format = 1
        $0.key = nil
      } == .missingField("Change.after"))
    // What happens once has no row that a key could stand for.
    #expect(error(event) { $0.payload = .heartbeat(Heartbeat(readUpTo: Timestamp(millis: 0))) } == nil)
  }

  @Test("a row of format 2 without a key, and an entity that is not known, are refused")
  func incomplete() {
    for (name, event) in Samples.second where event.key != nil && name != "delete_by_key" {
      #expect(error(event) { $0.key = nil } == .missingField("Event.key"), "\(name)")
    }
    #expect(error(record { $0.string(11, always: "parcel") }) == .unknownPayload)
    #expect(error(record { $0.string(11, always: "") }) == .missingField("Event.entity"))
    #expect(error(record { _ in }) == .missingField("Event.entity"))
  }

  @Test("content in an encoding that is not known is refused, the one that is kept for later among them")
  func encodings() {
    let order = Samples.second[0].event
    for (encoding, expected) in [
      (0, nil), (1, .unknownEncoding(1)), (2, .unknownEncoding(2)), (-1, .unknownEncoding(-1)),
    ] as [(Int64, EventError?)] {
      var bytes = order.encoded
      WireWriter.append(to: &bytes, expecting: 16) { $0.varint(14, always: UInt64(bitPattern: encoding)) }
      #expect(error(bytes) == expected)
    }
    #expect(ContentEncoding.zstandard.rawValue == 1 && ContentEncoding.zstandard.name == "zstandard")
  }

  /// Goal: one record has one reading. Method: fields of one format in a record of the other; every field twice.
  @Test("a record that mixes the formats, or says a thing twice, is refused")
  func mixed() {
    let (old, new) = (Samples.all[13].event.encoded, Samples.second[13].event.encoded)
    func with(_ bytes: [UInt8], _ write: (inout WireWriter) -> Void) -> EventError? {
      var bytes = bytes
      WireWriter.append(to: &bytes, expecting: 64, write)
      return error(bytes)
    }
    #expect(Samples.all[13].name == "heartbeat" && with(old) { _ in } == nil && with(new) { _ in } == nil)
    #expect(with(old) { $0.string(11, always: "heartbeat") } == .foreignField("Event.entity"))
    #expect(with(old) { $0.bytes(12, [8, 1]) } == .foreignField("Event.content"))
    #expect(with(old) { $0.key(13, RowKey(1)) } == .foreignField("Event.content"))
    #expect(with(old) { $0.varint(14, always: 1) } == .foreignField("Event.content"))
    #expect(with(new) { $0.bytes(29, [8, 1]) } == .foreignField("Event.payload"))
    #expect(with(new) { $0.bytes(98, [8, 1]) } == .foreignField("Event.payload"))
    #expect(with(new) { $0.bytes(12, [8, 1]) } == .repeatedField("Event.content"))
    let order = Samples.second[0].event.encoded
    #expect(with(order) { $0.key(13, RowKey(1)) } == .repeatedField("Event.key"))
  }

  @Test("a key without parts, a part without a value, with two, or of a wrong length is refused")
  func brokenKeys() {
    func key(_ write: @escaping (inout WireWriter) -> Void) -> EventError? {
      var bytes = Samples.second[0].event.encoded
      // The key of an order, which ends its record: tag, length, part's tag and length, integer's tag, two bytes.
      #expect(bytes.suffix(7) == [0x6a, 5, 0x0a, 3, 0x08, 0xce, 0x49])
      bytes.removeLast(7)
      WireWriter.append(to: &bytes, expecting: 256) { writer in
        let start = writer.begin(13)
        write(&writer)
        writer.end(start)
      }
      return error(bytes)
    }
    func part(_ write: @escaping (inout WireWriter) -> Void) -> EventError? {
      key { writer in
        let start = writer.begin(1)
        write(&writer)
        writer.end(start)
      }
    }
    #expect(part { $0.sint64(1, always: 4711) } == nil)
    #expect(key { _ in } == .missingField("Key.parts"))
    #expect(part { _ in } == .missingField("KeyPart.value"))
    #expect(
      part {
        $0.sint64(1, always: 0)
        $0.string(2, always: "")
      } == .repeatedField("KeyPart.value"))
    for count in [0, 15, 17] {
      #expect(
        part { $0.raw(3, [UInt8](repeating: 1, count: count).withUnsafeBytes(\.self)) } == .outOfRange("KeyPart.uuid"))
    }
    func several(_ count: Int) -> EventError? {
      key { writer in
        for _ in 0..<count {
          let start = writer.begin(1)
          writer.sint64(1, always: 0)
          writer.end(start)
        }
      }
    }
    #expect(several(EventLimits.keyParts) == nil && several(EventLimits.keyParts + 1) == .tooLong)
  }

  @Test("the version of a seal's tokens is kept, and 1 takes no byte")
  func tokenVersions() throws {
    for version: UInt32 in [1, 2, .max] {
      var sealed = Samples.sealed(1)
      sealed.tokenVersion = version
      let rejected = Rejected<SealedPerson>(reason: "r", detail: "", raw: sealed)
      let event = Samples.event(.rejected, .rejected(rejected))
      #expect(try Event.decoded(event.encoded).payload == .rejected(rejected))
      let plain = Samples.event(.rejected, .rejected(Rejected(reason: "r", detail: "", raw: Samples.sealed(1)))).encoded
      #expect((event.encoded == plain) == (version == 1))
    }
  }

  // MARK: Reading

  // A span cannot pass through the macros.
  private func read(
    _ bytes: [UInt8], _ entities: FormatOneEntities = PayloadField.entities
  ) throws(EventError) -> SealedRecord {
    try SealedRecord(decoding: bytes.span, entities)
  }

  private func error(_ event: Event<SealedPerson>, _ edit: (inout Event<SealedPerson>) -> Void) -> EventError? {
    var event = event
    edit(&event)
    return error(event.encoded)
  }

  private func error(_ bytes: [UInt8]) -> EventError? {
    do throws(EventError) {
      _ = try Event.decoded(bytes)
      return nil
    } catch {
      return error
    }
  }

  /// A record of format 2 that lacks an entity, and what is written behind it.
  private func record(_ write: (inout WireWriter) -> Void) -> [UInt8] {
    var bytes: [UInt8] = []
    WireWriter.append(to: &bytes, expecting: 256) { writer in
      writer.uint32(1, 2)
      writer.string(2, always: "platform")
      writer.uint64(3, 1)
      writer.uint64(4, 1)
      for field: UInt32 in [5, 7] { writer.end(writer.begin(field)) }
      write(&writer)
    }
    return bytes
  }
}
