import Entity
import Events
import Foundation
import Money
import TestSupport
import Testing

@Suite("Events as JSON")
struct EventJSONTests {
  /// As an erased person's tokens: the key's id, so that other programs can tell which token must stand where.
  static func tokenized(_ event: Event<SealedPerson>) -> Event<PersonToken> {
    event.mapPersonal { sealed, _ in Token(high: sealed.key.high, low: sealed.key.low) }
  }

  static func bytes(
    _ event: Event<SealedPerson>, topic: String = "orders", partition: Int32 = 2, offset: Int64 = 17
  ) -> [UInt8] {
    var json = EventJSON(tokenVersion: 7)
    var bytes: [UInt8] = []
    json.append(tokenized(event), at: .init(topic: topic, partition: partition, offset: offset), to: &bytes)
    return bytes
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  /// Goal: consumers can rely on every byte. Method: an object of each kind is checked in. Set MILLRACE_WRITE_GOLDEN=1 to write
  /// the file of a new kind.
  @Test("an event of each kind has the object that was checked in", arguments: Samples.all.indices)
  func golden(index: Int) throws {
    let sample = Samples.all[index]
    let file = PublishedContract.root.appending(path: "Tests/Golden/json/v2/\(sample.name).json")
    let line = Self.bytes(sample.event) + [0x0a]
    if ProcessInfo.processInfo.environment["MILLRACE_WRITE_GOLDEN"] != nil,
      !FileManager.default.fileExists(atPath: file.path)
    {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(line).write(to: file)
    }
    #expect(String(decoding: line, as: UTF8.self) == (try String(contentsOf: file, encoding: .utf8)))
  }

  /// Goal: nothing in a text breaks a line, a terminal or a parser. Method: a text of every scalar that could, through a
  /// parser and back.
  @Test("every character survives, and none that could do harm stands as it is")
  func escaping() throws {
    var scalars = String.UnicodeScalarView()
    for value in Array(0...0x2ff) + Array(0x2000...0x206f) + [0xfeff, 0xfffd, 0xfffe, 0xffff, 0x1f642, 0x10ffff] {
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    let text = String(scalars)
    let event = Samples.event(.create, .store(Change(after: Store(city: text, state: "\\\"/é"))))
    let bytes = Self.bytes(event)
    let after = try #require(try object(bytes)["after"] as? [String: Any])
    #expect((after["city"] as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    #expect(after["state"] as? String == "\\\"/é")
    let written = try #require(String(validating: bytes, as: UTF8.self))
    for scalar in written.unicodeScalars {
      #expect(scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value))
      #expect(scalar.value != 0x2028 && scalar.value != 0x2029)
    }
    // In words of the standard, and no more of them than needed.
    #expect(written.contains("\\u0000\\u0001") && written.contains("\\t\\n\\u000b\\u000c\\r\\u000e"))
    #expect(
      written.contains("\\u2028\\u2029\u{202a}") && written.contains("\\u007f\\u0080")
        && written.contains("\\u009f\u{a0}"))
  }

  @Test("days and moments that other tools do not hold are null")
  func impossibleTimes() throws {
    func rate(_ days: Int32) throws -> Any? {
      let event = Samples.event(
        .delete,
        .exchangeRate(
          Change(before: ExchangeRate(date: CivilDate(daysSinceEpoch: days), currency: "EUR", rate: Samples.price))))
      return try (object(Self.bytes(event))["before"] as? [String: Any])?["date"]
    }
    #expect(try rate(0) as? String == "1970-01-01")
    #expect(try rate(2_932_896) as? String == "9999-12-31")
    for days in [-1, 2_932_897, .max, .min] as [Int32] { #expect(try rate(days) is NSNull) }
    var event = Samples.all[0].event
    for (millis, text) in [
      (0, "1970-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-1, nil),
      (253_402_300_800_000, nil), (.max, nil), (.min, nil),
    ] as [(Int64, String?)] {
      event.occurredAt = Timestamp(millis: millis)
      #expect(try object(Self.bytes(event))["occurred_at"] as? String == text)
    }
  }

  @Test("the beginning of an object tells what wrote it and of which record")
  func header() throws {
    for sample in Samples.all {
      let bytes = Self.bytes(sample.event, topic: "a.b-c_9", partition: 1023, offset: .max)
      let header = try #require(EventJSON.Header(bytes[...]))
      #expect(header.format == EventJSON.format && header.tokenVersion == 7)
      #expect(header.topic == "a.b-c_9" && header.partition == 1023 && header.offset == .max)
      for count in 0..<60 { #expect(EventJSON.Header(bytes.prefix(count)) == nil) }
    }
    #expect(EventJSON.Header(Array("{\"a\":1}".utf8)[...]) == nil)
  }

  /// Goal: no field is forgotten, in the order of the contract. Method: the names that the contract's field tables give, with
  /// the two rules for personal fields; a reference has one name for both of its forms, and a key of format 1 none.
  @Test("a row has every field of the contract under its name")
  func contract() {
    let moved: Set<String> = [
      "Order.order_id", "OrderLine.line_id", "Product.product_id", "Customer.customer_id", "Store.store_id",
      "Shipment.shipment_id",
    ]
    func members<Fields: MessageFields>(_: Fields.Type) -> [String] {
      Fields.allCases.flatMap { field -> [String] in
        let name = snakeCase("\(field)")
        if moved.contains("\(Fields.message).\(name)") { return [] }
        return switch field.shape {
        case .oneof(_, .message("Key")): []
        case .message("Sealed"): ["\(name)_token"]
        case .message("Guarded"): [name, "\(name)_token"]
        default: [name]
        }
      }
    }
    let expected = [
      members(OrderField.self), members(OrderLineField.self), members(ProductField.self), members(CompanyField.self),
      members(SupplierPriceField.self), members(CustomerField.self), members(StoreField.self),
      members(CountryField.self), members(ExchangeRateField.self), members(StockField.self),
      members(ShipmentField.self), members(LeadField.self), members(WebRequestField.self),
      members(HeartbeatField.self), members(SpendField.self),
      // A recommendation's fields stand flat beside the decision's.
      members(DecisionField.self).filter { $0 != "recommendation" } + members(RecommendationField.self),
      members(ProductReturnField.self),
    ]
    #expect(EventJSONSchema.rows.map { $0.members.map(\.name) } == expected)
    // Those of format 1, and what came after it.
    let kinds = PayloadField.allCases.map { snakeCase("\($0)") } + ["product_return"]
    #expect(EventJSONSchema.rows.map(\.kind) == kinds.filter { $0 != EventJSONSchema.rejection.kind })
    #expect(Samples.second.map { $0.event.payload.kind }.filter { $0 != "order" } == kinds.filter { $0 != "order" })
  }

  private func snakeCase(_ name: String) -> String {
    name.replacing("ID", with: "Id").reduce(into: "") { text, letter in
      text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
  }

  /// Goal: the objects are what the schema and the page say. Method: Python reads each event from its protobuf bytes, makes
  /// the object that the page's rules give, compares every member, and asks the schema.
  @Test(
    "Python finds in random objects of each kind what it finds in the events, and the schema agrees",
    .enabled(if: PublishedContract.protoc != nil, "protoc is not installed"),
    .enabled(if: Python.hasJSONSchema, "no Python with protobuf and jsonschema: run tools/setup --tests"),
    .temporaryFolder, arguments: 0..<RandomEvents.kinds)
  func peer(kind: Int) throws {
    let folder = TemporaryFolder.path
    var random = RandomEvents(seed: 99 + UInt64(kind))
    var input: [UInt8] = []
    func add(_ part: [UInt8]) {
      withUnsafeBytes(of: UInt32(part.count).littleEndian) { input.append(contentsOf: $0) }
      input += part
    }
    // The schema's checker takes two milliseconds for each.
    let count = Place.long ? 10_000 : 200
    for index in 0..<count {
      let event = random.event(kind: kind, format: index.isMultiple(of: 2) ? 1 : 2)
      add(event.encoded)
      add(Self.bytes(event, topic: "t-\(kind)", partition: Int32(index), offset: Int64(index) << 40))
    }
    for event in [Samples.all[min(kind, Samples.all.count - 1)].event, Samples.second[kind].event, Samples.deleteByKey]
    {
      add(event.encoded)
      add(Self.bytes(event))
    }
    try Data(input).write(to: URL(filePath: folder + "/pairs"))
    try EventJSONSchema.text.write(toFile: folder + "/schema.json", atomically: false, encoding: .utf8)
    let script = PublishedContract.root.appending(path: "Tests/Peers/json_compare.py").path
    let result = try ChildProcess.run(
      [
        Python.interpreter ?? "", script, try PublishedContract.compile(into: folder), folder + "/schema.json",
        folder + "/pairs",
      ], folder: folder)
    #expect(result.status == 0 && result.output == "\(count + 3)\n", "\(result.errors.suffix(3_000))")
  }
}

extension Python {
  static let hasJSONSchema: Bool = {
    guard let interpreter else { return false }
    return (try? PublishedContract.run(interpreter, ["-c", "from jsonschema import Draft202012Validator"])) != nil
  }()
}
