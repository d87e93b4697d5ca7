import Concurrency
import EmbeddedLog
import Entity
import EventLog
import Events
import Foundation
import Marts
import Money
import Pipeline
import Privacy
import ShopDomain
import TestSupport
import Testing

@Suite("Tokenized copies", .temporaryFolder) struct SanitizerTests {
  /// A tokenizer as a process of its own would make it.
  private func tokenizer(_ world: World) throws -> Tokenizer {
    let vault = try Vault(path: world.folder + "/vault.sqlite", keyring: world.keyring, mode: .reader)
    return try Tokenizer(world.keyring, version: world.keyring.tokenVersion, vault: vault)
  }

  @discardableResult
  private func copy(
    _ log: any LogReader, to target: MemoryLog, _ world: World, tokenVersion: Int = 1,
    until rule: StopRule = .atEnd(nil)
  ) throws -> Int64 {
    try Sanitizer(
      log: log, topics: nil, sink: SanitizedCopy(target: target, tokenVersion: tokenVersion),
      domain: .shop(), tokenizer: tokenizer(world), tokenVersion: tokenVersion
    ).run(until: rule)
  }

  private func lines(_ world: World, topics: [String]? = nil) throws -> [[String: Any]] {
    var text = Data()
    _ = try Sanitizer(
      log: world.log, topics: topics, sink: SanitizedLines { text += Data($0) },
      domain: .shop(), tokenizer: tokenizer(world), tokenVersion: 1
    ).run(until: .atEnd(nil))
    return try text.split(separator: 0x0a).map { try object(Array($0)) }
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  /// Events of every fate in one partition, with good ones around them.
  private func fillWithFates(_ world: World) throws -> [(stage: String, reason: String)?] {
    let place = orders[0]
    func good(_ id: Int64) throws { try world.add(world.event(world.line(id, quantity: 1), on: place), to: place) }
    try good(1)
    let rejected = world.event(
      .rejected(Rejected(reason: "row.badNumber", detail: "quantity", raw: PersonalData("hidden ünique"))), on: place)
    try world.add(rejected, to: place)
    world.addRaw([0xff, 0xff], origin: EventOrigin(source: "platform", epoch: 1, number: 3).encoded, to: place)
    var bytes = try world.encoded(world.event(world.line(9, quantity: 1), on: place, number: 4), for: place)
    world.addRaw(bytes.value, origin: EventOrigin(source: "platform", epoch: 1, number: 5).encoded, to: place)
    world.addRaw([0xff], origin: [0xff], to: place)
    world.addRaw(nil, origin: nil, to: place)
    let order = world.event(
      .order(
        Change(
          after: Order(
            channel: .b2b, orderType: .sale, status: .placed, orderDate: CivilDate(daysSinceEpoch: 20_000),
            currency: "USD", shipToAddress: PersonalData("Main Street 1"), createdAt: Timestamp(millis: 0),
            updatedAt: Timestamp(millis: 0)))), key: 1, on: place, number: 6)
    bytes = try world.encoded(order, for: orders[1])
    world.addRaw(bytes.value, origin: bytes.origin, to: place)
    try world.add(world.event(world.line(10, quantity: 1_001), on: place, number: 7), to: place)
    try good(2)
    try world.add(world.event(.heartbeat(Heartbeat(readUpTo: Timestamp(millis: 1_000))), on: place), to: place)
    try world.cutAll()
    return [
      nil, ("capture", "row.badNumber"), ("decode", "event.undecodable"), ("decode", "event.originMismatch"),
      ("decode", "event.undecodable"), ("decode", "event.undecodable"), ("open", "seal.broken"),
      ("validate", "order.absurdQuantity"), nil, nil,
    ]
  }

  /// Goal: one record in, one object out, whatever the record is. Method: records of every fate; each object stands at its
  /// record's offset under its key, time and header, and what is rejected says so without content.
  @Test("each record has exactly one object at its own offset, and rejected ones show reason and sizes")
  func oneForOne() throws {
    let world = try World()
    let fates = try fillWithFates(world)
    let target = MemoryLog()
    #expect(try copy(world.log, to: target, world) == Int64(fates.count))
    let original = try world.log.read(orders[0], from: 0, maximumBytes: 1 << 20)
    let copied = target.records(TopicPartition("orders.tokenized", 0))
    #expect(copied.count == original.records.count && copied.count == fates.count)
    for (index, record) in original.records.enumerated() {
      let stored = copied[index]
      #expect(stored.offset == record.offset && stored.timestampMillis == record.timestampMillis)
      #expect(stored.key == Array(original.bytes[record.key]))
      #expect(stored.origin == record.origin.map { Array(original.bytes[$0]) })
      let object = try object(#require(stored.value))
      #expect(object["topic"] as? String == "orders" && object["offset"] as? Int64 == record.offset.rawValue)
      let rejection = object["rejected"] as? [String: Any]
      #expect(rejection?["stage"] as? String == fates[index]?.stage, "\(index)")
      #expect(rejection?["reason"] as? String == fates[index]?.reason, "\(index)")
      #expect((object["kind"] as? String == "rejected") == (fates[index] != nil))
      if let rejection {
        #expect(object["after"] is NSNull && object["before"] is NSNull)
        #expect(rejection["value_bytes"] as? Int == record.value?.count)
        #expect(!String(decoding: stored.value ?? [], as: UTF8.self).contains("hidden"))
      }
    }
    // "hidden ünique" is 14 bytes long.
    #expect((try object(copied[1].value ?? [])["rejected"] as? [String: Any])?["raw_bytes"] as? Int == 14)
    // The header was readable, the value was not: the number is kept.
    #expect(try object(copied[2].value ?? [])["event_id"] as? String == "platform/1/orders/0/3")
    #expect(try object(copied[4].value ?? [])["event_id"] is NSNull)
    #expect(
      (try object(copied[9].value ?? [])["after"] as? [String: Any])?["read_up_to"] as? String
        == "1970-01-01T00:00:01.000Z")
  }

  /// Goal: a copy counts what the marts count. Method: the same log through a mart; its quarantine holds the same offsets with
  /// the same stages and reasons.
  @Test("what a copy rejects is what a mart has in quarantine")
  func agreesWithMarts() throws {
    let world = try World()
    _ = try fillWithFates(world)
    let quarantine = try world.project().quarantine(limit: 100).map {
      "\($0.offset) \($0.stage) \($0.reason) \($0.detail)"
    }
    let rejected = try lines(world).compactMap { object -> String? in
      guard let rejection = object["rejected"] as? [String: Any] else { return nil }
      return
        "\(object["offset"] ?? "") \(rejection["stage"] ?? "") \(rejection["reason"] ?? "") \(rejection["detail"] ?? "")"
    }
    #expect(!rejected.isEmpty && rejected == quarantine)
  }

  /// Goal: a run that dies at any moment is gone on with exactly. Method: the target fails after a random number of records,
  /// in the middle of appends, again and again; what it holds at the end is byte for byte what one run gives.
  @Test("a copy that breaks at any record goes on to the same bytes", arguments: [1, 2, 3] as [UInt64])
  func resumes(seed: UInt64) throws {
    let world = try World()
    _ = try fillWithFates(world)
    for index in 0..<200 {
      try world.add(world.event(world.request("203.0.113.\(index)"), on: weblog[index % 3]), to: weblog[index % 3])
      if index % 17 == 0 { try world.cutAll() }
    }
    try world.cutAll()
    let whole = MemoryLog()
    #expect(try copy(world.log, to: whole, world) == 210)
    var random = SeededGenerator(seed: seed)
    let broken = MemoryLog()
    var breaks = 0
    while true {
      broken.budget = Int.random(in: 0...20, using: &random)
      do {
        try copy(world.log, to: broken, world)
        break
      } catch let error as LogError {
        #expect(error.kind == .storage)
        breaks += 1
      }
    }
    #expect(breaks >= 5)
    #expect(broken.all == whole.all)
    broken.budget = nil
    #expect(try copy(world.log, to: broken, world) == 0)
  }

  @Test("holes of the original stay holes, also at its end")
  func holes() throws {
    let world = try World()
    let source = MemoryLog()
    try source.ensureTopic(Topic.orders, partitions: 3)
    for (number, offset) in [3, 4, 9, 20].enumerated() {
      let event = world.event(world.line(Int64(number), quantity: 1), on: orders[0])
      let bytes = try world.encoded(event, for: orders[0])
      source.put(
        .init(offset: Offset(Int64(offset)), timestampMillis: 5, key: [1], value: bytes.value, origin: bytes.origin),
        in: orders[0])
    }
    source.endHole(at: 25, of: orders[0])
    let target = MemoryLog()
    #expect(try copy(source, to: target, world) == 4)
    let copied = TopicPartition("orders.tokenized", 0)
    #expect(target.records(copied).map(\.offset) == [3, 4, 9, 20])
    #expect(try target.copiedUpTo(copied) == 25)
    // Behind the hole nothing is there; the last record is still found and proved.
    #expect(try copy(source, to: target, world) == 0)
    #expect(throws: SanitizerError.self) { try copy(source, to: target, world, tokenVersion: 2) }
  }

  /// Goal: tokens that never match never stand in one topic, and no copy is continued from another log.
  @Test("a copy of another token version, another log, a cut or a shortened one is refused, and says what to do")
  func refuses() throws {
    let world = try World()
    for number in 1...5 {
      try world.add(world.event(world.line(Int64(number), quantity: 1), on: orders[0]), to: orders[0])
    }
    try world.cutAll()
    let target = MemoryLog()
    try copy(world.log, to: target, world)
    let before = target.all

    func refusal(_ body: () throws -> Void) -> SanitizerError? {
      do {
        try body()
        return nil
      } catch { return error as? SanitizerError }
    }
    let rotated = try #require(refusal { try copy(world.log, to: target, world, tokenVersion: 2) })
    #expect(rotated.kind == .otherCopy && rotated.description.contains("tokens of version 1"))
    #expect(rotated.hint.contains("delete the copy's topic"))

    // Another log of the same length: its records have other headers.
    let other = MemoryLog()
    try other.ensureTopic(Topic.orders, partitions: 3)
    for number in 6...10 {
      let bytes = try world.encoded(world.event(world.line(1, quantity: 1), on: orders[0]), for: orders[0])
      other.put(
        .init(
          offset: Offset(Int64(number)) - 6, timestampMillis: 5, key: [1], value: bytes.value, origin: bytes.origin),
        in: orders[0])
    }
    #expect(refusal { try copy(other, to: target, world) }?.kind == .notThisLog)
    other.earliest[orders[0]] = 6
    other.endHole(at: 7, of: orders[0])
    #expect(refusal { try copy(other, to: target, world) }?.kind == .positionGone)
    let short = MemoryLog()
    try short.ensureTopic(Topic.orders, partitions: 3)
    #expect(refusal { try copy(short, to: target, world) }?.kind == .notThisLog)

    let foreign = MemoryLog()
    try foreign.ensureTopic("orders.tokenized", partitions: 3)
    foreign.put(
      .init(offset: 0, timestampMillis: 5, key: [1], value: Array("{\"a\":1}".utf8), origin: nil),
      in: TopicPartition("orders.tokenized", 0))
    #expect(refusal { try copy(world.log, to: foreign, world) }?.kind == .otherCopy)
    #expect(target.all == before)
  }

  /// Goal: who was erased does not come back as a token. Method: the person's key is destroyed, and the id stands in for
  /// every token of theirs; a copy made before keeps its bytes.
  @Test("the id of a destroyed key stands in for an erased person's tokens")
  func erased() throws {
    let world = try World()
    try world.add(world.event(world.request("203.0.113.7"), on: weblog[0]), to: weblog[0])
    try world.cutAll()
    func after() throws -> [String: Any] { try #require(try lines(world).first?["after"] as? [String: Any]) }
    let alive = try after()
    #expect(alive["ip_token"] as? String != alive["user_token"] as? String)
    let id = try world.vault.key(for: [Subject("user", Array("maria".utf8))]).id
    _ = try world.vault.destroyIrrevocably(id)
    let name = Token(high: id.high, low: id.low).bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let erased = try after()
    #expect(erased["ip_token"] as? String == name && erased["user_token"] as? String == name)
    #expect(alive["path"] as? String == erased["path"] as? String)
  }

  /// Goal: a copy keeps the whole event. Method: a phone number that changes; its object has both.
  @Test("a change has the row before and the row after")
  func bothStates() throws {
    let world = try World()
    func customer(_ phone: String) -> Customer<Person> {
      Customer(phone: PersonalData(phone), country: "AR")
    }
    var event = world.event(.customer(Change(before: customer("1"), after: customer("2"))), key: 1, on: orders[0])
    event.operation = .update
    try world.add(event, to: orders[0])
    try world.cutAll()
    let object = try #require(try lines(world).first)
    let states = ["before", "after"].map { (object[$0] as? [String: Any])?["phone_token"] as? String }
    #expect(states[0] != nil && states[1] != nil && states[0] != states[1])
  }

  /// Goal: no object is longer than a record may be. Method: a text whose every byte takes six in JSON.
  @Test("an event whose object would be too long stands as rejected")
  func tooLong() throws {
    let world = try World()
    func lead(_ character: Character) -> Payload<Person> {
      let text = String(repeating: character, count: 60_000)
      func row() -> Lead<Person> {
        Lead(
          leadID: "L", createdAt: Timestamp(millis: 0), campaign: text, companyName: text, industry: text,
          leadSource: text, country: "US", status: "new", statusUpdatedAt: Timestamp(millis: 0))
      }
      return .lead(Change(before: row(), after: row()))
    }
    let place = TopicPartition(Topic.leads, 0)
    for character: Character in ["\u{1}", "x"] {
      try world.add(world.event(lead(character), on: place), to: place)
      try world.cutAll()
    }
    let objects = try lines(world)
    let rejection = try #require(objects[0]["rejected"] as? [String: Any])
    #expect(rejection["reason"] as? String == "event.tooLarge" && rejection["stage"] as? String == "copy")
    #expect(objects[0]["event_id"] as? String == "leads/1/leads/0/1")
    #expect(objects[1]["kind"] as? String == "lead")
  }

  @Test("a copy follows the log while live, finds new topics, survives a log that is away, and never copies copies")
  func live() throws {
    let world = try World()
    let target = MemoryLog()
    let source = MemoryLog()
    try source.ensureTopic(Topic.orders, partitions: 3)
    try source.ensureTopic("orders.tokenized", partitions: 3)
    func put(_ offset: Int64) throws {
      let bytes = try world.encoded(world.event(world.line(offset, quantity: 1), on: orders[0]), for: orders[0])
      source.put(
        .init(offset: Offset(offset), timestampMillis: 5, key: [1], value: bytes.value, origin: bytes.origin),
        in: orders[0])
    }
    try put(0)
    source.failingReads = 1
    let stop = StopFlag()
    // All on one thread: the sink adds to the log what comes next, and asks to stop at the end.
    let copy = SanitizedCopy(target: target, tokenVersion: 1)
    let sink = Following(copy) { batches in
      let taken = batches.reduce(0) { $0 + $1.records.count }
      if taken > 0, target.records(TopicPartition("orders.tokenized", 0)).count < 3 {
        try put(Int64(target.records(TopicPartition("orders.tokenized", 0)).count))
      } else if target.records(TopicPartition("orders.tokenized", 0)).count == 3 {
        stop.ask()
      }
    }
    let records = try Sanitizer(
      log: source, topics: nil, sink: sink, domain: .shop(), tokenizer: tokenizer(world), tokenVersion: 1
    ).run(until: .whenAsked(stop))
    #expect(records == 3)
    #expect(target.records(TopicPartition("orders.tokenized", 0)).map(\.offset) == [0, 1, 2])
    #expect(try target.topics() == ["orders.tokenized"])
  }

  @Test("lines begin and end where they are asked to")
  func lineLimits() throws {
    let world = try World()
    for number in 1...9 {
      try world.add(world.event(world.line(Int64(number), quantity: 1), on: orders[1]), to: orders[1])
      if number % 4 == 0 { try world.cutAll() }
    }
    try world.cutAll()
    func offsets(from: Offset, limit: Int?) throws -> [Int64] {
      var text = Data()
      _ = try Sanitizer(
        log: world.log, topics: [Topic.orders], partition: 1,
        sink: SanitizedLines(from: [orders[1]: from], limit: limit) { text += Data($0) },
        domain: .shop(), tokenizer: tokenizer(world), tokenVersion: 1
      ).run(until: .atEnd(nil))
      return try text.split(separator: 0x0a).map { try #require(try object(Array($0))["offset"] as? Int64) }
    }
    #expect(try offsets(from: 3, limit: 4) == [3, 4, 5, 6])
    #expect(try offsets(from: 5, limit: nil) == [5, 6, 7, 8])
    #expect(try offsets(from: 9, limit: nil) == [])
    #expect(throws: SanitizerError.self) { try offsets(from: 10, limit: nil) }
  }
}

/// A sink that hears of what another one took.
private final class Following: SanitizedSink {
  private let sink: any SanitizedSink
  private let heard: ([RecordBatch]) throws -> Void

  init(_ sink: any SanitizedSink, _ heard: @escaping ([RecordBatch]) throws -> Void) {
    self.sink = sink
    self.heard = heard
  }

  func begin(_ partitions: [TopicPartition], of log: any LogReader) throws -> [TopicPartition: Offset] {
    try sink.begin(partitions, of: log)
  }

  func take(_ batches: [RecordBatch]) throws -> Bool {
    let more = try sink.take(batches)
    try heard(batches)
    return more
  }
}
