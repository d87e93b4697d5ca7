import Capture
import CaptureSupport
import EmbeddedLog
import Entity
import EventLog
import Events
import Foundation
import Money
import Privacy
import ShopSources
import TestSupport
import Testing

@Suite("Recorded decisions", .temporaryFolder)
struct DecisionRecorderTests {
  private func decision(_ period: String) -> Decision {
    Decision(
      kind: Decision.recommendation, by: "operator",
      inputs: [LogPosition(topic: Topic.orders, partition: 0, nextOffset: 12)],
      recommendation: Recommendation(
        period: period, firstDate: CivilDate(daysSinceEpoch: 20_000), lastDate: CivilDate(daysSinceEpoch: 20_029),
        currency: "USD", totalMinor: 100, expectedReturnMinor: 300, lowMinor: 200, highMinor: 400, warning: "",
        rows: [
          Recommendation.Row(
            market: "US", channel: "search", amountMinor: 100, expectedReturnMinor: 300, lowMinor: 200, highMinor: 400,
            reason: "the only row")
        ]))
  }

  private func record(_ period: String, _ bench: Bench, log: (any LogReader & LogWriter)? = nil) throws {
    // Only capture may write to the vault; a decision needs nothing from it.
    try DecisionRecorder.record(
      decision(period), at: bench.clock.now, workspace: bench.folder, partitions: 4, log: log ?? bench.log,
      keyring: bench.keyring,
      vault: Vault(path: bench.folder + "/vault.sqlite", keyring: bench.keyring, mode: .reader))
  }

  private func periods(_ bench: Bench) throws -> [String] {
    try bench.events("operator").sorted { $0.position.record < $1.position.record }.compactMap {
      if case .decision(let decision) = $0.payload { decision.recommendation?.period } else { nil }
    }
  }

  @Test("a decision is one event of the source operator, numbered without gaps, also while capture runs")
  func recorded() throws {
    let bench = try Bench(leads: true)
    let session = try bench.session()
    try record("2026-11", bench)
    try record("2026-12", bench)
    _ = try session.runOnce()
    #expect(try periods(bench) == ["2026-11", "2026-12"])
    let event = try #require(try bench.events("operator").first)
    #expect(event.payload == .decision(decision("2026-11")) && event.occurredAt == bench.clock.now)
    for numbers in try bench.numbers().values { #expect(numbers == Array(1...UInt64(numbers.count))) }
  }

  @Test("a decision that was finished and not delivered is sent by the next one, once", arguments: [false, true])
  func interrupted(arrived: Bool) throws {
    let bench = try Bench()
    try record("2026-10", bench)
    let failing = FailingLog(bench.log, [arrived ? .after : .before])
    #expect(throws: (any Error).self) { try record("2026-11", bench, log: failing) }
    #expect(try bench.status().undeliveredDecisions == 1)
    #expect(try bench.status().faults(isCapturing: true).count == 1)
    try record("2026-12", bench)
    let numbers = try bench.numbers().values.map { Array(Set($0)).sorted() }
    for numbers in numbers { #expect(numbers == Array(1...UInt64(numbers.count))) }
    #expect(Set(try periods(bench)) == ["2026-10", "2026-11", "2026-12"])
    #expect(try bench.status().undeliveredDecisions == 0)
  }
}
