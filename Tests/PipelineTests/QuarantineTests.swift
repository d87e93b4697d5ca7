import Crypto
import Entity
import EventLog
import Events
import Foundation
import Marts
import Money
import Pipeline
import Privacy
import Projections
import SQLite
import TestSupport
import Testing

@Suite("What is left out of a mart", .temporaryFolder) struct QuarantineTests {
  /// Goal: one bad event never stops the stream, and each stage names itself. Method: one record of each kind between two
  /// good ones.
  @Test("each stage quarantines its own kind, with position, number and hash, and the rest is applied")
  func stages() throws {
    let world = try World()
    let place = orders[0]
    var offset: Offset = -1
    var expected: [(stage: String, reason: String, offset: Offset, number: Int64, value: [UInt8])] = []

    func good(_ id: Int64) throws {
      offset += 1
      try world.add(world.event(world.line(id, quantity: 1), on: place), to: place)
    }
    func bad(_ stage: String, _ reason: String, _ value: [UInt8], origin: [UInt8]?, number: Int64) {
      offset += 1
      world.addRaw(value, origin: origin, to: place)
      expected.append((stage, reason, offset, number, value))
    }
    try good(1)
    // A marker that capture put in place of what it could not read.
    let rejected = world.event(
      .rejected(Rejected(reason: "row.badNumber", detail: "quantity", raw: PersonalData("1x"))), on: place)
    var bytes = try world.encoded(rejected, for: place)
    bad("capture", "row.badNumber", bytes.value, origin: bytes.origin, number: 2)
    // Bytes that are no event, under a readable header.
    bad(
      "decode", "event.undecodable", [0xff, 0xff],
      origin: EventOrigin(source: "platform", epoch: 1, number: 3).encoded, number: 3)
    // A header that names another event.
    bytes = try world.encoded(world.event(world.line(9, quantity: 1), on: place, number: 4), for: place)
    bad(
      "decode", "event.originMismatch", bytes.value,
      origin: EventOrigin(source: "platform", epoch: 1, number: 5).encoded, number: 5)
    // Neither header nor value.
    bad("decode", "event.undecodable", [0xff], origin: [0xff], number: 0)
    // A seal moved here from another partition: the event is fine, its person does not open.
    let moved = world.event(
      .rejected(Rejected(reason: "x", detail: "", raw: nil)), on: place, number: 6)
    var order = moved
    order.operation = .create
    order.key = 1
    order.payload = .order(
      Change(
        after: Order(
          channel: .b2b, orderType: .sale, status: .placed, orderDate: CivilDate(daysSinceEpoch: 20_000),
          currency: "USD", shipToAddress: PersonalData("Main Street 1"), createdAt: Timestamp(millis: 0),
          updatedAt: Timestamp(millis: 0))))
    bytes = try world.encoded(order, for: orders[1])
    // Whoever wrote it may have named any number.
    bad("open", "seal.broken", bytes.value, origin: bytes.origin, number: 0)
    bytes = try world.encoded(world.event(world.line(10, quantity: 1_001), on: place, number: 7), for: place)
    bad("validate", "order.absurdQuantity", bytes.value, origin: bytes.origin, number: 7)
    bytes = try world.encoded(world.event(world.line(11, quantity: 66), on: place, number: 8), for: place)
    bad("fold", "toy.refused", bytes.value, origin: bytes.origin, number: 8)
    try good(2)
    try world.cutAll()

    let reader = try world.project()
    let rows = try reader.quarantine(limit: 100)
    #expect(rows.map(\.stage) == expected.map(\.stage))
    #expect(rows.map(\.reason) == expected.map(\.reason))
    #expect(rows.map(\.offset) == expected.map(\.offset))
    #expect(rows.map(\.number) == expected.map(\.number))
    #expect(rows.map(\.valueHash) == expected.map { SHA256.hash($0.value) })
    #expect(try reader.database.rows("SELECT line FROM toy_lines ORDER BY line") { $0.int64(0) } == [1, 2])
    // Number 4 stood in an event whose header said 5: 4 has not come, nor a 6 that opens, and health must say so.
    #expect(try reader.gaps().map(\.numbers) == [4...4, 6...6])
    let counts = try reader.counts()
    #expect(counts == MartCounts(eventsIn: 9, applied: 2, quarantined: 7))
    let all = rows.map(\.detail).joined() + rows.map(\.reason).joined()
    #expect(!all.contains("Main Street") && !all.contains("1x"))
  }

