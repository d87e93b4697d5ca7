import EventLog
import Health
import Marts
import SQLite
import TestSupport
import Testing

@Suite("Health", .temporaryFolder)
struct HealthReportTests {
  private let rules = HealthRules()

  private func judge(
    age: Int64? = 10, counts: MartCounts = MartCounts(eventsIn: 1_000, applied: 995, quarantined: 0, duplicates: 5),
    gaps: UInt64 = 0, rules: HealthRules = HealthRules()
  ) -> [String] {
    rules.judge(name: "sales", generation: 1, ageSeconds: age, counts: counts, gaps: gaps).reasons
  }

  @Test("fresh, gapless, balanced and little in quarantine is healthy")
  func healthy() { #expect(judge().isEmpty) }

  @Test("an hour is fresh, a second more is not, an unknown age never is")
  func freshness() {
    #expect(judge(age: 3_600).isEmpty)
    #expect(judge(age: 3_601) == ["data are 3601 s old, the limit is 3600 s"])
    #expect(judge(age: nil) == ["no source has said yet how far it was read"])
  }

  @Test("a gap is unhealthy however small")
  func gap() { #expect(judge(gaps: 1) == ["1 numbered events have not come"]) }

  @Test("one percent in quarantine is the limit, and it can be set")
  func quarantine() {
    let atLimit = MartCounts(eventsIn: 1_000, applied: 990, quarantined: 10, duplicates: 0)
    let above = MartCounts(eventsIn: 1_000, applied: 989, quarantined: 11, duplicates: 0)
    #expect(judge(counts: atLimit).isEmpty)
    #expect(judge(counts: above) == ["11 of 1000 events are in quarantine, the limit is 1 %"])
    #expect(judge(counts: above, rules: HealthRules(quarantineLimitBasisPoints: 150)).isEmpty)
    #expect(
      judge(counts: atLimit, rules: HealthRules(quarantineLimitBasisPoints: 5)) == [
        "10 of 1000 events are in quarantine, the limit is 0.05 %"
      ])
  }

  @Test("counts that do not add up are unhealthy")
  func balance() {
    let lost = MartCounts(eventsIn: 1_000, applied: 998, quarantined: 0, duplicates: 1)
    #expect(judge(counts: lost).count == 1)
  }

  /// Goal: age, counts and gaps come from the mart's own bookkeeping. Method: a mart that received numbers 1, 2, 2 and 5,
  /// one of them bad, from a source read up to a known moment.
  @Test("a mart's bookkeeping is read as it stands")
  func reading() throws {
    let folder = TemporaryFolder.path
    let writer = try MartWriter(
      MartDirectory(marts: folder, name: "leads"),
      schema: MartSchema(name: "leads", meaning: "test", tables: [], views: []),
      identity: GenerationIdentity(parts: ["test": "1"]))
    var ledger = try writer.ledger()
    let partition = TopicPartition("leads", 0)
    let stream = ledger.stream(StreamKey(source: "leads", epoch: 1, partition: partition))
    for number in [1, 2, 2, 5] as [UInt64] where ledger.accept(number: number, in: stream) {
      if number == 5 {
        ledger.quarantine(
          QuarantineEntry(
            partition: partition, offset: 3, source: "leads", epoch: 1, number: 5, stage: "fold", reason: "test",
            detail: "", capturedAt: 0, valueHash: []), in: stream)
      } else {
        ledger.applied(in: stream)
      }
    }
    ledger.sourceRead("leads", partition, upTo: 50_000)
    ledger.sourceRead("leads", TopicPartition("leads", 1), upTo: 40_000)
    ledger.move(partition, to: LogAnchor(nextOffset: 4))
    ledger.know(TopicPartition("leads", 1))
    try writer.absorb(&ledger) { _ in }

    let sources = [MartSource("leads", topics: ["leads"])]
    let health = try HealthReport(
      marts: folder, names: ["leads", "sales"], sources: ["leads": sources], nowMillis: 100_999)
    #expect(!health.isHealthy)
    #expect(health.marts[0].ageSeconds == 60)
    #expect(health.marts[0].counts == MartCounts(eventsIn: 4, applied: 2, quarantined: 1, duplicates: 1))
    #expect(health.marts[0].gaps == 2)
    #expect(
      health.reasons == [
        "leads: 2 numbered events have not come",
        "leads: 1 of 4 events are in quarantine, the limit is 1 %",
        "sales: it has not been built yet; run `millrace project`",
      ])
    #expect(
      health.json() == """
        {
          "healthy": false,
          "reasons": [
            "leads: 2 numbered events have not come",
            "leads: 1 of 4 events are in quarantine, the limit is 1 %",
            "sales: it has not been built yet; run `millrace project`"
          ],
          "marts": [
            {"name": "leads", "generation": 1, "age_seconds": 60, "events_in": 4, "applied": 2, "quarantined": 1, \
        "open_quarantine": 1, "duplicates": 1, "gaps": 2},
            {"name": "sales", "generation": 0, "age_seconds": null, "events_in": 0, "applied": 0, "quarantined": 0, \
        "open_quarantine": 0, "duplicates": 0, "gaps": 0}
          ]
        }

        """)
  }

  @Test("a reason from elsewhere is enough to be not healthy, and is said first")
  func otherReasons() {
    let old = rules.judge(name: "sales", generation: 1, ageSeconds: 9_999, counts: MartCounts(), gaps: 0)
    var health = HealthReport(marts: [old])
    health.otherReasons = ["platform: the database is gone"]
    #expect(health.reasons.count == 2 && health.reasons[0] == "platform: the database is gone")
    health.marts = []
    #expect(!health.isHealthy)
    health.otherReasons = []
    #expect(health.isHealthy)
  }

  @Test("a mart is as old as unknown until each partition of each source has told, and says whom it waits for")
  func silentSources() throws {
    let folder = TemporaryFolder.path
    let writer = try MartWriter(
      MartDirectory(marts: folder, name: "sales"),
      schema: MartSchema(name: "sales", meaning: "test", tables: [], views: []),
      identity: GenerationIdentity(parts: ["test": "1"]))
    func reasons(_ sources: [MartSource]) throws -> [String] {
      try HealthReport(marts: folder, names: ["sales"], sources: ["sales": sources], nowMillis: 2_000).reasons
    }
    let platform = MartSource("platform", topics: ["orders", "catalog"])
    var ledger = try writer.ledger()
    for partition in [TopicPartition("orders", 0), TopicPartition("orders", 1), TopicPartition("catalog", 0)] {
      ledger.know(partition)
    }
    for partition in [TopicPartition("orders", 0), TopicPartition("catalog", 0)] {
      ledger.sourceRead("platform", partition, upTo: 1_000)
    }
    try writer.absorb(&ledger) { _ in }
    #expect(try reasons([platform]) == ["sales: source platform has not said yet how far it was read"])
    ledger.sourceRead("platform", TopicPartition("orders", 1), upTo: 1_000)
    ledger.move(TopicPartition("orders", 1), to: LogAnchor(nextOffset: 1))
    try writer.absorb(&ledger) { _ in }
    #expect(try reasons([platform]).isEmpty)
    let leads = MartSource("leads", topics: ["leads"])
    #expect(try reasons([platform, leads]) == ["sales: source leads has not said yet how far it was read"])
    // Nobody is awaited when all its sources are switched off; who is not known at all is.
    #expect(try reasons([]).isEmpty)
    #expect(
      try HealthReport(marts: folder, names: ["sales"], sources: [:], nowMillis: 2_000).reasons == [
        "sales: no source has said yet how far it was read"
      ])
  }
}
