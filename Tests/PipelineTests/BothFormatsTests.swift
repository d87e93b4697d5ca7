import Entity
import EventLog
import Events
import Foundation
import Marts
import Money
import Pipeline
import Privacy
import SQLite
import ShopDomain
import TestSupport
import Testing

/// Format 1 is what older captures wrote, and its log stays: what reads the log reads both.
@Suite("A log of both formats", .temporaryFolder) struct BothFormatsTests {
  /// Adds an event in a format, with the header that a later capture writes.
  private func add(
    _ payload: Payload<Person>, format: UInt32, key: RowKey<Person>? = nil, isDelete: Bool = false,
    to place: TopicPartition, _ world: World
  ) throws {
    var event = world.event(payload, on: place)
    event.envelope.format = format
    event.key = format > 1 ? key : event.key
    if isDelete { event.operation = .delete }
    let bytes = try world.encoded(event, for: place)
    var origin = event.origin
    if format > 1 { (origin.owner, origin.vault) = (4, 17) }
    world.addRaw(bytes.value, origin: origin.encoded, to: place)
  }

  private func filled() throws -> World {
    let world = try World()
    for id: Int64 in 1...4 {
      let format = UInt32(id % 2 + 1)
      try add(
        world.line(id, quantity: id), format: format, key: format > 1 ? RowKey(id) : nil, to: orders[0], world)
      try add(world.request("203.0.113.7"), format: format, to: weblog[0], world)
      try add(
        .heartbeat(Heartbeat(readUpTo: Timestamp(millis: id * 1_000))), format: format, to: orders[0], world)
    }
    try add(
      .orderLine(Change()), format: 2, key: RowKey(.personal(PersonalData("ada@example.org"))), isDelete: true,
      to: orders[0], world)
    try add(
      .rejected(Rejected(reason: "row.badNumber", detail: "quantity", raw: PersonalData("1x"))), format: 2,
      to: orders[0],
      world)
    // A row that forgot its key is no event.
    try add(world.line(9, quantity: 9), format: 2, to: orders[0], world)
    try world.cutAll()
    return world
  }

  /// Goal: a mart does not see in which format an event came. Method: rows, requests and heartbeats in turn; one address in both
  /// formats has one token.
  @Test("projections fold events of either format alike, and what breaks format 2 is left out with its reason")
  func folded() throws {
    let world = try filled()
    let reader = try world.project()
    #expect(
      try reader.database.rows("SELECT line, quantity FROM toy_lines ORDER BY line") { [$0.int64(0), $0.int64(1)] }
        == (1...4).map { [$0, $0] })
    #expect(try reader.database.rows("SELECT requests FROM toy_visits") { $0.int64(0) } == [4])
    let left = try reader.quarantine(limit: 10)
    #expect(left.map(\.reason) == ["row.badNumber", "event.undecodable"])
    #expect(left.map(\.detail) == ["quantity", EventError.missingField("Event.key").description])
    #expect(try reader.gaps().isEmpty)
    #expect(try reader.counts() == MartCounts(eventsIn: 15, applied: 13, quarantined: 2))
  }

  @Test("a tokenized copy shows the keys of format 2, and no address that was one")
  func copied() throws {
    let world = try filled()
    let vault = try Vault(path: world.folder + "/vault.sqlite", keyring: world.keyring, mode: .reader)
    let tokenizer = try Tokenizer(world.keyring, version: 1, vault: vault)
    let token = try tokenizer.token(of: PersonalData("ada@example.org"), field: .rowKey)
    var text = Data()
    _ = try Sanitizer(
      log: world.log, topics: [Topic.orders], sink: SanitizedLines { text += Data($0) }, domain: .shop(),
      tokenizer: tokenizer, tokenVersion: 1
    ).run(until: .atEnd(nil))
    let objects = try text.split(separator: 0x0a).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
    let lines = objects.filter { $0["kind"] as? String == "order_line" }
    #expect(lines.map { $0["key"] as? String } == ["1", "2", "3", "4", "token:" + token.hexadecimal])
    #expect(lines.last?["operation"] as? String == "delete" && lines.last?["before"] is NSNull)
    #expect(objects.filter { $0["kind"] as? String == "heartbeat" }.count == 4)
    #expect(!String(decoding: text, as: UTF8.self).contains("ada@"))
  }
}
