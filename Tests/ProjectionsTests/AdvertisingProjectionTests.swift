import Enrichment
import Entity
import Events
import Marts
import Money
import Projections
import SQLite
import ShopMarts
import TestSupport
import Testing

@Suite("Spend and decisions", .temporaryFolder)
struct AdvertisingProjectionTests {
  private func mart(_ name: String = "mart") throws -> MartUnderTest {
    try MartUnderTest(.advertising, folder: TemporaryFolder.path + "/" + name)
  }

  private func spend(_ day: Int32, _ amount: Int64, channel: String = "search") -> Spend {
    Spend(
      date: CivilDate(daysSinceEpoch: day), market: "US", channel: channel, campaign: "spring", amountMinor: amount,
      currency: "USD")
  }

  @Test("the newest state of a row counts, in whatever order states arrive, and a deleted row stays deleted")
  func versions() throws {
    let events = [
      event(.spend(Change(after: spend(1, 100))), .create, version: 1),
      event(.spend(Change(before: spend(1, 100), after: spend(1, 200))), .update, version: 2),
      event(.spend(Change(after: spend(2, 50))), .create, version: 1),
      event(.spend(Change(before: spend(2, 50))), .delete, version: 3),
    ]
    var random = SeededGenerator(seed: 5)
    var first: String?
    for run in 0..<6 {
      let mart = try mart("run\(run)")
      for event in run == 0 ? events : events.shuffled(using: &random) {
        try mart.fold(input(event))
        if random.chance(50) { try mart.flush() }
      }
      try mart.flush()
      let dump = try mart.dump()
      #expect(dump == first ?? dump)
      first = dump
      #expect(try mart.rows("SELECT sum(amount_minor) FROM spend_days") == [["200"]])
      #expect(try mart.rows("SELECT count(*) FROM spend_days") == [["1"]])
    }
  }

  @Test("a channel that is on no list goes to quarantine")
  func unknownChannel() throws {
    let mart = try mart()
    #expect(throws: QuarantineReason("row.unknownValue", "spend.channel")) {
      try mart.fold(input(event(.spend(Change(after: spend(1, 100, channel: "billboard"))), .create, version: 1)))
    }
  }

  @Test("a recommendation that comes again is the same one")
  func recommendation() throws {
    let mart = try mart()
    let decision = Decision(
      kind: Decision.recommendation, by: "operator",
      inputs: [LogPosition(topic: Topic.orders, partition: 1, nextOffset: 7)],
      recommendation: Recommendation(
        period: "2026-11", firstDate: CivilDate(daysSinceEpoch: 20_758), lastDate: CivilDate(daysSinceEpoch: 20_787),
        currency: "USD", totalMinor: 100, expectedReturnMinor: 300, lowMinor: 200, highMinor: 400, warning: "",
        rows: [
          Recommendation.Row(
            market: "US", channel: "search", amountMinor: 100, expectedReturnMinor: 300, lowMinor: 200, highMinor: 400,
            reason: "why")
        ]))
    for _ in 0..<2 {
      try mart.fold(input(event(.decision(decision), .create, version: 1)))
      try mart.flush()
    }
    // Decisions of other kinds are nobody's business here.
    try mart.fold(input(event(.decision(Decision(kind: "erase", by: "operator")), .create, version: 2)))
    try mart.flush()
    #expect(
      try mart.rows("SELECT first_date, market, amount, expected_return, reason FROM recommendation_details") == [
        ["2026-11-01", "US", "1.00", "3.00", "why"]
      ])
    #expect(try mart.rows("SELECT next_offset FROM recommendation_inputs") == [["7"]])
  }
}
