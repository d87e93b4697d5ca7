import Entity
import Events
import Foundation
import TestSupport
import Testing

/// Goal: the published contract and the code are one. Method: `protoc` compiles the contract; numbers, names and types are
/// held against the tables whose numbers the codecs use.
@Suite("The published contract", .enabled(if: PublishedContract.protoc != nil, "protoc is not installed"))
struct ContractTests {
  private static let messages: [any MessageFields.Type] = [
    EventField.self, EventOriginField.self, SourcePositionField.self, StateVersionField.self, DecimalField.self,
    SealedField.self, KeyField.self, KeyPartField.self, GuardedField.self, OrderField.self, OrderLineField.self,
    ProductField.self, CompanyField.self,
    SupplierPriceField.self, CustomerField.self, StoreField.self, CountryField.self, ExchangeRateField.self,
    StockField.self, ShipmentField.self, LeadField.self, ProductReturnField.self, WebRequestField.self,
    HeartbeatField.self, RejectedField.self,
    SpendField.self, DecisionField.self, LogPositionField.self, RecommendationField.self, RecommendationRowField.self,
  ]

  @Test("every field has the number, name and type that the code uses", .temporaryFolder)
  func fields() throws {
    let contract = try PublishedContract(descriptorSet: PublishedContract.compile(into: TemporaryFolder.path))
    var published: [String: String] = [:]
    for message in contract.messages where !message.name.hasSuffix("Change") {
      for field in message.fields {
        let shape = message.shape(of: field).map { "\($0)" } ?? "type \(field.type)"
        published["\(message.name).\(field.number)"] = "\(field.name) \(shape)"
      }
    }
    var used: [String: String] = [:]
    for message in Self.messages { used.merge(table(message)) { first, _ in first + " twice" } }
    // The engine's own two payloads stand in both tables, with the same numbers.
    used.merge(table(PayloadField.self)) { $0 == $1 ? $0 : $0 + " twice" }
    #expect(published == used)
  }

  @Test("every change holds its row before and after", .temporaryFolder)
  func changes() throws {
    let contract = try PublishedContract(descriptorSet: PublishedContract.compile(into: TemporaryFolder.path))
    let changes = contract.messages.filter { $0.name.hasSuffix("Change") }
    #expect(changes.count == 14)
    for change in changes {
      let row = FieldShape.message(String(change.name.dropLast("Change".count)))
      #expect(change.fields.map(\.name) == ["before", "after"])
      #expect(change.fields.map(\.number) == ChangeField.allCases.map { Int32($0.rawValue) })
      #expect(change.fields.map { change.shape(of: $0) } == [row, row])
    }
  }

  @Test("every enum has the numbers and names that the code uses", .temporaryFolder)
  func enumerations() throws {
    let contract = try PublishedContract(descriptorSet: PublishedContract.compile(into: TemporaryFolder.path))
    var published: [String: Int32] = [:]
    for enumeration in contract.enumerations {
      for value in enumeration.values where value.number != 0 { published[value.name] = value.number }
    }
    var used: [String: Int32] = [:]
    func add<Value: Named>(_ prefix: String, _: Value.Type) {
      for (value, name) in Value.names { used["\(prefix)_\(name.uppercased())"] = value.rawValue }
    }
    add("CHANNEL", Channel.self)
    add("ORDER_TYPE", OrderType.self)
    add("ORDER_STATUS", OrderStatus.self)
    add("CANCEL_REASON", CancelReason.self)
    add("OPERATION", EventOperation.self)
    add("CONTENT_ENCODING", ContentEncoding.self)
    used["CONTENT_ENCODING_PLAIN"] = nil
    for (name, field) in PersonalField.named { used["PERSONAL_KIND_\(name.uppercased())"] = Int32(field.rawValue) }
    #expect(published == used)
  }

  /// Goal: descriptors can be relied on. Method: hold them against the rows' own tables and the topics that capture writes.
  @Test("every entity has a descriptor with its topic, key and fields")
  func descriptors() throws {
    #expect(EntityDescriptor.all.count { $0.since == 1 } == PayloadField.allCases.count)
    for entity in EntityDescriptor.all {
      #expect(entity.topic.map(Topic.all.contains) ?? (entity.kind == .control), "\(entity.name)")
      #expect(Set(entity.key).isSubset(of: entity.fields.map(\.name)) && (entity.key.isEmpty || entity.kind == .row))
      guard let table = EventJSONSchema.rows.first(where: { $0.kind == entity.name }), entity.name != "decision" else {
        continue
      }
      let members = entity.fields.flatMap { field -> [String] in
        switch field.privacy {
        case .clear: [field.name]
        case .sealed: ["\(field.name)_token"]
        case .guarded: [field.name, "\(field.name)_token"]
        case .keyed: [field.name]
        }
      }
      #expect(table.members.map(\.name) == members)
    }
    let order = try #require(EntityDescriptor.all.first { $0.name == "order" })
    #expect(order.fields[0].privacy == .guarded(.taxNumber) && !order.fields[0].isRequired)
    #expect(order.fields[6].type == .word(["placed", "completed", "cancelled", "returned"]))
    #expect(order.fields[8].type == .date && order.fields[8].isRequired && order.fields[8].number == 10)
  }

