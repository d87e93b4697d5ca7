import Capture
import Entity
import Events
import SQLite
import TestSupport
import Testing

@Suite("Platform database: old changes", .temporaryFolder)
struct PlatformPruningTests: PlatformSuite {
  /// Captures with the newest thousand changes kept.
  @discardableResult
  private func captureKeeping1000(_ bench: Bench) throws -> CaptureCounts {
    let clock = bench.clock
    let source = try PlatformSource(
      path: bench.platformPath, installsTriggers: true, keyring: bench.keyring, changeMargin: 1_000)
    return try CaptureSession(
      bench.configuration, sources: [source], log: bench.log, keyring: bench.keyring, vault: bench.vault,
      clock: { clock.now }
    ).runOnce()
  }

  private func change12000Rows(_ database: Database) throws {
    try database.execute(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
      INSERT INTO order_items(order_id, product_id, quantity, unit_price) SELECT 100, 7, 1, '1.00' FROM n
      """)
  }

  @Test("a change table that no longer reaches back begins a new epoch")
  func prunedTooFar() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute(Platform.order(200) + Platform.order(201) + "DELETE FROM millrace_changes WHERE seq = 1")
    try bench.capture()
    #expect(try bench.status().sources.first?.epoch == 2)
    #expect(try orders(bench).filter { $0.event.epoch == 2 }.count == 3)
  }

  @Test("delivered changes are pruned, the newest stay")
  func pruning() throws {
    let (bench, database) = try bench()
    try captureKeeping1000(bench)
    try change12000Rows(database)
    #expect(try captureKeeping1000(bench).events == 12_000)
    #expect(try database.integer("SELECT count(*) FROM millrace_changes") == 1_001)
    try database.execute(Platform.order(200))
    #expect(try captureKeeping1000(bench).events == 1)
    #expect(try bench.status().sources.first?.epoch == 1)
  }

  /// Goal: capture is never the second writer that the WAL-reset bug needs. Method: the same as above in WAL mode.
  @Test("nothing is pruned from a database in WAL mode where SQLite could lose its commits")
  func pruningInWAL() throws {
    let (bench, database) = try bench()
    try #require(database.string("PRAGMA journal_mode=WAL") == "wal")
    try captureKeeping1000(bench)
    try change12000Rows(database)
    #expect(try captureKeeping1000(bench).events == 12_000)
    let kept: Int64 = Database.hasWALResetBug ? 12_000 : 1_001
    #expect(try database.integer("SELECT count(*) FROM millrace_changes") == kept)
    for version: Int32 in [3_040_001, 3_044_005, 3_045_000, 3_050_006, 3_051_002] {
      #expect(Database.hasWALResetBug(version: version))
    }
    for version: Int32 in [3_044_006, 3_050_007, 3_051_003, 3_052_000] {
      #expect(!Database.hasWALResetBug(version: version))
    }
  }
}