  /// Goal: no forged record stops a mart, keeps a good one out, or lets an old vault count living people as erased. Method:
  /// records under keys of a stranger's vault, with headers that tell of vaults of every age, on both roads.
  @Test("a seal under a key that was never made is left out and uses up no number; an old vault proves nothing")
  func foreignKeys() throws {
    let world = try World()
    let stranger = try Vault(path: world.folder + "/other.sqlite", keyring: world.keyring, mode: .writer)
    func forge(_ number: UInt64, on place: TopicPartition, vault: UInt64) throws {
      let event = world.event(
        place.topic == Topic.weblog
          ? world.request("203.0.113.9") : .rejected(Rejected(reason: "x", detail: "", raw: PersonalData("1x"))),
        on: place, number: number)
      var header = EventOrigin(source: event.source, epoch: 1, number: number)
      header.vault = vault
      world.addRaw(
        try world.encoded(event, for: place, under: stranger).value, origin: header.encoded, to: place)
    }
    func refusal() throws -> String {
      try world.cutAll()
      let error = #expect(throws: (any Error).self) { try world.project() }
      return error.map { "\($0)" } ?? ""
    }
    let place = weblog[0]
    try world.add(world.event(world.request("203.0.113.1"), on: place), to: place)
    try forge(2, on: place, vault: 1)
    try world.add(world.event(world.request("203.0.113.2"), on: place, number: 2), to: place)
    try world.cutAll()
    var reader = try world.project()
    var rows = try reader.quarantine(limit: 10)
    #expect(rows.map(\.reason) == ["seal.keyUnknown"] && rows.map(\.number) == [0] && rows.map(\.source) == ["weblog"])
    #expect(try reader.gaps().isEmpty)
    #expect(try reader.database.integer("SELECT sum(requests) FROM toy_visits") == 2, "the good one of its number")

    // The vault has one key, and the record's batch knew of two.
    try forge(3, on: place, vault: 2)
    #expect(try refusal().contains("the vault is older than the log"))
    _ = try world.vault.key(for: [Subject("user", [2])])
    try world.vault.commit()
    reader = try world.project()
    #expect(try reader.quarantine(limit: 10).map(\.reason) == ["seal.keyUnknown", "seal.keyUnknown"])

    // Nothing but its key's id tells the age of this one: it is made after the newest key of the vault. Ids tell
    // milliseconds, so one passes between two keys.
    Thread.sleep(forTimeInterval: 0.002)
    try stranger.destroyIrrevocably(stranger.key(for: [Subject("user", Array("maria".utf8))]).id)
    try forge(4, on: place, vault: 0)
    #expect(try refusal().contains("the vault is older than the log"))
    Thread.sleep(forTimeInterval: 0.002)
    _ = try world.vault.key(for: [Subject("user", [3])])
    try world.vault.commit()
    reader = try world.project()
    rows = try reader.quarantine(limit: 10)
    #expect(rows.count == 3 && rows.allSatisfy { $0.number == 0 && $0.stage == "open" })
  }

  @Test("a record without a value and one without a header are no reason to stop") func oddRecords() throws {
    let world = try World()
    world.addRaw(nil, origin: nil, to: orders[0])
    let bytes = try world.encoded(world.event(world.line(5, quantity: 2), on: orders[0]), for: orders[0])
    world.addRaw(bytes.value, origin: nil, to: orders[0])
    try world.cutAll()
    let reader = try world.project()
    #expect(try reader.quarantineCounts() == [QuarantineCount(stage: "decode", reason: "event.undecodable", count: 1)])
    #expect(try reader.quarantine(limit: 1).first?.valueHash == [])
    // Its numbers stand in the event itself.
    let stream = StreamKey(source: "platform", epoch: 1, partition: orders[0])
    #expect(try reader.countsByStream()[stream] == MartCounts(eventsIn: 1, applied: 1))
  }