  private func table<Fields: MessageFields>(_: Fields.Type) -> [String: String] {
    var result: [String: String] = [:]
    for field in Fields.allCases {
      result["\(Fields.message).\(field.rawValue)"] = "\(snakeCase("\(field)")) \(field.shape)"
    }
    return result
  }

  private func snakeCase(_ name: String) -> String {
    name.replacing("ID", with: "Id").reduce(into: "") { text, letter in
      text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
  }
}

/// Goal: any protobuf library reads what we write and writes what we read. Method: send random messages through Python's
/// protobuf and compare the bytes.
@Suite(
  "Conformance with Python's protobuf",
  .enabled(if: PublishedContract.protoc != nil, "protoc is not installed"),
  .enabled(if: Python.interpreter != nil, "no Python with the protobuf package: run tools/setup"))
struct ConformanceTests {
  @Test(
    "10,000 random events of each kind come back byte for byte in both formats", .temporaryFolder,
    arguments: 0..<RandomEvents.kinds)
  func events(kind: Int) throws {
    var random = RandomEvents(seed: 4242 + UInt64(kind))
    let events = (0..<10_000).map { random.event(kind: kind, format: $0.isMultiple(of: 2) ? 1 : 2) }
    let frames = events.map(\.encoded)
    let answers = try Python.echo("Event", frames, folder: TemporaryFolder.path)
    #expect(answers.count == frames.count)
    for (index, answer) in answers.enumerated() {
      if answer != frames[index] { Issue.record("event \(index) came back different") }
      if try Event.decoded(frames[index]) != events[index] { Issue.record("event \(index) reads differently") }
    }
  }

  @Test("10,000 random origins come back byte for byte", .temporaryFolder)
  func origins() throws {
    var generator = SeededGenerator(seed: 7)
    var frames: [[UInt8]] = []
    for index in 0..<10_000 {
      let shift = UInt64(index % 64)
      var origin = EventOrigin(source: "source \(index)", epoch: generator.next() >> shift, number: generator.next())
      if index % 3 == 0 { origin.owner = generator.next() >> shift }
      if index % 5 == 0 { origin.vault = generator.next() >> shift }
      frames.append(origin.encoded)
    }
    #expect(try Python.echo("EventOrigin", frames, folder: TemporaryFolder.path) == frames)
  }

  @Test("of mutated frames Python accepts all that we accept, and reads the same", .temporaryFolder)
  func mutated() throws {
    var mutator = FrameMutator(seed: 77)
    var accepted: [(frame: [UInt8], event: Event<SealedPerson>)] = []
    for _ in 0..<20_000 {
      let frame = mutator.next()
      if let event = try? Event.decoded(frame) { accepted.append((frame, event)) }
    }
    #expect(accepted.count > 1000)
    let answers = try Python.echo("Event", accepted.map(\.frame), folder: TemporaryFolder.path)
    #expect(answers.count == accepted.count)
    for (answer, ours) in zip(answers, accepted) {
      guard let answer else {
        Issue.record("Python refuses \(ours.frame)")
        continue
      }
      // Without unknown fields and in canonical order both writers must agree on every byte; but for rows, in which a
      // field that was the key says nothing any more, or another key in the older state.
      let mayNameTwo = ours.event.key != nil
      let isEqual = mayNameTwo ? (try? Event.decoded(answer)) == ours.event : answer == ours.event.encoded
      if !isEqual { Issue.record("Python reads \(ours.frame) differently") }
    }
  }
}

enum Python {
  /// An interpreter that can import protobuf: MILLRACE_TEST_PYTHON, the one that tools/setup makes, or the system's.
  static let interpreter: String? = {
    let candidates: [String?] = [
      ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"],
      PublishedContract.root.appending(path: ".build-tools/venv/bin/python3").path,
      "/usr/bin/python3",
    ]
    for case let candidate? in candidates where FileManager.default.isExecutableFile(atPath: candidate) {
      let code = "try:\n import google.protobuf\nexcept ImportError:\n raise SystemExit(1)"
      if (try? PublishedContract.run(candidate, ["-c", code])) != nil { return candidate }
    }
    return nil
  }()

  /// Sends all frames through one Python process; nil stands for a frame that Python refused.
  static func echo(_ message: String, _ frames: [[UInt8]], folder: String) throws -> [[UInt8]?] {
    let descriptors = try PublishedContract.compile(into: folder)
    var input: [UInt8] = []
    for frame in frames {
      input.append(UInt8(message.utf8.count))
      input.append(contentsOf: message.utf8)
      withUnsafeBytes(of: UInt32(frame.count).littleEndian) { input.append(contentsOf: $0) }
      input.append(contentsOf: frame)
    }
    try Data(input).write(to: URL(filePath: folder + "/input"))
    let script = PublishedContract.root.appending(path: "Tests/Peers/protobuf_echo.py").path
    try PublishedContract.run(
      interpreter ?? "python3", [script, descriptors, folder + "/input", folder + "/output"])

    let output = [UInt8](try Data(contentsOf: URL(filePath: folder + "/output")))
    var answers: [[UInt8]?] = []
    var position = 0
    while position + 5 <= output.count {
      let length = (1...4).reduce(0) { $0 | Int(output[position + $1]) << (($1 - 1) * 8) }
      let end = position + 5 + length
      guard end <= output.count else { break }
      answers.append(output[position] == 1 ? Array(output[(position + 5)..<end]) : nil)
      position = end
    }
    return answers
  }
}
