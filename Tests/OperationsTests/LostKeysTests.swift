import Capture
import Concurrency
import Failures
import Files
import Foundation
import Money
import Operations
import Pipeline
import Privacy
import SQLite
import ShopMarts
import TestSupport
import Testing
import Workspace

/// Goal: nothing is sealed or read with keys that are not the log's. Method: files of the vault are lost, aged and exchanged
/// between two runs; every road is tried, then the right file is put back.
@Suite("A vault that is lost, aged or exchanged", .temporaryFolder)
struct LostKeysTests {
  private static let suffixes = ["", "-wal", "-shm"]

  private func remove(_ path: String) {
    for suffix in Self.suffixes { try? FileManager.default.removeItem(atPath: path + suffix) }
  }

  /// Two customers more, so that the next capture makes keys.
  private func meet(_ first: Int, _ world: TestWorld) throws {
    try Database(world.workspace.resolve("sources/platform.sqlite"), .readWrite).execute(
      """
      INSERT INTO customers SELECT id + \(first), company_cuit, 'D' || id, 'u\(first)-' || id, full_name,
        'm\(first)-' || id || '@x.example', phone, birth_date, country, address, payment_card
      FROM customers WHERE id < 1000 LIMIT 2
      """)
  }

  /// What each road says to the vault as it stands; nothing may be written beside it.
  private func expectRefusal(_ words: String, _ world: TestWorld, location: SourceLocation = #_sourceLocation) throws {
    let logBefore = try TestWorld.ends(world.workspace.logFolder)
    let roads: [(String, () throws -> Void)] = [
      ("capture", { try world.capture() }), ("project", { try world.project() }),
      ("sanitize", { _ = try world.workspace.tokenizer() }),
      (
        "replay",
        {
          let setups = try world.workspace.replaySetups(
            Shop.marts, world.configuration, archive: nil, workers: 1, stop: StopFlag())
          _ = try setups[0].tokenizer()
        }
      ),
    ]
    for (name, road) in roads {
      let error = #expect(throws: (any Error).self, "\(name)", sourceLocation: location) { try road() }
      #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(name)", sourceLocation: location)
    }
    #expect(try TestWorld.ends(world.workspace.logFolder) == logBefore, sourceLocation: location)
    let reasons = try world.status().reasons
    #expect(reasons.contains { $0.hasPrefix("keys:") && $0.contains(words) }, "\(reasons)", sourceLocation: location)
  }

  @Test("the vault that is missing, an older copy, or another one stops every road, and status says it")
  func vaults() throws {
    let world = try TestWorld()
    let vault = world.workspace.vaultFile
    let (older, newest) = ("\(TemporaryFolder.path)/older", "\(TemporaryFolder.path)/newest")
    try world.capture()
    try world.project()
    try Database(vault, .readOnly).copy(to: older)
    try meet(50_000, world)
    try world.capture()
    try Database(vault, .readOnly).copy(to: newest)
    func put(_ file: String?) throws {
      remove(vault)
      if let file { try FileManager.default.copyItem(atPath: file, toPath: vault) }
    }
    try meet(60_000, world)

    try put(nil)
    try expectRefusal("is missing", world)
    #expect(!Files.exists(vault), "no empty one is made beside the log")
    try put(older)
    try expectRefusal("older copy", world)
    let stranger = try TestWorld("stranger")
    try stranger.capture()
    // Its keys are of another master key, which is what is seen first; under the same one it lacks the newest key.
    try put(stranger.workspace.vaultFile)
    try expectRefusal("made under another master key", world)

    try put(newest)
    try world.capture()
    try world.project()
    let status = try world.status()
    // Of the refused runs the ledger tells until a job of its own has ended well.
    #expect(status.reasons.allSatisfy { $0.contains("its last run") }, "\(status.reasons)")
  }

  @Test("a lost vault is noticed where capture.sqlite is lost, too, or was written by an earlier build")
  func withoutMark() throws {
    let world = try TestWorld()
    try world.capture()
    let outbox = "\(world.workspace.folder)/capture.sqlite"
    try Database(outbox, .readWrite).run("DELETE FROM facts WHERE name = 'vault'")
    remove(world.workspace.vaultFile)
    var error = #expect(throws: PrivacyError.self) { try world.capture() }
    #expect(error?.kind == .keyMissing)
    remove(outbox)
    error = #expect(throws: PrivacyError.self) { try world.capture() }
    #expect(error?.cause.contains("is missing") == true && !Files.exists(world.workspace.vaultFile))
  }
}