  @Test("numbers beyond every range end in quarantine", arguments: [UInt64.max, UInt64(Int64.max) + 1])
  func hugeNumbers(number: UInt64) throws {
    let world = try World()
    try world.add(world.event(world.line(1, quantity: 1), on: orders[0], number: number), to: orders[0])
    try world.add(world.event(world.line(2, quantity: 1), on: orders[1], number: 1, epoch: number), to: orders[1])
    try world.cutAll()
    let reader = try world.project()
    #expect(
      try reader.quarantineCounts() == [QuarantineCount(stage: "decode", reason: "event.originMismatch", count: 2)])
    #expect(try reader.gaps().isEmpty)
  }

  /// Goal: what is sent again counts once, what was missing and comes late counts. Method: the same records appended again,
  /// and numbers left out and brought later, in a run of their own.
  @Test("records appended again are duplicates; a late number closes its gap") func duplicatesAndGaps() throws {
    let world = try World()
    let place = weblog[1]
    let events = (1...6).map { world.event(world.request("203.0.113.\($0 % 2)"), on: place, number: UInt64($0)) }
    for index in [0, 1, 4, 5] { try world.add(events[index], to: place) }
    try world.cutAll()
    var reader = try world.project()
    #expect(try reader.gaps().map(\.numbers) == [3...4])
    for index in [4, 2, 0, 2] { try world.add(events[index], to: place) }
    try world.cutAll()
    reader = try world.project()
    #expect(try reader.gaps().map(\.numbers) == [4...4])
    #expect(try reader.counts() == MartCounts(eventsIn: 8, applied: 5, duplicates: 3))
    #expect(try reader.database.integer("SELECT sum(requests) FROM toy_visits") == 5)
    #expect(try reader.database.integer("SELECT count(*) FROM toy_visits") == 2)
  }

  @Test("a new epoch numbers from 1 again without duplicates") func epochs() throws {
    let world = try World()
    for epoch: UInt64 in [1, 2] {
      try world.add(
        world.event(world.line(1, quantity: Int64(epoch)), on: orders[0], version: epoch, number: 1, epoch: epoch),
        to: orders[0])
    }
    try world.cutAll()
    let reader = try world.project()
    #expect(try reader.counts() == MartCounts(eventsIn: 2, applied: 2))
    #expect(try reader.database.integer("SELECT quantity FROM toy_lines") == 2)
  }

  @Test("heartbeats count as applied and alone move the source's age: events of a backlog say nothing of it")
  func heartbeats() throws {
    let world = try World()
    let moment = Timestamp(millis: 1_900_000_000_000)
    try world.add(world.event(.heartbeat(Heartbeat(readUpTo: moment)), on: orders[0]), to: orders[0])
    try world.add(world.event(world.line(1, quantity: 1), on: orders[1]), to: orders[1])
    try world.cutAll()
    let reader = try world.project()
    let ages = try reader.sourceAges()
    #expect(ages == [SourceAge(source: "platform", partition: orders[0], readUpTo: moment.millis)])
    #expect(try reader.counts() == MartCounts(eventsIn: 2, applied: 2))
  }

  @Test("a mart knows the partitions that have told nothing yet, empty ones too")
  func knowsSilentPartitions() throws {
    let world = try World()
    let reader = try world.project()
    #expect(Set(try reader.positions().keys) == Set(orders + weblog))
    let heartbeat = Payload<Person>.heartbeat(Heartbeat(readUpTo: Timestamp(millis: 7)))
    for partition in orders + weblog.dropLast() { try world.add(world.event(heartbeat, on: partition), to: partition) }
    try world.cutAll()
    #expect(
      try world.project().sourcesRead(MartDefinition.toy.sources) == SourcesRead(upTo: nil, silent: ["weblog"]))
    try world.add(world.event(heartbeat, on: weblog[2]), to: weblog[2])
    try world.cutAll()
    #expect(try world.project().sourcesRead(MartDefinition.toy.sources) == SourcesRead(upTo: 7, silent: []))
  }
}
