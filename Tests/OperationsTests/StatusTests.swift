import Capture
import Health
import Marts
import Money
import Operations
import Reports
import TestSupport
import Testing
import Workspace

/// What `millrace status` shows, as a value.
@Suite("Status of a workspace", .temporaryFolder)
struct StatusTests {
  @Test("a fresh workspace is not healthy, since no mart is built") func fresh() throws {
    let status = try TestWorld().status()
    #expect(!status.isHealthy)
    #expect(status.health.marts.allSatisfy { $0.generation == 0 && $0.reasons.count == 1 })
    #expect(status.capture.sources.map(\.name) == ["leads", "platform", "spend", "weblog"])
    #expect(status.capture.sources.allSatisfy { $0.epoch == 0 && $0.readUpTo == nil })
    #expect(status.replays.isEmpty && status.findings.quarantine.isEmpty)
  }

  @Test("after a capture the sources are known, and the marts are still missing") func captured() throws {
    let world = try TestWorld()
    try world.capture()
    let status = try world.status()
    #expect(!status.isHealthy && status.reasons.allSatisfy { $0.contains("not been built yet") })
    #expect(Set(status.capture.sources.map(\.name)).isSuperset(of: ["platform", "weblog", "leads"]))
    #expect(status.capture.undelivered == 0)
  }

  /// Goal: age is the only thing that the clock decides. Method: the same marts, looked at now and two hours later.
  @Test("a projected workspace is healthy, and stale two hours later") func projected() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let now = Workspace.clock().millis
    let status = try world.status(at: now)
    #expect(status.isHealthy, "\(status.reasons)")
    for mart in status.health.marts {
      #expect(mart.generation == 1 && mart.gaps == 0 && mart.counts.balances && mart.ageSeconds != nil, "\(mart.name)")
    }
    let later = try world.status(at: now + 2 * 3_600_000)
    #expect(!later.isHealthy && later.reasons.allSatisfy { $0.contains("old, the limit is 3600 s") })
    #expect(later.health.marts.map(\.counts) == status.health.marts.map(\.counts))
  }
}
