import EmbeddedLog
import Failures
import Files
import Foundation
import Health
import Marts
import Money
import Operations
import TestSupport
import Testing
import Workspace

/// Backup and restoration as functions: no process, nothing printed.
@Suite("Backing up and restoring a workspace", .temporaryFolder)
struct BackupAndRestorationTests {
  private var folder: String { "\(TemporaryFolder.path)/backup" }
  private var restored: Workspace { Workspace(folder: "\(TemporaryFolder.path)/restored") }

  private func backUp(
    _ world: TestWorld, to folder: String? = nil, holdsKeys: Bool = true, holdsMarts: Bool = false
  ) throws -> Backup.Result {
    try Backup(
      workspace: world.workspace, configuration: world.configuration, target: BackupFolder(folder ?? self.folder),
      holdsKeys: holdsKeys, holdsMarts: holdsMarts, holdsLog: false
    ).run()
  }

  private func refusal(_ kind: Failure.Kind, _ words: String, _ body: () throws -> some Any) throws {
    let failure = try #require(throws: Failure.self) { try body() }
    #expect(failure.kind == kind && failure.message.contains(words), "\(failure.message)")
  }

  /// Goal: what comes back is what was there. Method: keys and configuration byte by byte, databases row by row, the log by the
  /// chain over all its records, and the marts by their figures.
  @Test("a restored workspace equals the one that was backed up") func roundTrip() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let result = try backUp(world, holdsMarts: true)
    let marts = try world.status().health.marts.map(\.name)
    #expect(result.newRecords > 0 && result.marts == marts)
    #expect(try backUp(world, holdsMarts: true).newRecords == 0, "a second backup copies what is new")

    let back = try Restoration(source: BackupFolder(folder), workspace: restored).run()
    #expect(back.marts == result.marts && back.records == result.newRecords && back.ownsLog && !back.movedLog)
    for (old, new) in [
      (world.workspace.masterKeyFile, restored.masterKeyFile),
      (world.workspace.configurationFile, restored.configurationFile),
    ] {
      #expect(try TestWorld.bytes(old) == TestWorld.bytes(new), "\(new)")
    }
    for (old, new) in [
      (world.workspace.vaultFile, restored.vaultFile), (world.workspace.captureFile, restored.captureFile),
    ] {
      #expect(try TestWorld.dump(old) == TestWorld.dump(new), "\(new)")
    }
    #expect(try TestWorld.ends(world.workspace.logFolder) == TestWorld.ends(restored.logFolder))
    let status = try WorkspaceStatus(of: restored, world.configuration, nowMillis: Workspace.clock().millis)
    #expect(status.isHealthy, "\(status.reasons)")
    #expect(try world.status().health.marts.map(\.counts) == status.health.marts.map(\.counts))
  }

  @Test("progress is told with a label and an end, and nothing is said otherwise") func progress() throws {
    let world = try TestWorld()
    try world.capture()
    var labels: Set<String> = []
    _ = try Backup(
      workspace: world.workspace, configuration: world.configuration, target: BackupFolder(folder), holdsKeys: true,
      holdsMarts: false, holdsLog: false
    ) { label, done, total in
      labels.insert(label)
      #expect(done <= total)
    }.run()
    #expect(labels == ["log"])
  }

  @Test("what would be no backup is refused, and nothing is made") func backupRefusals() throws {
    let world = try TestWorld()
    try refusal(.workspace, "nothing was captured") { try backUp(world) }
    #expect(!Files.exists(folder))
    try world.capture()
    try refusal(.usage, "inside the workspace") { try backUp(world, to: "\(world.workspace.folder)/backup") }
    try Files.makeFolder(folder)
    try Files.create("\(folder)/mine", with: [1], mode: 0o600)
    try refusal(.usage, "holds other things (mine)") { try backUp(world) }
  }

  @Test("a backup that is damaged, or lacks its keys, is not restored") func restorationRefusals() throws {
    let world = try TestWorld()
    try world.capture()
    func restore(keys: String? = nil, takesLog: Bool = false) throws -> Restoration.Result {
      try Restoration(
        source: BackupFolder(folder), workspace: restored, keyFolder: keys, takesLog: takesLog
      ).run()
    }
    try refusal(.workspace, "is no backup") { try restore() }
    let result = try backUp(world, holdsKeys: false)
    try refusal(.keys, "--keys DIR") { try restore() }
    try refusal(.keys, "no master.key") { try restore(keys: TemporaryFolder.path) }
    #expect(!Files.exists(restored.configurationFile))
    let vault = "\(folder)/\(result.manifest.state)/vault.sqlite"
    var bytes = try TestWorld.bytes(vault)
    bytes[bytes.count / 2] ^= 1
    try Files.replace(vault, with: bytes)
    try refusal(.workspace, "was altered since it was written") { try restore(keys: world.workspace.keyFolder) }
    #expect(!Files.exists(restored.vaultFile) && !Files.exists(restored.configurationFile))
    try Files.remove(vault)
    try refusal(.workspace, "is missing from the backup") { try restore(keys: world.workspace.keyFolder) }
    _ = try backUp(world)
    try refusal(.usage, "leave --keys out") { try restore(keys: world.workspace.keyFolder) }
    _ = try restore()
    try refusal(.usage, "is a workspace already") { try restore() }
  }
}
