import Advertising
import Capture
import Concurrency
import Failures
import Files
import Money
import Operations
import SQLite
import Simulator
import TestSupport
import Testing
import Workspace

/// What `millrace simulate` and `millrace budget evaluate` do, as functions.
@Suite("Simulated systems", .temporaryFolder)
struct SimulationTests {
  private func orders(_ world: TestWorld) throws -> Int64 {
    try Database("\(world.workspace.sourcesFolder)/platform.sqlite", .readOnly).integer("SELECT count(*) FROM orders")
      ?? 0
  }

  @Test("systems are built once, and a second build touches nothing") func build() throws {
    let world = try TestWorld()
    #expect(Files.exists(world.workspace.truthFile))
    let before = try orders(world)
    #expect(before == 60)
    let plan = SimulationPlan(until: try #require(CivilDate("2026-10-31")), days: 60, orders: 90)
    let error = #expect(throws: SimulatorError.self) { try SimulatedSources(world.workspace).build(plan) }
    #expect(error.map { Failure(explaining: $0).kind } == .source)
    #expect(try orders(world) == before)
  }

  /// Goal: what `--live` produces arrives. Method: stop after the first events, and count them in the platform's database
  /// and in what capture reads then.
  @Test("kept busy until asked to stop, they produce events that capture reads") func live() throws {
    let world = try TestWorld()
    try world.capture()
    let before = try orders(world)
    let stop = StopFlag()
    let hasBegun = Lock(false)
    let produced = try SimulatedSources(world.workspace).keepBusy(
      seed: 3, ratePerSecond: 5_000, stop: stop, begun: { hasBegun.withLock { $0 = true } },
      progress: { if $0 >= 400 { stop.ask() } })
    #expect(hasBegun.withLock { $0 } && produced >= 400)
    #expect(try orders(world) > before)
    let captured = try world.workspace.captureSession(world.configuration, stop: StopFlag(), waits: false).runOnce()
    #expect(captured.events >= produced)
  }

  @Test("without systems there is nothing to keep busy") func nothingBuilt() throws {
    let workspace = Workspace(folder: "\(TemporaryFolder.path)/empty")
    try workspace.create()
    var hasBegun = false
    let error = try #require(throws: Failure.self) {
      try SimulatedSources(workspace).keepBusy(
        seed: 1, ratePerSecond: 1, stop: StopFlag(), begun: { hasBegun = true })
    }
    #expect(error.kind == .source && error.message.contains("build them first") && !hasBegun)
  }

  @Test("other country data than the two text files cannot place visitors") func countryData() throws {
    let workspace = Workspace(folder: "\(TemporaryFolder.path)/one")
    try workspace.create()
    let text = String(decoding: try Files.read(workspace.configurationFile, limit: 1 << 20).bytes, as: UTF8.self)
    let paths = try workspace.configuration().countryData
    let changed = text.replacing(", \(paths[1])", with: "")
    try Files.replace(workspace.configurationFile, with: Array(changed.utf8), mode: 0o600)
    try #require(workspace.configuration().countryData.count == 1)
    #expect(try #require(throws: Failure.self) { try SimulatedSources(workspace) }.kind == .configuration)
  }

  @Test("a trial of the planner covers its seeds, and gives the same figures again") func trial() throws {
    let trial = PlannerTrial(seeds: 1_001...1_003, weeks: 40, markets: 1, channels: 3)
    let summary = trial.run()
    #expect(summary.outcomes.map(\.seed) == [1_001, 1_002, 1_003] && summary.outcomes.allSatisfy { $0.rows == 3 })
    #expect(summary.overall.companies == 3 && summary.families.map(\.figures.companies).reduce(0, +) == 3)
    for outcome in summary.outcomes { #expect(outcome.planRatio > 0.5 && outcome.planRatio <= 1.000_001) }
    let again = trial.run()
    #expect(summary.outcomes.map(\.planReturn) == again.outcomes.map(\.planReturn))
    let other = PlannerTrial(seeds: 1_001...1_001, weeks: 40, explorationShare: 1, markets: 1, channels: 3).run()
    #expect(other.outcomes[0].planReturn == other.outcomes[0].equalReturn, "all of it explores")
  }
}
